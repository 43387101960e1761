"""What a Scene asks of the plates, candidate by candidate; an empty Scene becomes the caption's ideas. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.inpainter.plates.attributes import NEAR_WALLS
from services.inpainter.plates.liked import LikedStyle
from services.inpainter.plates.notes import notes_on_negative_prompt, notes_on_prompt
from services.inpainter.prompt.lexicon import lexicon
from services.inpainter.prompt.parsing import parse_prompt, things_excluded
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
    surfaces, backdrops and shadows that are not to be shown."""

    prompt: str
    attributes: SceneAttributes
    view: View
    style: str | None = None
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True)
class NamedStyle:
    """A style that a request may name. `says`: the words that a mined one stands for, as its pictures show them."""

    name: str
    view: View
    says: str | None = None


@dataclass(frozen=True)
class PlateQueries:
    """One query per candidate, and what the brand should know of how its words were read."""

    queries: tuple[PlateQuery, ...]
    notes: tuple[str, ...] = ()


def plate_queries(
    scene: Scene,
    caption: Caption,
    styles: Mapping[str, NamedStyle],
    *,
    cut: frozenset[str],
    index: int,
    count: int,
    first: int = 0,
    liked: Sequence[str] = (),
) -> PlateQueries:
    """Read a scene for `count` candidates; `index`: its place among the product's scenes, `cut`: the frame's cuts.

    `first`: at which of the ideas the product's first scene begins; `styles`: what `styles_of` found; `liked`: ideas of
    styles that people like, which go before the caption's own.
    """
    excluded = things_excluded(scene.prompt or "", scene.negative_prompt or "")
    ideas = caption.ideas or PLAIN_IDEAS
    seen = frozenset(idea.view for idea in ideas)
    styled = style_named(scene.style, styles) if scene.style else None
    typed = (scene.prompt, styled.says if styled and styled.says else scene.style)
    words = ", ".join(part for part in typed if part and part.strip())
    query = _query(words, cut, usual_view(ideas), excluded, seen, styled=styled)
    asked = query.attributes
    notes = notes_on_prompt(scene, asked, query.view, styled=styled is not None, cut="bottom" in cut) if words else ()
    notes = (*notes, *notes_on_negative_prompt(scene, caption, asked))
    if _leaves_all_open(scene, words, asked, styled):
        taken = _ideas(ideas, liked, excluded, first=first, index=index, count=count)
        own = (_query(idea.prompt, cut, idea.view, excluded, seen, fixed=True) for idea in taken)
        return PlateQueries(tuple(replace(one, prompt=words) if words else one for one in own), notes)
    return PlateQueries((query,) * count, notes)


def _leaves_all_open(scene: Scene, words: str, asked: SceneAttributes, styled: NamedStyle | None) -> bool:
    """Nothing is asked, or nothing that is understood: then a product's own ideas suit it better than any plate.

    Where text alone decides, a painter may know words that we do not.
    """
    return scene.reference is None and (not words or (asked.is_empty and styled is None and scene.strength != 1))


def _ideas(
    own: Sequence[SceneIdea], liked: Sequence[str], excluded: frozenset[str], *, first: int, index: int, count: int
) -> list[SceneIdea]:
    """What people like first, each once, then the caption's own in turns; none that shows what is excluded."""
    view, left = usual_view(own), _without(excluded, own)
    wanted = [SceneIdea(prompt=prompt, view=view) for prompt in liked if _allowed(prompt, excluded)][:count]
    rest = count - len(wanted)
    return wanted + [left[(first + index * rest + number) % len(left)] for number in range(rest)]


def usual_view(ideas: Sequence[SceneIdea]) -> View:
    """How the captioner sees this product: the commonest view among its ideas."""
    return Counter(idea.view for idea in ideas).most_common(1)[0][0]


def _query(
    words: str,
    cut: frozenset[str],
    usual: View,
    excluded: frozenset[str],
    seen: frozenset[View],
    *,
    fixed: bool = False,
    styled: NamedStyle | None = None,
) -> PlateQuery:
    asked = parse_prompt(words)
    view = usual if fixed else styled.view if styled else view_for(asked, usual)
    if "bottom" in cut:
        view = "backdrop"  # nothing can stand on an edge that the frame has cut away
        asked = _stood_behind(asked)
    elif styled is None and _in_question(view, asked, seen, fixed):
        view = _stood(asked, seen)
    if view == "flatlay":
        asked = _from_above(asked)
    elif view == "standing":
        asked = _seamless(asked)
    return PlateQuery(
        prompt=words,
        attributes=asked,
        view=view,
        style=styled.name if styled else None,
        excluded=excluded - set(asked.asked().values()),
    )


def _in_question(view: View, asked: SceneAttributes, seen: frozenset[View], fixed: bool) -> bool:
    """A product that is whole is to hang though nobody said so, or to stand though such a thing does not."""
    hung = view == "backdrop" and (asked.view != "backdrop" or "surface" in asked.asked())
    return hung or (view == "standing" and not fixed and "standing" not in seen)


def _stood(asked: SceneAttributes, seen: frozenset[View]) -> View:
    """How such a product is seen; `seen`: all the ways that are usual.

    A shirt, which may lie as well, hangs before a wall and lies on a table; a person has feet to stand on. What only
    lies, a rope, may hang on a wall, but nowhere in a room.
    """
    if "flatlay" not in seen:
        return "standing"
    named = asked.asked()
    if "backdrop" not in seen and asked.surface and asked.backdrop not in NEAR_WALLS:
        return "flatlay"
    return "backdrop" if "surface" not in named or "backdrop" in named else "flatlay"


def _stood_behind(asked: SceneAttributes) -> SceneAttributes:
    """A surface that cannot be seen is shown as a wall of it, unless something else stands there."""
    if asked.surface is None or "surface" in asked.suggested or asked.backdrop or asked.backdrop_colour:
        return asked
    behind = lexicon().stands_behind_as[asked.surface]
    suggested = tuple(sorted({*asked.suggested, "backdrop"}))
    return replace(asked, backdrop=behind, backdrop_colour=asked.surface_colour, suggested=suggested)


def _from_above(asked: SceneAttributes) -> SceneAttributes:
    """All colour is the surface's; where no other thing is named it is coloured paper."""
    colour = asked.surface_colour or asked.backdrop_colour
    if asked.surface or not colour:
        return replace(asked, surface_colour=colour)
    return replace(
        asked, surface_colour=colour, surface="paper", suggested=tuple(sorted({*asked.suggested, "surface"}))
    )


def _seamless(asked: SceneAttributes) -> SceneAttributes:
    """A colour is all that is asked of a wall: as in a studio, what stands before it stands on it as well."""
    plain = asked.backdrop in {"wall", "gradient"} and asked.backdrop_colour is not None
    chosen = asked.surface is not None and (asked.surface != "paper" or "surface" not in asked.suggested)
    if not plain or chosen or asked.surface_colour:
        return asked
    suggested = tuple(sorted({*asked.suggested, "surface", "surface_colour"}))
    return replace(asked, surface="paper", surface_colour=asked.backdrop_colour, suggested=suggested)


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
    left = [idea for idea in ideas if _allowed(idea.prompt, excluded)]
    return left or ideas


def _allowed(prompt: str, excluded: frozenset[str]) -> bool:
    return excluded.isdisjoint(parse_prompt(prompt).asked().values())


def styles_of(plates: Iterable[Plate], liked: Iterable[LikedStyle] = ()) -> dict[str, NamedStyle]:
    """The name of each style, as plainly as a person may type it -> how it is seen. A plate's own name goes first."""
    found: dict[str, NamedStyle] = {}
    for plate in plates:
        found.setdefault(_plain(plate.style), NamedStyle(plate.style, plate.view))
    for style in liked:
        view: View = style.plates[0].view if style.plates else "standing"
        found.setdefault(_plain(style.name), NamedStyle(style.name, view, style.ideas[0]))
    return found


def style_named(name: str, styles: Mapping[str, NamedStyle]) -> NamedStyle | None:
    """A style, however its name is typed; None when there is no such style."""
    return styles.get(_plain(name))


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", name.lower()))
