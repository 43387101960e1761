"""What a scene has or shall have: the attributes that prompts, plates, inpainter and probe share. Pure."""

from dataclasses import dataclass

from shared.contracts.vocabulary import (
    Backdrop,
    Colour,
    Hardness,
    LightColour,
    LightDirection,
    ShadowPattern,
    Surface,
    Tone,
    View,
)

JUDGED = ("surface", "backdrop", "light_colour", "light_direction", "hardness")


@dataclass(frozen=True, kw_only=True)
class SceneAttributes:
    """What was said of a scene, None where nothing was.

    `suggested` names the attributes that a place or mood only suggests ("beach" suggests sand): good for choosing, not
    for judging. For the brand to see, in order: `unknown` holds the words that were not understood, `left_out` those
    that were, and for which there is no place: a second colour of one wall, a third thing.
    """

    surface: Surface | None = None
    surface_colour: Colour | None = None
    surface_variant: str | None = None
    backdrop: Backdrop | None = None
    backdrop_colour: Colour | None = None
    light_colour: LightColour | None = None
    light_direction: LightDirection | None = None
    hardness: Hardness | None = None
    shadows: ShadowPattern | None = None
    tone: Tone | None = None
    view: View | None = None
    suggested: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def asked(self) -> dict[str, str]:
        """The attributes that were said outright, by name (no colours, shadows or view)."""
        return {name: getattr(self, name) for name in JUDGED if getattr(self, name) and name not in self.suggested}

    @property
    def is_pure_white(self) -> bool:
        """White alone was asked, in words that mean exactly that."""
        plain = self.backdrop in {None, "wall"} and self.surface in {None, "paper"}
        return self.tone == "pure" and plain

    @property
    def is_empty(self) -> bool:
        """Nothing was understood."""
        return self == SceneAttributes(unknown=self.unknown)
