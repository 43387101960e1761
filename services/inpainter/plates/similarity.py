"""How well one plate's surface, backdrop, light and words answer a query, and what could be changed in it. Pure."""

from collections.abc import Set
from dataclasses import dataclass

from services.inpainter.plates.attributes import DescribedPlate
from services.inpainter.plates.colouring import has_colour, likeness, way_of_colouring
from services.inpainter.plates.query import PlateQuery
from services.inpainter.prompt.parsing import SHADOWS
from services.inpainter.prompt.scene_attributes import SceneAttributes
from shared.contracts.styles import Light
from shared.contracts.vocabulary import LOOKS_LIKE, MIRRORED, Colour, LightColour

COLOUR, RECOLOURED, NO_COLOUR = 1.5, 1.0, -1.5  # what its own colour, one brought to it, or neither is worth
EXCLUDED = -4.0  # as much as what was asked and is missing
HARD = 2.0  # what light costs that throws shadows with an edge where none were wanted
LIKED = 0.6  # more than chance gives, less than any attribute that was asked
# Woods that one takes for each other at a glance; a brand that asks for a white table sees that another is brown.
WOOD_TONES = (
    frozenset({"pine", "oak", "bamboo"}),
    frozenset({"oak", "teak", "rustic oak"}),
    frozenset({"walnut", "dark wood"}),
    frozenset({"whitewashed wood"}),
    frozenset({"grey weathered wood"}),
)
SHADOW_WORDS = {"leaves": "leaf shadow", "blinds": "blind", "window": "window"}  # as plates say it


@dataclass(frozen=True)
class Fit:
    """A score, what is missing (attributes), and in words what was taken instead of what was asked."""

    score: float = 0.0
    missing: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()

    def __add__(self, other: "Fit") -> "Fit":
        return Fit(self.score + other.score, self.missing + other.missing, self.instead + other.instead)


@dataclass(frozen=True)
class _Thing:
    """A surface or a backdrop: what it is, its colour, and which kind of wood."""

    kind: str | None
    colour: Colour | None
    wood: str | None = None


def surface_fit(plate: DescribedPlate, asked: SceneAttributes) -> Fit:
    """How the plate's surface answers the one that was asked."""
    own = plate.attributes
    has = _Thing(own.surface, own.surface_colour, own.surface_variant)
    wanted = _Thing(asked.surface, asked.surface_colour, asked.surface_variant)
    return _thing_fit("surface", has, wanted, suggested="surface" in asked.suggested)


def backdrop_fit(plate: DescribedPlate, asked: SceneAttributes) -> Fit:
    """How the plate's backdrop, by its own words or by its style's name, answers the one that was asked."""
    own = plate.attributes.backdrop if plate.style_backdrop != asked.backdrop else plate.style_backdrop
    has, wanted = _Thing(own, plate.attributes.backdrop_colour), _Thing(asked.backdrop, asked.backdrop_colour)
    return _thing_fit("backdrop", has, wanted, suggested="backdrop" in asked.suggested)


def _thing_fit(name: str, has: _Thing, asked: _Thing, *, suggested: bool) -> Fit:
    fit = _kind_fit(name, has.kind, asked.kind, suggested)
    score, missing, instead = fit.score, fit.missing, fit.instead
    if asked.wood:
        instead += _other_wood(has.wood, asked.wood)
        score += 1.0 if has.wood == asked.wood else 0.6 if asked.wood in (has.wood or "") else -0.3
    if asked.colour and has_colour(has.kind, has.colour, asked.colour):
        score += COLOUR
    elif asked.colour and way_of_colouring(has.kind):
        score += RECOLOURED * likeness(has.colour, asked.colour)
    elif asked.colour:
        score, missing = score + NO_COLOUR, (*missing, f"{name}_colour")
    return Fit(score, missing, instead)


def _other_wood(has: str | None, asked: str) -> tuple[str, ...]:
    if has is None or any({has, asked} <= tone for tone in WOOD_TONES):
        return ()
    return (f"no style plate shows {asked} as surface; {has} was taken instead",)


def _kind_fit(name: str, has: str | None, asked: str | None, suggested: bool) -> Fit:
    """The thing itself, or what comes nearest; what is only suggested is neither missed nor replaced in words."""
    if asked is None:
        return Fit()
    if has == asked:
        return Fit(2.0 if suggested else 3.0)
    near = LOOKS_LIKE[name].get(asked, ())
    if has in near:
        told = f"no style plate shows {asked} as {name}; {has} was taken instead"
        return Fit(1.0 - 0.3 * near.index(has), instead=() if suggested else (told,))
    return Fit(-1.0) if suggested else Fit(-4.0, missing=(name,))


def excluded_fit(on: DescribedPlate, behind: DescribedPlate, query: PlateQuery) -> Fit:
    """What is seen although it was excluded: as bad as what was asked and is not there, and told."""
    surface = on.attributes.surface if query.view != "backdrop" else None
    backdrop = behind.attributes.backdrop if query.view != "flatlay" else None
    shown = [thing for thing in (surface, backdrop) if thing in query.excluded]
    fit = Fit(EXCLUDED * len(shown), instead=tuple(_excluded_note(thing) for thing in shown))
    return fit + _shadowless_fit(on, behind, query) if SHADOWS in query.excluded else fit


def _shadowless_fit(on: DescribedPlate, behind: DescribedPlate, query: PlateQuery) -> Fit:
    """No pattern of shadows lies in it; and its light is soft, where hard light was not asked for."""
    words = (phrase for plate in (on, behind) for phrase in plate.plate.words)
    if any(pattern in phrase for phrase in words for pattern in ("shadow", "blind")):
        return Fit(EXCLUDED, instead=(_excluded_note(SHADOWS),))
    hard = on.plate.light.hardness == "hard" and query.attributes.hardness != "hard"
    return Fit(-HARD if hard else 0.0)


def _excluded_note(thing: str) -> str:
    return f"no style plate answers without {thing}, which was excluded"


def needs_mirroring(light: Light, asked: SceneAttributes) -> bool:
    """The light was asked from the other side."""
    return asked.light_direction in {"left", "right"} and MIRRORED[light.direction] == asked.light_direction


def light_fit(plate: DescribedPlate, asked: SceneAttributes) -> float:
    """Colour, direction (after a flip, where that helps) and hardness of the light."""
    light = plate.plate.light
    direction = MIRRORED[light.direction] if needs_mirroring(light, asked) else light.direction
    score = 0.0 if asked.light_colour is None else _light_colour_fit(asked.light_colour, light.colour)
    if asked.light_direction:
        score += 0.7 if asked.light_direction == direction else -0.5
    if asked.hardness:
        score += 0.5 if asked.hardness == light.hardness else -0.4
    return score


def _light_colour_fit(asked: LightColour, has: LightColour) -> float:
    """Its white balance is shifted to what was asked, which is easily done from daylight, and less so from one lamp to
    the other."""
    return 0.7 if asked == has else 0.4 if "neutral" in {asked, has} else -0.5


def shadow_fit(plate: DescribedPlate, asked: SceneAttributes) -> Fit:
    """The pattern of shadows that was asked, or in words that there is none."""
    if asked.shadows is None:
        return Fit()
    pattern = SHADOW_WORDS[asked.shadows]
    if any(pattern in phrase for phrase in plate.plate.words):
        return Fit(0.8)
    return Fit(-0.2, instead=(f"no style plate of this kind shows {pattern}s",))


def word_fit(plate: DescribedPlate, query: PlateQuery, said: Set[str]) -> float:
    """The style that was named beats all; else the words that the plate and the prompt (`said`) have in common, and
    whether the prompt speaks of a style that people like in this plate."""
    if query.style and query.style in plate.styles:
        return 10.0
    liked = LIKED if any(name <= said for name in plate.liked) else 0.0
    return liked + 0.1 * min(5, len(said & plate.words))
