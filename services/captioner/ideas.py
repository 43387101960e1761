"""Scene ideas by rules: for each kind of product, from plain to lifestyle, another mix for each product. Pure."""

import hashlib
import random
from collections.abc import Sequence

from services.captioner.kinds import Kind
from services.captioner.scene_book import templates
from shared.contracts.events import SceneIdea
from shared.contracts.styles import View

FEWEST = 6
PLAIN, MATERIAL, LIFESTYLE = 2, 2, 3  # how many of each a product gets

# Walls that flatter a product: not its own colour family. {wall} in a template takes one.
WALLS = (
    "white",
    "cream",
    "beige",
    "light grey",
    "sage",
    "light blue",
    "peach",
    "terracotta",
    "mint",
    "lilac",
    "dark green",
)
TOO_NEAR = {
    "white": {"white", "cream", "light grey"}, "light grey": {"light grey", "white"}, "grey": {"light grey"},
    "cream": {"cream", "white", "beige"}, "beige": {"beige", "cream", "peach"},
    "peach": {"peach", "terracotta", "beige"},
    "orange": {"terracotta", "peach"}, "terracotta": {"terracotta", "peach"}, "brown": {"terracotta"},
    "red": {"terracotta"},
    "green": {"sage", "mint", "dark green"}, "dark green": {"dark green", "sage"}, "sage": {"sage", "mint"},
    "mint": {"mint", "sage"}, "olive": {"sage", "dark green"}, "light blue": {"light blue", "mint"},
    "blue": {"light blue"},
    "lilac": {"lilac"}, "purple": {"lilac"}, "pink": {"peach", "lilac"}, "yellow": {"cream", "beige"},
    "black": {"dark green"}, "navy": {"dark green"}, "dark grey": {"dark green"}, "teal": {"mint", "sage"},
    "turquoise": {"mint", "light blue"}, "mustard": {"beige", "peach"},
}  # fmt: skip
LIGHTS = (
    "soft daylight", "warm light from the left", "soft light from the right", "warm morning light",
    "natural light from the left", "soft shadows",
)  # fmt: skip
SUNS = (
    "golden hour",
    "warm light from behind",
    "bright sun from the left",
    "hard light from the right",
    "morning light",
)

# A product vanishes on its own tone: words to avoid where others are left.
PALE, PALE_WORDS = {"white", "cream", "light grey"}, ("white", "snow")
DARK, DARK_WORDS = {"black", "navy", "dark grey", "dark green", "brown"}, ("black", "slate", "dark grey", "night")
SAME_AS = {"jewellery": "watch"}


def ideas_for(product_id: str, kind: Kind, colour: str) -> tuple[SceneIdea, ...]:
    """Seven ideas, in turns from plain to lifestyle; the same product always gets the same, another one others.

    `colour` is the product's main colour word: walls keep away from it.
    """
    dice = random.Random(hashlib.sha256(product_id.encode()).digest())
    book = templates()
    tiers = book.get("worn" if kind.worn else SAME_AS.get(kind.name, kind.name), book["general"])
    walls = [wall for wall in WALLS if wall not in TOO_NEAR.get(colour, set())]
    dice.shuffle(walls)
    counts = (PLAIN, MATERIAL, LIFESTYLE)
    chosen = [_chosen(tier, count, colour, dice) for tier, count in zip(tiers, counts, strict=True)]
    return tuple(_idea(template, walls, dice) for template in _in_turns(chosen))


def _chosen(tier: Sequence[str], count: int, colour: str, dice: random.Random) -> list[str]:
    """`count` of the tier by lot; those on which the product would vanish only to fill up."""
    avoided = PALE_WORDS if colour in PALE else DARK_WORDS if colour in DARK else ()
    shuffled = dice.sample(tier, len(tier))
    return sorted(shuffled, key=lambda template: any(word in template for word in avoided))[:count]


def _in_turns(tiers: Sequence[Sequence[str]]) -> list[str]:
    """Plain, material, lifestyle, plain, …: the first three already show the range."""
    longest = max(len(tier) for tier in tiers)
    return [tier[turn] for turn in range(longest) for tier in tiers if turn < len(tier)]


def _idea(template: str, walls: list[str], dice: random.Random) -> SceneIdea:
    view, _, words = template.rpartition(" | ")
    wall = walls[0]
    if "{wall}" in words:
        walls.append(walls.pop(0))  # every idea with a wall gets another colour
    prompt = words.format(wall=wall, light=dice.choice(LIGHTS), sun=dice.choice(SUNS))
    chosen: View = "flatlay" if view == "flatlay" else "backdrop" if view == "backdrop" else "standing"
    return SceneIdea(prompt=prompt, view=chosen)
