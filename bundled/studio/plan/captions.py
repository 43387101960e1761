"""What a person might type to get this scene: short and long, synonyms, other word orders, parts left out."""

import re

from bundled.studio.plan import vocabulary as words
from bundled.studio.plan.catalogue import PRODUCTS
from bundled.studio.plan.dice import Dice
from bundled.studio.plan.scene import Light, Plan

GLOWS = {
    "warm": ("warm light", "golden light", "warm golden-hour light", "warm tones"),
    "neutral": ("neutral light", "natural light", "clean white light", "daylight"),
    "cool": ("cool light", "cool bluish light", "cold daylight", "cool tones"),
}
SIDES = {
    "left": ("light from the left", "lit from the left"), "right": ("light from the right", "lit from the right"),
    "front": ("light from the front", "front light"), "back": ("backlit", "light from behind"),
}  # fmt: skip
EDGES = {
    "soft": ("soft shadows", "soft light", "diffused light"),
    "hard": ("hard shadows", "crisp shadows", "direct sunlight"),
}
PATTERNS = {
    "leaf": ("leaf shadows", "shadows of leaves", "palm shadow"), "blind": ("blind shadows", "striped shadows"),
    "window": ("window shadow", "sunlight through a window"),
}  # fmt: skip
BEHIND = ("{} behind", "{} in the background", "in front of {}", "against {}")


def captions(plan: Plan, count: int = 5) -> list[str]:
    dice = Dice(plan.seed, "captions")
    shapes = [_full, _short, _background_first, _partial, _with_product]
    made = [shape(plan, dice) for shape in (shapes * count)[: 3 * count]]
    return list(dict.fromkeys(text for text in made if text))[:count]


def surface_phrase(plan: Plan, dice: Dice) -> str:
    if plan.surface is None:
        return ""
    if plan.surface == "sweep":
        return _phrase(("a {} studio surface", "{} paper", "a {} ground"), plan.backdrop_variant, dice)
    return _phrase(words.SURFACES[plan.surface].phrases, plan.surface_variant, dice)


def backdrop_phrase(plan: Plan, dice: Dice) -> str:
    if plan.backdrop is None:
        return ""
    return _phrase(words.BACKDROPS[plan.backdrop].phrases, plan.backdrop_variant, dice)


def _phrase(phrases: tuple[str, ...], variant: str, dice: Dice) -> str:
    return _fitting(dice.one_of(phrases).format(variant))


def _fitting(text: str) -> str:
    return re.sub(r"\ba (?=[aeio])", "an ", text)


def _with_article(name: str) -> str:
    """'sunglasses' and 'toy blocks' take none."""
    return name if name.endswith(("s", "set")) and not name.endswith("glass") else _fitting(f"a {name}")


def light_words(light: Light, dice: Dice) -> list[str]:
    said = [dice.one_of(GLOWS[light.colour]), dice.one_of(SIDES[light.direction]), dice.one_of(EDGES[light.hardness])]
    if light.pattern:
        said.append(dice.one_of(PATTERNS[light.pattern]))
    return said


def _behind(plan: Plan, dice: Dice) -> str:
    phrase = backdrop_phrase(plan, dice)
    return dice.one_of(BEHIND).format(phrase) if phrase else ""


def _on(plan: Plan, dice: Dice) -> str:
    phrase = surface_phrase(plan, dice)
    lead = "flat lay on" if plan.view == "flatlay" and dice.chance(0.6) else "on"
    return f"{lead} {phrase}" if phrase else ""


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _full(plan: Plan, dice: Dice) -> str:
    return _joined(_on(plan, dice), _behind(plan, dice), *light_words(plan.light, dice))


def _short(plan: Plan, dice: Dice) -> str:
    return _joined(_on(plan, dice), _behind(plan, dice))


def _background_first(plan: Plan, dice: Dice) -> str:
    return _joined(backdrop_phrase(plan, dice), surface_phrase(plan, dice), dice.one_of(light_words(plan.light, dice)))


def _partial(plan: Plan, dice: Dice) -> str:
    part = dice.pick(_on, _behind)(plan, dice) or _on(plan, dice) or _behind(plan, dice)
    return _joined(part, dice.one_of(light_words(plan.light, dice))) if dice.chance(0.6) else part


def _with_product(plan: Plan, dice: Dice) -> str:
    if plan.product is None:
        return ""
    name = PRODUCTS[plan.product].described(plan.product_colour)
    article = "an" if name[0] in "aeiou" else "a"
    return _joined(
        f"{article} {name} {_on(plan, dice)}".strip(), _behind(plan, dice), dice.one_of(light_words(plan.light, dice))
    )
