"""Plates, or two joined where few have both surface and backdrop, as answers to a query, each with its score. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.inpainter.plates.attributes import DescribedPlate, attributes_of, words_of
from services.inpainter.plates.colouring import Coat, coat_of
from services.inpainter.plates.query import PlateQuery
from services.inpainter.plates.similarity import (
    Fit,
    backdrop_fit,
    excluded_fit,
    light_fit,
    needs_mirroring,
    shadow_fit,
    surface_fit,
    word_fit,
)
from services.inpainter.prompt.scene_attributes import SceneAttributes
from shared.contracts.styles import Light, Plate
from shared.contracts.vocabulary import LOOKS_LIKE, MIRRORED, View

ENOUGH = 4  # plates that show all that was asked: beyond so many options none need be joined
SHORTLIST = 8  # surfaces and backdrops that are tried together
SEASONAL = frozenset({"autumn", "christmas", "snow", "winter"})  # words of plates
IN_SEASON = {"snow": "mountains", "leaves": "forest"}  # surfaces of a season -> the backdrop where they are at home
OTHER_SEASON = 2.0  # what a score loses by a season that was not asked
UNEVEN = frozenset({"knit", "velvet", "podium"})  # surfaces that stand up before their own backdrop: folds, an edge
UNJOINABLE = frozenset({"podium", None})  # their surface has no straight far edge to set another backdrop on


@dataclass(frozen=True)
class PlateMatch:
    """A plate, or the surface of `plate` before the backdrop of `behind`; flips; colours to give; what is missing.

    `instead` says in words where something of the same kind was taken, such as linen for velvet.
    """

    plate: Plate
    behind: Plate | None = None
    flipped: bool = False
    behind_flipped: bool = False
    surface_coat: Coat | None = None
    backdrop_coat: Coat | None = None
    missing: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    score: float = 0.0

    @property
    def name(self) -> str:
        """What the output says it started from."""
        return self.plate.id if self.behind is None else f"{self.plate.id}+{self.behind.id}"

    @property
    def lack(self) -> int:
        """How far it is from what was asked: a thing that is not there weighs more than its colour, or its like."""
        return sum(2 if thing.endswith("colour") else 3 for thing in self.missing) + len(self.instead)

    @property
    def look(self) -> frozenset[str]:
        """What it shows, in words."""
        on, far = attributes_of(self.plate), attributes_of(self.behind or self.plate)
        near_coat, far_coat = self.surface_coat, self.backdrop_coat
        colours = (
            near_coat.colour if near_coat else on.surface_colour,
            far_coat.colour if far_coat else far.backdrop_colour,
        )
        shown = {"on": on.surface, "of": colours[0], "before": far.backdrop, "in": colours[1], "lit": self.light.colour}
        return frozenset({self.name, self.plate.style, *(f"{how} {what}" for how, what in shown.items())})

    def mirrored(self) -> "PlateMatch":
        """The same seen in a mirror."""
        return replace(self, flipped=not self.flipped, behind_flipped=not self.behind_flipped)

    @property
    def light(self) -> Light:
        """The light as it falls after a flip; the surface's plate decides, as shadows lie there."""
        return _mirrored(self.plate.light) if self.flipped else self.plate.light


def matches(plates: Sequence[DescribedPlate], query: PlateQuery) -> list[PlateMatch]:
    """Every sensible match with its score; joined pairs only where few single plates have what was asked."""
    said = frozenset(words_of(query.prompt))
    usable = [plate for plate in plates if _view_fit(plate, query.view) is not None]
    single = [_whole(plate, query, said) for plate in usable]
    asked = query.attributes
    pairs = zip(usable, single, strict=True)
    complete = sum(match.lack == 0 and _shows_what_is_suggested(plate, asked) for plate, match in pairs)
    if complete >= ENOUGH or query.view != "standing":
        return single
    surfaces = sorted(usable, key=lambda plate: -surface_fit(plate, asked).score)[:SHORTLIST]
    backdrops = sorted(usable, key=lambda plate: -backdrop_fit(plate, asked).score)[:SHORTLIST]
    return single + [_joined(on, far, query, said) for on in surfaces for far in backdrops if _can_join(on, far, asked)]


def _shows_what_is_suggested(plate: DescribedPlate, asked: SceneAttributes) -> bool:
    """A terrace has a garden behind it, though nobody said so: a kitchen in its place is not all that was asked."""
    own = plate.attributes
    shown: dict[str, set[str | None]] = {
        "surface": {own.surface},
        "backdrop": {own.backdrop, plate.style_backdrop},
    }
    return all(getattr(asked, name) in kinds for name, kinds in shown.items() if name in asked.suggested)


def _whole(plate: DescribedPlate, query: PlateQuery, said: frozenset[str]) -> PlateMatch:
    asked = query.attributes
    fit = surface_fit(plate, asked) if query.view != "backdrop" else Fit()
    fit += backdrop_fit(plate, asked) if query.view != "flatlay" else Fit()
    fit += excluded_fit(plate, plate, query) + shadow_fit(plate, asked)
    score = fit.score + light_fit(plate, asked) + word_fit(plate, query, said) - _out_of_season(plate, query, said)
    surface_coat, backdrop_coat = _coats(plate, plate, query)
    return PlateMatch(
        plate=plate.plate,
        flipped=needs_mirroring(plate.plate.light, asked),
        surface_coat=surface_coat,
        backdrop_coat=backdrop_coat,
        missing=fit.missing,
        instead=fit.instead,
        score=score + (_view_fit(plate, query.view) or 0.0),
    )


def _joined(on: DescribedPlate, behind: DescribedPlate, query: PlateQuery, said: frozenset[str]) -> PlateMatch:
    asked = query.attributes
    fit = surface_fit(on, asked) + backdrop_fit(behind, asked) + excluded_fit(on, behind, query) + shadow_fit(on, asked)
    flipped = needs_mirroring(on.plate.light, asked)
    light = _mirrored(on.plate.light) if flipped else on.plate.light
    score = fit.score + light_fit(on, asked) + 0.5 * word_fit(on, query, said) - _apart(on.plate, behind.plate)
    surface_coat, backdrop_coat = _coats(on, behind, query)
    return PlateMatch(
        plate=on.plate,
        behind=behind.plate,
        flipped=flipped,
        behind_flipped=light.direction in {"left", "right"}
        and MIRRORED[behind.plate.light.direction] == light.direction,
        surface_coat=surface_coat,
        backdrop_coat=backdrop_coat,
        missing=fit.missing,
        instead=fit.instead,
        score=score,
    )


def _out_of_season(plate: DescribedPlate, query: PlateQuery, said: frozenset[str]) -> float:
    """What snow or fallen leaves cost where nobody spoke of them: they lie under any light, but at home."""
    shown, home = plate.attributes, IN_SEASON.get(plate.attributes.surface or "")
    asked = query.view == "backdrop" or query.attributes.surface or not said.isdisjoint(SEASONAL & plate.words)
    return 0.0 if home is None or shown.backdrop == home or asked else OTHER_SEASON


def _apart(on: Plate, behind: Plate) -> float:
    """What two plates lose by being joined: the more, the less their lights and cameras agree."""
    of_another_season = SEASONAL & set(behind.words) - set(on.words)
    apart = (
        1.6
        + OTHER_SEASON * bool(of_another_season)
        + 0.6 * (on.light.colour != behind.light.colour)
        + 0.3 * (on.light.hardness != behind.light.hardness)
    )
    return apart + abs(on.camera_elevation_deg - behind.camera_elevation_deg) / 12


def _can_join(on: DescribedPlate, behind: DescribedPlate, asked: SceneAttributes) -> bool:
    lines = on.plate.surface_line is not None and behind.plate.surface_line is not None
    studio = on.plate.surface is not None and "studio" in on.plate.surface
    free = on.plate.id != behind.plate.id and lines and not studio and on.attributes.surface not in UNJOINABLE
    return free and behind.attributes.surface not in UNEVEN and _belong_together(on, behind, asked)


def _belong_together(on: DescribedPlate, behind: DescribedPlate, asked: SceneAttributes) -> bool:
    """Of what was not asked a pair shows nothing else than the plate of what was: leaves lie in no kitchen."""
    if asked.backdrop is None:
        return behind.attributes.backdrop in _kin("backdrop", on.attributes.backdrop)
    if asked.surface is None:
        return on.attributes.surface in _kin("surface", behind.attributes.surface)
    return True


def _kin(name: str, kind: str | None) -> tuple[str | None, ...]:
    return (kind, *LOOKS_LIKE[name].get(kind or "", ()))


def _view_fit(plate: DescribedPlate, view: View) -> float | None:
    """How well a plate's view serves the wanted one; None when it cannot."""
    if plate.plate.view == view:
        return 0.0
    if view == "backdrop" and plate.plate.view == "standing":
        return -0.3  # its backdrop alone is shown, the surface pushed below the frame
    if view == "flatlay" and plate.plate.view == "standing" and plate.attributes.surface not in UNJOINABLE:
        return -2.5  # its surface alone, though seen too low
    return None


def _coats(on: DescribedPlate, behind: DescribedPlate, query: PlateQuery) -> tuple[Coat | None, Coat | None]:
    """The colours to give: only where one was asked, the plate's is another, and the thing can have it."""
    asked, near, far = query.attributes, on.attributes, behind.attributes
    fits = "surface_colour" not in asked.suggested or near.surface == asked.surface  # no marble floor for a pink wall
    surface = coat_of(near.surface, near.surface_colour, asked.surface_colour) if fits else None
    return surface, coat_of(far.backdrop, far.backdrop_colour, asked.backdrop_colour)


def _mirrored(light: Light) -> Light:
    return light.model_copy(update={"direction": MIRRORED[light.direction]})
