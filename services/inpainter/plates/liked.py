"""The styles that people like, as they were announced: what they stand for, and what ideas they give. Pure."""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from services.inpainter.plates.attributes import words_of
from services.inpainter.prompt.parsing import parse_prompt
from services.inpainter.prompt.scene_attributes import SceneAttributes
from shared.contracts.events import StyleMined, StylePlate
from shared.contracts.styles import Light, Plate

MINED = "mined-"  # how the ids of plates begin that are pictures people liked
Z_95 = 1.96


@dataclass(frozen=True, kw_only=True)
class LikedStyle:
    """A mined style. `ideas`: what its pictures show, the best liked first; `on`: plates that they were painted from;
    `base`: the rate of all pictures."""

    name: str
    rate: float
    low: float
    high: float
    base: float
    ideas: tuple[str, ...]
    plates: tuple[Plate, ...]
    on: frozenset[str]

    @classmethod
    def of(cls, event: StyleMined) -> "LikedStyle":
        """What the event says of it."""
        found = event.evidence
        captions = tuple(dict.fromkeys(one.caption for one in event.examples if one.caption))
        return cls(
            name=event.style,
            rate=found.rate,
            low=found.low,
            high=found.high,
            base=found.rate / found.lift if found.lift > 0 else found.rate,
            ideas=captions or (", ".join(event.words[:3]),),
            plates=tuple(_plate(event, plate) for plate in event.plates),
            on=frozenset(name for one in event.examples for name in (one.plate or "").split("+") if name),
        )

    @property
    def words(self) -> frozenset[str]:
        """The words of its name."""
        return frozenset(words_of(self.name))

    @property
    def liking(self) -> float:
        """How much more it is surely liked than all are: 0 for not at all, towards 1."""
        return max(0.0, 1 - self.base / self.low) if self.low > 0 else 0.0


def _plate(event: StyleMined, plate: StylePlate) -> Plate:
    """A picture that people liked, its words read as prompts are: the announcement names surface and light seldom."""
    caption = next(iter(plate.captions), event.style)
    seen = parse_prompt(caption)
    return Plate(
        id=f"{MINED}{plate.image.sha256[:12]}",
        style=event.style,
        file=plate.image.key,
        width=plate.image.width or 1,
        height=plate.image.height or 1,
        view=plate.view,
        surface_line=plate.surface_line,
        light=_light(plate.light, seen),
        surface=plate.surface or _said(seen.surface_colour, seen.surface_variant or seen.surface),
        backdrop=plate.backdrop or _said(seen.backdrop_colour, seen.backdrop),
        words=event.words,
        captions=plate.captions,
    )


def _light(light: Light, seen: SceneAttributes) -> Light:
    read = {"colour": seen.light_colour, "direction": seen.light_direction, "hardness": seen.hardness}
    return light.model_copy(update={name: value for name, value in read.items() if value is not None})


def _said(colour: str | None, thing: str | None) -> str | None:
    return " ".join(word for word in (colour, thing) if word) or None


@dataclass
class LikedStyles:
    """The newest that was heard of each style; a retired one is remembered by its number alone."""

    styles: dict[str, LikedStyle] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)

    def learn(self, event: StyleMined) -> Literal["learned", "retired", "outdated"]:
        """Take it over unless a newer one was heard."""
        if event.revision <= self.revisions.get(event.style, -1):
            return "outdated"
        self.revisions[event.style] = event.revision
        if event.retired:
            self.styles.pop(event.style, None)
            return "retired"
        self.styles[event.style] = LikedStyle.of(event)
        return "learned"

    def liking(self, prompt: str) -> float:
        """How much the best liked style that a prompt speaks of is liked."""
        said = frozenset(words_of(prompt))
        return max((style.liking for style in self.styles.values() if style.words <= said), default=0.0)

    def ideas(self, count: int, seed: int) -> list[str]:
        """At most `count` different prompts of liked styles, the same for the same seed.

        Of which styles: the half that draws the highest rates from what is known of them (Thompson 1933), so the surest
        are seen most, and one that is hardly known is tried now and then. Among the scenes of these the lot decides: a
        scene that several of them show has no better chance than one that is of a single style.
        """
        rng = random.Random(seed)
        drawn = {
            name: rng.gauss(style.rate, (style.high - style.low) / (2 * Z_95))
            for name, style in sorted(self.styles.items())
        }
        ranked = sorted(drawn, key=lambda name: (-drawn[name], name))[: max(count, math.ceil(len(drawn) / 2))]
        scenes = list(dict.fromkeys(prompt for name in ranked for prompt in self.styles[name].ideas))
        return rng.sample(scenes, min(count, len(scenes)))


def styles_on(styles: Iterable[LikedStyle]) -> dict[str, frozenset[str]]:
    """Plate id -> names of the liked styles whose pictures were painted from it."""
    found: dict[str, frozenset[str]] = {}
    for style in styles:
        for plate_id in style.on:
            found[plate_id] = found.get(plate_id, frozenset()) | {style.name}
    return found
