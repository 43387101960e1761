"""A named style as a value: what a brand asks for by name, and how the studio sets it up."""

from dataclasses import dataclass

from bundled.studio.plan.scene import PlannedLight

Thing = tuple[str, str]  # kind and variant


@dataclass(frozen=True)
class PlannedStyle:
    name: str
    view: str
    surface: Thing | None
    backdrop: Thing | None
    lights: tuple[PlannedLight, ...]  # one plate for each
    words: tuple[str, ...]
    surface_phrase: str | None = None
    backdrop_phrase: str | None = None

    @property
    def slug(self) -> str:
        return self.name.replace(" ", "-").replace("'", "")


def light(code: str) -> PlannedLight:
    """'warm left hard leaf' as a value."""
    colour, direction, hardness, *pattern = code.split()
    return PlannedLight(colour, direction, hardness, pattern[0] if pattern else None)


def standing(name: str, surface: Thing, backdrop: Thing, lights: str, words: str, on: str, before: str) -> PlannedStyle:
    return PlannedStyle(name, "standing", surface, backdrop, _lights(lights), _words(words), on, before)


def flatlay(name: str, surface: Thing, lights: str, words: str, on: str) -> PlannedStyle:
    return PlannedStyle(name, "flatlay", surface, None, _lights(lights), _words(words), on, None)


def behind(name: str, backdrop: Thing, lights: str, words: str, before: str) -> PlannedStyle:
    return PlannedStyle(name, "backdrop", None, backdrop, _lights(lights), _words(words), None, before)


def _lights(text: str) -> tuple[PlannedLight, ...]:
    return tuple(light(code.strip()) for code in text.split(","))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))
