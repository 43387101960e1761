"""What a Scene asks for, candidate by candidate; an empty Scene becomes the caption's ideas. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from services.inpainter.prompt.parsing import Wishes, parse_wishes
from shared.contracts.events import Caption, Scene, SceneIdea
from shared.contracts.styles import Plate, View

PLAIN_IDEAS = (
    SceneIdea(prompt="on a white marble counter, plain beige wall, soft light"),
    SceneIdea(prompt="on an oak wooden table, blurred green garden"),
    SceneIdea(prompt="on a grey concrete surface, beige plaster wall, warm light"),
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What plates are scored by: the wishes read from `prompt`, a style's name, and how the product is seen."""

    prompt: str
    wishes: Wishes
    view: View
    style: str | None = None


@dataclass(frozen=True)
class Asked:
    """One Wanted per candidate, and what the brand should know of how its words were read."""

    wanted: tuple[Wanted, ...]
    notes: tuple[str, ...] = ()


def asked(
    scene: Scene, caption: Caption, plates: Sequence[Plate], *, cut: frozenset[str], index: int, count: int
) -> Asked:
    """Read a scene for `count` candidates; `index`: its place among the product's scenes, `cut`: the frame's cuts."""
    ideas = caption.ideas or PLAIN_IDEAS
    style = style_named(scene.style, plates) if scene.style else None
    words = ", ".join(part for part in (scene.prompt, scene.style) if part)
    if not words and scene.reference is None:
        taken = [ideas[(index * count + number) % len(ideas)] for number in range(count)]
        return Asked(tuple(_wanted(idea.prompt, cut, idea.view, None, fixed=True) for idea in taken))
    wanted = _wanted(words, cut, usual_view(ideas), style, styled=_style_view(style, plates))
    return Asked((wanted,) * count, _notes(scene, style, wanted))


def usual_view(ideas: Sequence[SceneIdea]) -> View:
    """How the captioner sees this product: the commonest view among its ideas."""
    return Counter(idea.view for idea in ideas).most_common(1)[0][0]


def _wanted(
    words: str, cut: frozenset[str], usual: View, style: str | None, *, fixed: bool = False, styled: View | None = None
) -> Wanted:
    wishes = parse_wishes(words)
    view = usual if fixed else styled or view_for(wishes, usual)
    if "bottom" in cut:
        view = "backdrop"  # nothing can stand on an edge that the frame has cut away
    elif view == "backdrop" and styled is None and (wishes.view != "backdrop" or "surface" in wishes.asked()):
        view = "standing"  # its feet are in the picture, so they stand on something
    if view == "flatlay" and wishes.surface_colour is None:
        wishes = replace(wishes, surface_colour=wishes.backdrop_colour)  # seen from above, all colour is the surface's
    return Wanted(prompt=words, wishes=wishes, view=view, style=style)


def view_for(wishes: Wishes, usual: View) -> View:
    """The view a prompt asks for; where it does not say, the product's usual one if the prompt leaves room for it."""
    if wishes.view == "flatlay" or wishes.view == "backdrop":
        return "flatlay" if wishes.view == "flatlay" else "backdrop"
    behind = wishes.backdrop is not None and "backdrop" not in wishes.suggested
    if usual == "flatlay" and behind:
        return "standing"
    return usual


def _style_view(style: str | None, plates: Sequence[Plate]) -> View | None:
    return next((plate.view for plate in plates if style and plate.style == style), None)


def _notes(scene: Scene, style: str | None, wanted: Wanted) -> tuple[str, ...]:
    notes, wishes = [], wanted.wishes
    if scene.style and style is None:
        notes.append(f"there is no style named '{scene.style}'; its words were read as part of the prompt")
    if wishes.unknown and style is None:
        notes.append(f"not understood: {', '.join(wishes.unknown)}")
    if wanted.view == "backdrop" and wishes.surface and "surface" not in wishes.suggested:
        notes.append("the photo cuts the product at the bottom, so what it stands on is not seen")
    return tuple(notes)


def known_styles(plates: Iterable[Plate]) -> dict[str, str]:
    """Style names as a person may type them -> as the catalogue has them."""
    return {_plain(plate.style): plate.style for plate in plates}


def style_named(name: str, plates: Iterable[Plate]) -> str | None:
    """The catalogue's spelling of a style's name; None when there is no such style."""
    return known_styles(plates).get(_plain(name))


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", name.lower()))
