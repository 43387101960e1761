"""What one scene shall show, decided before anything is drawn: a value that captions and the renderer share."""

from dataclasses import asdict, dataclass
from typing import Any

from bundled.studio.plan import vocabulary as words
from bundled.studio.plan.rng import SeededRng


@dataclass(frozen=True)
class PlannedLight:
    colour: str = "neutral"
    direction: str = "left"
    hardness: str = "soft"
    pattern: str | None = None  # a shadow thrown by leaves, blinds or window bars


@dataclass(frozen=True)
class Plan:
    seed: int
    view: str = "standing"  # standing | flatlay | backdrop
    surface: str | None = None
    surface_variant: str = ""
    backdrop: str | None = None
    backdrop_variant: str = ""
    light: PlannedLight = PlannedLight()
    product: str | None = None
    product_colour: str = ""
    setup: str = ""

    def attributes(self) -> dict[str, Any]:
        facts = asdict(self)
        light = facts.pop("light")
        return {**{f"light_{key}": value for key, value in light.items()}, **facts}


def setup_name(plan: Plan) -> str:
    """Pictures of the same set-up must fall on the same side of the train/held split."""
    light = plan.light
    parts = (plan.surface, plan.surface_variant, plan.backdrop, plan.backdrop_variant, light.colour, light.direction)
    return "/".join(part or "-" for part in parts)


def any_light(rng: SeededRng, backdrop: str | None) -> PlannedLight:
    if backdrop == "window":
        return PlannedLight(rng.pick(*words.LIGHT_COLOURS), "back", "soft")
    colour = rng.weighted({"warm": 1.0, "neutral": 1.4, "cool": 1.0})
    direction = rng.weighted({"left": 1.0, "right": 1.0, "front": 0.8, "back": 0.5})
    hardness = "soft" if backdrop in words.NIGHT else rng.weighted({"soft": 1.3, "hard": 1.0})
    throws = hardness == "hard" and direction != "back" and backdrop not in words.OUTDOORS and rng.chance(0.35)
    return PlannedLight(colour, direction, hardness, rng.pick(*words.SHADOW_PATTERNS) if throws else None)
