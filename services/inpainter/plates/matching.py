"""Plates, or two joined where none has both surface and backdrop, as answers to a query, each with its score. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.inpainter.plates.attributes import DescribedPlate, words_of
from services.inpainter.plates.query import PlateQuery
from services.inpainter.plates.similarity import (
    PAINTABLE,
    Fit,
    backdrop_fit,
    excluded_fit,
    light_fit,
    needs_mirroring,
    surface_fit,
    word_fit,
)
from shared.contracts.styles import Light, Plate
from shared.contracts.vocabulary import MIRRORED, Colour, View

SHORTLIST = 8  # surfaces and backdrops that are tried together
UNJOINABLE = frozenset({"podium", None})  # their surface has no straight far edge to set another backdrop on


@dataclass(frozen=True)
class PlateMatch:
    """A plate, or the surface of `plate` before the backdrop of `behind`; flips; colours to change; what is missing.

    `instead` says in words where something of the same kind was taken, such as linen for velvet.
    """

    plate: Plate
    behind: Plate | None = None
    flipped: bool = False
    behind_flipped: bool = False
    surface_colour: Colour | None = None
    backdrop_colour: Colour | None = None
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
        return _mirrored(self.plate.light) if self.flipped else self.plate.light


def matches(plates: Sequence[DescribedPlate], query: PlateQuery) -> list[PlateMatch]:
    """Every sensible match with its score; joined pairs only where no single plate has what was asked."""
    said = frozenset(words_of(query.prompt))
    usable = [plate for plate in plates if _view_fit(plate, query.view) is not None]
    single = [_whole(plate, query, said) for plate in usable]
    complete = any(not {"surface", "backdrop"} & set(match.missing) and not match.instead for match in single)
    if complete or query.view != "standing":
        return single
    asked = query.attributes
    surfaces = sorted(usable, key=lambda plate: -surface_fit(plate, asked).score)[:SHORTLIST]
    backdrops = sorted(usable, key=lambda plate: -backdrop_fit(plate, asked).score)[:SHORTLIST]
    return single + [_joined(on, far, query, said) for on in surfaces for far in backdrops if _can_join(on, far)]


def _whole(plate: DescribedPlate, query: PlateQuery, said: frozenset[str]) -> PlateMatch:
    asked = query.attributes
    fit = surface_fit(plate, asked) if query.view != "backdrop" else Fit()
    fit += backdrop_fit(plate, asked) if query.view != "flatlay" else Fit()
    fit += excluded_fit(plate, plate, query)
    score = fit.score + light_fit(plate, asked) + word_fit(plate, query, said)
    surface_colour, backdrop_colour = _repaint(plate, plate, query)
    return PlateMatch(
        plate=plate.plate,
        flipped=needs_mirroring(plate.plate.light, asked),
        surface_colour=surface_colour,
        backdrop_colour=backdrop_colour,
        missing=fit.missing,
        instead=fit.instead,
        score=score + (_view_fit(plate, query.view) or 0.0),
    )


def _joined(on: DescribedPlate, behind: DescribedPlate, query: PlateQuery, said: frozenset[str]) -> PlateMatch:
    asked = query.attributes
    fit = surface_fit(on, asked) + backdrop_fit(behind, asked) + excluded_fit(on, behind, query)
    flipped = needs_mirroring(on.plate.light, asked)
    light = _mirrored(on.plate.light) if flipped else on.plate.light
    score = fit.score + light_fit(on, asked) + 0.5 * word_fit(on, query, said) - _apart(on.plate, behind.plate)
    surface_colour, backdrop_colour = _repaint(on, behind, query)
    return PlateMatch(
        plate=on.plate,
        behind=behind.plate,
        flipped=flipped,
        behind_flipped=light.direction in {"left", "right"}
        and MIRRORED[behind.plate.light.direction] == light.direction,
        surface_colour=surface_colour,
        backdrop_colour=backdrop_colour,
        missing=fit.missing,
        instead=fit.instead,
        score=score,
    )


def _apart(on: Plate, behind: Plate) -> float:
    """What two plates lose by being joined: the more, the less their lights and cameras agree."""
    apart = 1.6 + 0.6 * (on.light.colour != behind.light.colour) + 0.3 * (on.light.hardness != behind.light.hardness)
    return apart + abs(on.camera_elevation_deg - behind.camera_elevation_deg) / 12


def _can_join(on: DescribedPlate, behind: DescribedPlate) -> bool:
    lines = on.plate.surface_line is not None and behind.plate.surface_line is not None
    studio = on.plate.surface is not None and "studio" in on.plate.surface
    return on.plate.id != behind.plate.id and lines and not studio and on.attributes.surface not in UNJOINABLE


def _view_fit(plate: DescribedPlate, view: View) -> float | None:
    """How well a plate's view serves the wanted one; None when it cannot."""
    if plate.plate.view == view:
        return 0.0
    if view == "backdrop" and plate.plate.view == "standing":
        return -0.3  # its backdrop alone is shown, the surface pushed below the frame
    if view == "flatlay" and plate.plate.view == "standing" and plate.attributes.surface not in UNJOINABLE:
        return -2.5  # its surface alone, though seen too low
    return None


def _repaint(on: DescribedPlate, behind: DescribedPlate, query: PlateQuery) -> tuple[Colour | None, Colour | None]:
    """The colours to change: only where one was asked, the plate's is another, and the thing can be painted."""
    asked, surface, backdrop = query.attributes, on.attributes, behind.attributes
    paint_surface = asked.surface_colour if surface.surface in PAINTABLE else None
    paint_backdrop = asked.backdrop_colour if backdrop.backdrop in PAINTABLE else None
    return (
        None if paint_surface == surface.surface_colour else paint_surface,
        None if paint_backdrop == backdrop.backdrop_colour else paint_backdrop,
    )


def _mirrored(light: Light) -> Light:
    return light.model_copy(update={"direction": MIRRORED[light.direction]})
