"""What a brand should know of how its words were read: what was not understood, not found, or not possible. Pure."""

from collections.abc import Sequence

from services.inpainter.prompt.hex_colours import colours_of
from services.inpainter.prompt.lexicon import lexicon
from services.inpainter.prompt.parsing import parse_prompt, things_named
from services.inpainter.prompt.scene_attributes import SceneAttributes
from services.inpainter.prompt.words import clauses
from shared.contracts.events import Caption, Scene
from shared.contracts.vocabulary import View

MOST_NAMED = 12  # words that were not understood; the others are counted
LONGEST_NAMED = 40  # letters of such a word
NOTHING_UNDERSTOOD = (
    "nothing in the prompt names a surface, a backdrop, a colour or a light that is known; "
    "these are our own ideas for this product"
)
CUT = "the photo cuts the product at the bottom, so what it stands on is not seen"
HANGS = "a thing like this hangs before the backdrop and stands on nothing, so the surface is not seen"
LIES = "seen from above, so what stands behind the product is not in the picture"
SIDES = ("on the left", "on the right", "to the left", "to the right", "left side", "right side")
ONE_OF_EACH = "a scene has one surface and one backdrop, each of one colour, in warm, neutral or cool light"


def notes_on_prompt(
    scene: Scene, asked: SceneAttributes, view: View, *, styled: bool, cut: bool = False
) -> tuple[str, ...]:
    """How prompt and style were read; `styled`: the style is one that there is, and then says it all.

    `cut`: the photo cuts the product at the bottom.
    """
    notes = []
    if scene.style and not styled:
        notes.append(f"there is no style named '{scene.style}'; its words were read as part of the prompt")
    if asked.unknown and not styled:
        notes.append(f"not understood: {_named(asked.unknown)}")
    codes = () if styled else colours_of(scene.prompt or "").items()
    notes += [f"{code} was read as {name}, the nearest of the colours that are known" for code, name in codes]
    if asked.left_out and not styled:
        notes.append(f"left out: {_named(asked.left_out)}; {ONE_OF_EACH}")
    if asked.light_direction is None:
        notes += _unmoved(scene.prompt or "")
    if asked.is_empty and not styled and scene.reference is None:
        notes.append(NOTHING_UNDERSTOOD)
    if view == "backdrop" and asked.surface and "surface" not in asked.suggested:
        notes.append(CUT if cut else HANGS)
    if view == "flatlay" and asked.asked().get("backdrop", "wall") != "wall" and not styled:
        notes.append(LIES)
    return tuple(notes)


def _unmoved(prompt: str) -> list[str]:
    """Sides that are said, of the product or of a thing: words move neither."""
    said = [" ".join(words) for words in clauses(prompt)]
    sides = [side for side in SIDES if any(side in words for words in said)]
    return [f"'{side}' moved nothing: where the product stands is said by its placement" for side in sides]


def asks_of_plates(scene: Scene) -> bool:
    """Whether plates can lack what a scene asks: not where text or a picture decides, nor where nothing is asked."""
    decided = scene.strength == 1 or scene.reference is not None
    return not decided and bool(scene.style or not parse_prompt(scene.prompt or "").is_empty)


def notes_on_negative_prompt(scene: Scene, caption: Caption, asked: SceneAttributes | None) -> tuple[str, ...]:
    """What a negative prompt cannot do: touch the product, or take back what the prompt asks."""
    if not scene.negative_prompt:
        return ()
    notes = []
    own = _product_words(caption)
    products = [word for word in dict.fromkeys(_words(scene.negative_prompt)) if word in own]
    if products:
        notes.append(f"the negative prompt names the product ({_named(products)}); the product itself is never painted")
    both = sorted(things_named(scene.negative_prompt) & set(asked.asked().values() if asked else ()))
    if both:
        notes.append(f"asked for and excluded at once: {', '.join(both)}; it is shown")
    return tuple(notes)


def _named(words: Sequence[str]) -> str:
    short = [word if len(word) <= LONGEST_NAMED else f"{word[:LONGEST_NAMED]}…" for word in words]
    more = f" and {len(short) - MOST_NAMED} more" if len(short) > MOST_NAMED else ""
    return ", ".join(short[:MOST_NAMED]) + more


def _product_words(caption: Caption) -> frozenset[str]:
    """The words that name the product: not its colour or material, and no articles."""
    known = lexicon()
    return frozenset(_words(caption.product_short)) - known.words.stop_words - known.meanings.keys()


def _words(text: str) -> list[str]:
    return [word for clause in clauses(text) for word in clause]
