"""Plates read with the words that prompts are read with, so that both mean the same. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache

from services.inpainter.prompt.lexicon import lexicon
from services.inpainter.prompt.parsing import parse_prompt, things_named
from services.inpainter.prompt.scene_attributes import SceneAttributes
from shared.contracts.styles import Plate
from shared.contracts.vocabulary import Backdrop

# Backdrops close enough for what hangs before them to shade them.
NEAR_WALLS = frozenset(
    {"wall", "gradient", "brick", "plaster", "concrete wall", "tiled wall", "stone wall", "wood panels", "curtain"}
)


@dataclass(frozen=True)
class DescribedPlate:
    """A plate with what its words mean, read once. `style_backdrop`: a "white tiled bathroom" is a tiled wall and, by
    its style's name, a bathroom; `words`: the single words it is found by; `styles`: its own and those people like;
    `liked`: the words of each liked one's name."""

    plate: Plate
    attributes: SceneAttributes
    style_backdrop: Backdrop | None
    words: frozenset[str]
    styles: frozenset[str] = frozenset()
    liked: tuple[frozenset[str], ...] = ()


def described(plate: Plate, liked: frozenset[str] = frozenset()) -> DescribedPlate:
    """Read a plate's surface, backdrop, style and words; `liked`: names of liked styles that it shows."""
    words = frozenset(word for phrase in plate.words for word in words_of(phrase))
    styles, names = liked | {plate.style}, tuple(frozenset(words_of(name)) for name in sorted(liked))
    return DescribedPlate(plate, attributes_of(plate), _styled_backdrop(plate.style), words, styles, names)


def _styled_backdrop(style: str) -> Backdrop | None:
    """The backdrop that a style's name says outright: a loft may have bricks, and an oak table is no panelled wall."""
    behind = parse_prompt(style).backdrop
    return behind if behind in things_named(style) else None


def words_of(text: str) -> list[str]:
    """The plain words of a text, small letters."""
    return re.findall(r"[a-z]+", text.lower())


@lru_cache(maxsize=4096)
def attributes_of(plate: Plate) -> SceneAttributes:
    """The attributes of a plate's surface and backdrop."""
    on = parse_prompt(f"on {plate.surface}") if plate.surface else SceneAttributes()
    behind = parse_prompt(f"against {plate.backdrop}") if plate.backdrop else SceneAttributes()
    plain = plate.surface is not None and (on.surface is None or "surface" in on.suggested)  # "a white table"
    return SceneAttributes(
        surface="paper" if plain else on.surface,
        surface_colour=on.surface_colour or (on.backdrop_colour if plain else None),
        surface_variant=_wood(plate.surface or ""),
        backdrop=behind.backdrop,
        backdrop_colour=behind.backdrop_colour,
    )


def _wood(surface: str) -> str | None:
    return next((wood for phrase, wood in lexicon().woods.items() if phrase in surface), None)
