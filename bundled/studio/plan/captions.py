"""What a person might type to get this scene: short and long, synonyms, other word orders, parts left out."""

import re

from bundled.studio.plan import vocabulary as words
from bundled.studio.plan.catalogue import PRODUCTS
from bundled.studio.plan.rng import SeededRng
from bundled.studio.plan.scene import Plan, PlannedLight

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
    rng = SeededRng(plan.seed, "captions")
    shapes = [_full, _short, _background_first, _partial, _with_product]
    made = [shape(plan, rng) for shape in (shapes * count)[: 3 * count]]
    return list(dict.fromkeys(text for text in made if text))[:count]


def surface_phrase(plan: Plan, rng: SeededRng) -> str:
    if plan.surface is None:
        return ""
    if plan.surface == "sweep":
        return _phrase(("a {} studio surface", "{} paper", "a {} ground"), plan.backdrop_variant, rng)
    return _phrase(words.SURFACES[plan.surface].phrases, plan.surface_variant, rng)


def backdrop_phrase(plan: Plan, rng: SeededRng) -> str:
    if plan.backdrop is None:
        return ""
    return _phrase(words.BACKDROPS[plan.backdrop].phrases, plan.backdrop_variant, rng)


def _phrase(phrases: tuple[str, ...], variant: str, rng: SeededRng) -> str:
    return _fitting(rng.one_of(phrases).format(variant))


def _fitting(text: str) -> str:
    return re.sub(r"\ba (?=[aeio])", "an ", text)


def _with_article(name: str) -> str:
    """'sunglasses' and 'toy blocks' take none."""
    return name if name.endswith(("s", "set")) and not name.endswith("glass") else _fitting(f"a {name}")


def light_words(light: PlannedLight, rng: SeededRng) -> list[str]:
    said = [rng.one_of(GLOWS[light.colour]), rng.one_of(SIDES[light.direction]), rng.one_of(EDGES[light.hardness])]
    if light.pattern:
        said.append(rng.one_of(PATTERNS[light.pattern]))
    return said


def _behind(plan: Plan, rng: SeededRng) -> str:
    phrase = backdrop_phrase(plan, rng)
    return rng.one_of(BEHIND).format(phrase) if phrase else ""


def _on(plan: Plan, rng: SeededRng) -> str:
    phrase = surface_phrase(plan, rng)
    lead = "flat lay on" if plan.view == "flatlay" and rng.chance(0.6) else "on"
    return f"{lead} {phrase}" if phrase else ""


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _full(plan: Plan, rng: SeededRng) -> str:
    return _joined(_on(plan, rng), _behind(plan, rng), *light_words(plan.light, rng))


def _short(plan: Plan, rng: SeededRng) -> str:
    return _joined(_on(plan, rng), _behind(plan, rng))


def _background_first(plan: Plan, rng: SeededRng) -> str:
    return _joined(backdrop_phrase(plan, rng), surface_phrase(plan, rng), rng.one_of(light_words(plan.light, rng)))


def _partial(plan: Plan, rng: SeededRng) -> str:
    part = rng.pick(_on, _behind)(plan, rng) or _on(plan, rng) or _behind(plan, rng)
    return _joined(part, rng.one_of(light_words(plan.light, rng))) if rng.chance(0.6) else part


def _with_product(plan: Plan, rng: SeededRng) -> str:
    if plan.product is None:
        return ""
    name = PRODUCTS[plan.product].described(plan.product_colour)
    article = "an" if name[0] in "aeiou" else "a"
    return _joined(
        f"{article} {name} {_on(plan, rng)}".strip(), _behind(plan, rng), rng.one_of(light_words(plan.light, rng))
    )
