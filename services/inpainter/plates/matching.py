"""How well plates answer a wish: surface, backdrop, colours, light, words; two joined where none has both. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.inpainter.plates.attributes import label
from services.inpainter.plates.query import Wanted
from services.inpainter.plates.similarity import KIN, PAINTABLE, UNJOINABLE
from services.inpainter.prompt.parsing import Wishes, parse_wishes
from shared.contracts.styles import Light, Plate, View

SHORTLIST = 8
FLIP = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Choice:
    """A plate, or the surface of `plate` before the backdrop of `behind`; flips; colours to change; what is missing.

    `instead` says in words where something of the same kind was taken, such as linen for velvet.
    """

    plate: Plate
    behind: Plate | None = None
    flipped: bool = False
    behind_flipped: bool = False
    surface_colour: str | None = None
    backdrop_colour: str | None = None
    missing: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    score: float = 0.0

    @property
    def name(self) -> str:
        """What the output says it started from."""
        return self.plate.id if self.behind is None else f"{self.plate.id}+{self.behind.id}"

    @property
    def light(self) -> Light:
        """The light as it falls after a flip; the surface's plate decides, as shadows lie there."""
        direction = FLIP.get(self.plate.light.direction, self.plate.light.direction)
        return self.plate.light.model_copy(update={"direction": direction}) if self.flipped else self.plate.light


def choices(plates: Iterable[Plate], wanted: Wanted) -> list[Choice]:
    """Every sensible choice with its score; joined pairs only where no single plate has what was asked."""
    usable = [plate for plate in plates if _view_fit(plate, wanted.view) is not None]
    single = [_whole(plate, wanted) for plate in usable]
    complete = any(not {"surface", "backdrop"} & set(choice.missing) and not choice.instead for choice in single)
    if complete or wanted.view != "standing":
        return single
    surfaces = sorted(usable, key=lambda plate: -_surface_fit(plate, wanted.wishes).score)[:SHORTLIST]
    backdrops = sorted(usable, key=lambda plate: -_backdrop_fit(plate, wanted.wishes).score)[:SHORTLIST]
    joined = [_joined(on, behind, wanted) for on in surfaces for behind in backdrops if _can_join(on, behind)]
    return single + joined


def _whole(plate: Plate, wanted: Wanted) -> Choice:
    wishes = wanted.wishes
    fit = _surface_fit(plate, wishes) if wanted.view != "backdrop" else _Fit()
    fit += _backdrop_fit(plate, wishes) if wanted.view != "flatlay" else _Fit()
    flipped = _flips(plate.light, wishes)
    score = fit.score + _light_fit(plate, wishes, flipped) + _word_fit(plate, wanted)
    colours = _repaint(plate, plate, wishes)
    view = _view_fit(plate, wanted.view) or 0.0
    return Choice(
        plate=plate, flipped=flipped, surface_colour=colours[0], backdrop_colour=colours[1],
        missing=fit.missing, instead=fit.instead, score=score + view,
    )  # fmt: skip


def _joined(on: Plate, behind: Plate, wanted: Wanted) -> Choice:
    wishes = wanted.wishes
    fit = _surface_fit(on, wishes) + _backdrop_fit(behind, wishes)
    flipped = _flips(on.light, wishes)
    light = on.light if not flipped else on.light.model_copy(update={"direction": FLIP[on.light.direction]})
    behind_flipped = FLIP.get(behind.light.direction) == light.direction
    apart = 1.6 + 0.6 * (on.light.colour != behind.light.colour) + 0.3 * (on.light.hardness != behind.light.hardness)
    apart += abs(on.camera_elevation_deg - behind.camera_elevation_deg) / 12
    score = fit.score + _light_fit(on, wishes, flipped) + 0.5 * _word_fit(on, wanted) - apart
    colours = _repaint(on, behind, wishes)
    return Choice(
        plate=on, behind=behind, flipped=flipped, behind_flipped=behind_flipped, surface_colour=colours[0],
        backdrop_colour=colours[1], missing=fit.missing, instead=fit.instead, score=score,
    )  # fmt: skip


def _can_join(on: Plate, behind: Plate) -> bool:
    lines = on.surface_line is not None and behind.surface_line is not None
    studio = on.surface is not None and "studio" in on.surface
    return on.id != behind.id and lines and not studio and label(on).surface not in UNJOINABLE


def _view_fit(plate: Plate, view: View) -> float | None:
    """How well a plate's view serves the wanted one; None when it cannot."""
    if plate.view == view:
        return 0.0
    if view == "backdrop" and plate.view == "standing":
        return -0.3  # its backdrop alone is shown, the surface pushed below the frame
    if view == "flatlay" and plate.view == "standing" and label(plate).surface not in UNJOINABLE:
        return -2.5  # its surface alone, though seen too low
    return None


@dataclass(frozen=True)
class _Fit:
    score: float = 0.0
    missing: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()

    def __add__(self, other: "_Fit") -> "_Fit":
        return _Fit(self.score + other.score, self.missing + other.missing, self.instead + other.instead)


def _surface_fit(plate: Plate, wishes: Wishes) -> _Fit:
    own = label(plate)
    return _thing_fit(
        "surface", (own.surface, own.surface_colour), (wishes.surface, wishes.surface_colour),
        (own.surface_variant, wishes.surface_variant), "surface" in wishes.suggested,
    )  # fmt: skip


def _backdrop_fit(plate: Plate, wishes: Wishes) -> _Fit:
    own = label(plate)
    named = parse_wishes(plate.style).backdrop  # a "white tiled bathroom" is a tiled wall and, by its style, a bathroom
    backdrop = named if named == wishes.backdrop else own.backdrop
    return _thing_fit(
        "backdrop", (backdrop, own.backdrop_colour),
        (wishes.backdrop, wishes.backdrop_colour), (None, None), "backdrop" in wishes.suggested,
    )  # fmt: skip


def _thing_fit(
    name: str,
    has: tuple[str | None, str | None],
    asked: tuple[str | None, str | None],
    variant: tuple[str | None, str | None],
    suggested: bool,
) -> _Fit:
    """How a plate's thing (kind, colour) answers the one that was asked."""
    score, missing, instead = 0.0, [], []
    if asked[0] and has[0] == asked[0]:
        score += 2.0 if suggested else 3.0
    elif asked[0] and has[0] in KIN.get(asked[0], ()):
        score += 1.0 - 0.3 * KIN[asked[0]].index(str(has[0]))
        instead += [f"no style plate shows {asked[0]} as {name}; {has[0]} was taken instead"]
    elif asked[0]:
        score -= 1.0 if suggested else 4.0
        missing += [] if suggested else [name]
    if variant[1]:
        score += 1.0 if variant[0] == variant[1] else 0.6 if variant[1] in (variant[0] or "") else -0.3
    if asked[1] and has[1] == asked[1]:
        score += 1.5
    elif asked[1]:
        score -= 0.5 if has[0] in PAINTABLE else 1.5
        missing += [] if has[0] in PAINTABLE else [f"{name}_colour"]
    return _Fit(score, tuple(missing), () if suggested else tuple(instead))


def _repaint(on: Plate, behind: Plate, wishes: Wishes) -> tuple[str | None, str | None]:
    """The colours to change: only where one was asked, the plate's is another, and the thing can be painted."""
    surface, backdrop = label(on), label(behind)
    paint_surface = wishes.surface_colour if surface.surface in PAINTABLE else None
    paint_backdrop = wishes.backdrop_colour if backdrop.backdrop in PAINTABLE else None
    return (
        None if paint_surface == surface.surface_colour else paint_surface,
        None if paint_backdrop == backdrop.backdrop_colour else paint_backdrop,
    )


def _flips(light: Light, wishes: Wishes) -> bool:
    return wishes.light_direction is not None and FLIP.get(light.direction) == wishes.light_direction


def _light_fit(plate: Plate, wishes: Wishes, flipped: bool) -> float:
    direction = FLIP.get(plate.light.direction, "") if flipped else plate.light.direction
    pairs = ((wishes.light_colour, plate.light.colour), (wishes.light_direction, direction))
    score = sum(0.0 if asked is None else 0.7 if asked == has else -0.5 for asked, has in pairs)
    if wishes.hardness:
        score += 0.5 if wishes.hardness == plate.light.hardness else -0.4
    if wishes.shadows:
        pattern = {"leaves": "leaf shadow", "blinds": "blind", "window": "window"}[wishes.shadows]
        score += 0.8 if any(pattern in word for word in plate.words) else -0.2
    return score


def _word_fit(plate: Plate, wanted: Wanted) -> float:
    if wanted.style and plate.style == wanted.style:
        return 10.0
    said = set(re.findall(r"[a-z]+", wanted.prompt.lower()))
    words = {word for phrase in plate.words for word in re.findall(r"[a-z]+", phrase.lower())}
    return 0.2 * min(5, len(said & words))
