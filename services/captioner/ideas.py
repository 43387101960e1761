"""Scene ideas by rules: for each kind of product, from plain to lifestyle, another mix for each product. Pure."""

import hashlib
import random
from collections.abc import Sequence

from services.captioner.idea_templates import LIFESTYLE, MATERIAL, PLAIN, IdeaTemplates, Template, idea_templates
from services.captioner.kinds import ProductKind
from shared.contracts.events import SceneIdea

FEWEST = 6


def ideas_for(product_id: str, kind: ProductKind, colour: str) -> tuple[SceneIdea, ...]:
    """Seven ideas, in turns from plain to lifestyle; the same product always gets the same, another one others.

    `colour` is the product's main colour word: walls keep away from it.
    """
    rng, known = random.Random(hashlib.sha256(product_id.encode()).digest()), idea_templates()
    tiers, avoided = known.tiers("worn" if kind.worn else kind.name), known.avoided(colour)
    walls = known.walls_for(colour)
    rng.shuffle(walls)
    counted = ((tiers.plain, PLAIN), (tiers.material, MATERIAL), (tiers.lifestyle, LIFESTYLE))
    chosen = [_chosen(tier, count, avoided, rng) for tier, count in counted]
    return tuple(_idea(template, walls, known, rng) for template in _in_turns(chosen))


def _chosen(tier: Sequence[Template], count: int, avoided: Sequence[str], rng: random.Random) -> list[Template]:
    """`count` of the tier by lot; those on which the product would vanish only to fill up."""
    shuffled = rng.sample(tier, len(tier))
    return sorted(shuffled, key=lambda template: any(word in template.words for word in avoided))[:count]


def _in_turns(tiers: Sequence[Sequence[Template]]) -> list[Template]:
    """Plain, material, lifestyle, plain, …: the first three already show the range."""
    longest = max(len(tier) for tier in tiers)
    return [tier[turn] for turn in range(longest) for tier in tiers if turn < len(tier)]


def _idea(template: Template, walls: list[str], known: IdeaTemplates, rng: random.Random) -> SceneIdea:
    wall = walls[0]
    if "{wall}" in template.words:
        walls.append(walls.pop(0))  # every idea with a wall gets another colour
    prompt = template.words.format(wall=wall, light=rng.choice(known.lights), sun=rng.choice(known.suns))
    return SceneIdea(prompt=prompt, view=template.view)
