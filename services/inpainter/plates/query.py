"""What a Scene asks of the plates, candidate by candidate; an empty Scene becomes the caption's ideas. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.inpainter.plates.notes import notes_on_negative_prompt, notes_on_prompt
from services.inpainter.prompt.parsing import parse_prompt, things_named
from services.inpainter.prompt.scene_attributes import SceneAttributes
from shared.contracts.events import Caption, Scene, SceneIdea
from shared.contracts.styles import Plate
from shared.contracts.vocabulary import View

PLAIN_IDEAS = (
    SceneIdea(prompt="on a white marble counter, plain beige wall, soft light"),
    SceneIdea(prompt="on an oak wooden table, blurred green garden"),
    SceneIdea(prompt="on a grey concrete surface, beige plaster wall, warm light"),
)


@dataclass(frozen=True, kw_only=True)
class PlateQuery:
    """What plates are scored by: the attributes read from `prompt`, a style's name, how the product is seen, and the
    surfaces and backdrops that the negative prompt excludes."""

    prompt: str
    attributes: SceneAttributes
    view: View
    style: str | None = None
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PlateQueries:
    """One query per candidate, and what the brand should know of how its words were read."""

    queries: tuple[PlateQuery, ...]
    notes: tuple[str, ...] = ()


def plate_queries(
    scene: Scene, caption: Caption, styles: Mapping[str, Plate], *, cut: frozenset[str], index: int, count: int
) -> PlateQueries:
    """Read a scene for `count` candidates; `index`: its place among the product's scenes, `cut`: the frame's cuts.

    `styles`: what `styles_of` found among the plates.
    """
    excluded = things_named(scene.negative_prompt or "")
    ideas = caption.ideas or PLAIN_IDEAS
    styled = style_named(scene.style, styles) if scene.style else None
    words = ", ".join(part for part in (scene.prompt, scene.style) if part)
    if not words and scene.reference is None:
        left = _without(excluded, ideas)
        taken = [left[(index * count + number) % len(left)] for number in range(count)]
        queries = tuple(_query(idea.prompt, cut, idea.view, excluded, fixed=True) for idea in taken)
        return PlateQueries(queries, notes_on_negative_prompt(scene, caption, None))
    query = _query(words, cut, usual_view(ideas), excluded, styled=styled)
    asked = query.attributes
    notes = notes_on_prompt(scene, asked, query.view, styled=styled is not None)
    return PlateQueries((query,) * count, (*notes, *notes_on_negative_prompt(scene, caption, asked)))


def usual_view(ideas: Sequence[SceneIdea]) -> View:
    """How the captioner sees this product: the commonest view among its ideas."""
    return Counter(idea.view for idea in ideas).most_common(1)[0][0]


def _query(
    words: str,
    cut: frozenset[str],
    usual: View,
    excluded: frozenset[str],
    *,
    fixed: bool = False,
    styled: Plate | None = None,
) -> PlateQuery:
    asked = parse_prompt(words)
    view = usual if fixed else styled.view if styled else view_for(asked, usual)
    if "bottom" in cut:
        view = "backdrop"  # nothing can stand on an edge that the frame has cut away
    elif view == "backdrop" and styled is None and (asked.view != "backdrop" or "surface" in asked.asked()):
        view = "standing"  # its feet are in the picture, so they stand on something
    if view == "flatlay" and asked.surface_colour is None:
        asked = replace(asked, surface_colour=asked.backdrop_colour)  # seen from above, all colour is the surface's
    return PlateQuery(
        prompt=words,
        attributes=asked,
        view=view,
        style=styled.style if styled else None,
        excluded=excluded - set(asked.asked().values()),
    )


def view_for(asked: SceneAttributes, usual: View) -> View:
    """The view a prompt asks for; where it does not say, the product's usual one if the prompt leaves room for it."""
    if asked.view == "flatlay" or asked.view == "backdrop":
        return asked.view
    behind = asked.backdrop is not None and "backdrop" not in asked.suggested
    if usual == "flatlay" and behind:
        return "standing"
    return usual


def _without(excluded: frozenset[str], ideas: Sequence[SceneIdea]) -> Sequence[SceneIdea]:
    """The ideas that ask for nothing excluded; all, where none is left."""
    left = [idea for idea in ideas if excluded.isdisjoint(parse_prompt(idea.prompt).asked().values())]
    return left or ideas


def styles_of(plates: Iterable[Plate]) -> dict[str, Plate]:
    """The name of each style, as plainly as a person may type it -> its first plate."""
    found: dict[str, Plate] = {}
    for plate in plates:
        found.setdefault(_plain(plate.style), plate)
    return found


def style_named(name: str, styles: Mapping[str, Plate]) -> Plate | None:
    """The first plate of a style, however its name is typed; None when there is no such style."""
    return styles.get(_plain(name))


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", name.lower()))
