"""The book of scene templates, by kind of product and tier; {wall}, {light} and {sun} are filled in for each product.

A template is "view | words", standing without a view. Words are those that the style plates and the mini painter know;
a test reads every filled template with the inpainter's own parser.
"""

BOOK = """
general
  plain     on a white podium, plain {wall} wall, {light}
  plain     seamless {wall} background, soft shadows
  plain     on white paper, plain {wall} wall, {light}
  plain     on a glossy white surface, {wall} gradient background, soft light
  material  on white marble, plain {wall} wall, {light}
  material  on an oak table, white plaster wall, hard light with leaf shadows
  material  on concrete, plain {wall} wall, hard light with leaf shadows
  material  on terrazzo, plain {wall} wall, {light}
  material  on slate, dark grey plaster wall, {light}
  material  on beige travertine, {wall} plaster wall, {light}
  lifestyle on a wooden table, blurred living room behind, {light}
  lifestyle on an oak table by a bright window, morning light
  lifestyle on a walnut table, bookshelf behind, warm light
  lifestyle on a wooden table, garden behind, {sun}
  lifestyle on a wooden table, red brick wall, {light}
  lifestyle on a black marble table, city lights at night
garment
  plain     backdrop | plain {wall} wall, soft light
  plain     flatlay | on white paper, soft shadows
  plain     backdrop | {wall} gradient background, soft light
  material  flatlay | on white linen, {light}
  material  flatlay | on oak planks, {light}
  material  flatlay | on concrete, hard light with leaf shadows
  material  flatlay | on beige linen, soft shadows
  material  flatlay | on white marble, {light}
  lifestyle backdrop | white brick wall, {light}
  lifestyle backdrop | wood panels, warm light from the left
  lifestyle backdrop | {wall} plaster wall, hard light with leaf shadows
  lifestyle backdrop | white curtain by a window, morning light
  lifestyle flatlay | on green grass, {sun}
  lifestyle flatlay | on walnut planks, warm light
worn
  plain     backdrop | plain {wall} wall, soft light
  plain     backdrop | {wall} gradient background, soft light
  material  backdrop | red brick wall, {light}
  material  backdrop | {wall} plaster wall, hard light with leaf shadows
  material  backdrop | concrete wall, cool light from the left
  material  backdrop | white brick wall, soft daylight
  lifestyle backdrop | blurred green garden, {sun}
  lifestyle backdrop | beach and sea, {sun}
  lifestyle backdrop | city lights at night
  lifestyle backdrop | mountains, morning light
  lifestyle backdrop | blurred forest, {sun}
  lifestyle backdrop | blue sky with clouds, bright sun from the left
headwear
  plain     backdrop | plain {wall} wall, soft light
  plain     on a white podium, plain {wall} wall, {light}
  material  flatlay | on white linen, {light}
  material  flatlay | on oak planks, {light}
  material  flatlay | on concrete, hard light with leaf shadows
  material  flatlay | on beige linen, soft shadows
  material  flatlay | on white marble, {light}
  lifestyle on snow, snowy mountains behind, bright sun from the left
  lifestyle on a wooden table, wood panels, warm light
  lifestyle on an oak table by a bright window, morning light
  lifestyle on a wooden bench, blurred forest behind, {sun}
drink
  plain     on a white podium, {wall} gradient background, soft light
  plain     on a glossy white surface, plain {wall} wall, {light}
  material  on terrazzo, plain {wall} wall, hard light with leaf shadows
  material  on white marble, white tiled wall, {light}
  material  on concrete, plain {wall} wall, hard light with leaf shadows
  lifestyle on a wooden table, blurred kitchen behind, morning light
  lifestyle on sand, beach and sea behind, bright sun from the left
  lifestyle on grass, picnic in the garden, {sun}
  lifestyle on an oak table, garden behind, {sun}
  lifestyle on wet stone, forest behind, soft light
food
  plain     on a white podium, plain {wall} wall, {light}
  plain     on white linen, plain {wall} wall, soft light
  material  on white marble, white tiled wall, {light}
  material  on slate, dark grey plaster wall, warm light from the left
  material  on terrazzo, plain {wall} wall, {light}
  lifestyle on a wooden table, blurred kitchen behind, morning light
  lifestyle on an oak table, garden behind, {sun}
  lifestyle on beige linen by a bright window, morning light
  lifestyle on a rustic oak table, red brick wall, warm light
mug
  plain     on a white podium, plain {wall} wall, {light}
  plain     on white paper, plain {wall} wall, soft shadows
  material  on white marble, plain {wall} wall, {light}
  material  on terrazzo, {wall} plaster wall, hard light with leaf shadows
  material  on beige linen, plain {wall} wall, {light}
  lifestyle on a wooden table, blurred kitchen behind, morning light
  lifestyle on an oak table by a bright window, morning light
  lifestyle on a walnut table, bookshelf behind, warm light
  lifestyle on a wooden table, garden behind, {sun}
  lifestyle on a wooden table, festive lights behind
shoes
  plain     on a white podium, plain {wall} wall, {light}
  plain     seamless {wall} background, soft shadows
  plain     on concrete, plain {wall} wall, {light}
  material  on concrete, concrete wall, hard light from the left
  material  on oak planks, white plaster wall, {light}
  material  on slate, plain {wall} wall, {light}
  lifestyle on concrete in the street, red brick wall, {light}
  lifestyle on a wooden floor, white brick wall, {light}
  lifestyle on grass, blurred garden behind, {sun}
  lifestyle on wet stone, city lights at night
  lifestyle on sand, beach and sea behind, {sun}
  lifestyle on a wooden deck, mountains behind, morning light
watch
  plain     on a black podium, dark grey gradient background, soft light
  plain     on a white podium, plain {wall} wall, {light}
  material  on white marble, plain {wall} wall, {light}
  material  on slate, dark grey plaster wall, warm light from the left
  material  on black velvet, black background, soft light from the right
  material  on green marble, plain {wall} wall, {light}
  lifestyle on a walnut table, bookshelf behind, warm light
  lifestyle on wet stone, mountains behind, morning light
  lifestyle on a black marble table, city lights at night
  lifestyle on an oak table by a bright window, morning light
eyewear
  plain     on a white podium, plain {wall} wall, hard light from the left
  plain     on a glossy white surface, {wall} gradient background, soft light
  material  on terrazzo, plain {wall} wall, hard light with leaf shadows
  material  on white marble, plain {wall} wall, {light}
  material  on beige travertine, {wall} plaster wall, hard light from the right
  lifestyle on sand, beach and sea behind, bright sun from the left
  lifestyle on a wooden table, garden behind, {sun}
  lifestyle on a wooden deck, blue sky, bright sun from the right
  lifestyle on an oak table by a bright window, morning light
bag
  plain     seamless {wall} background, soft shadows
  plain     on a white podium, plain {wall} wall, {light}
  plain     on concrete, plain {wall} wall, {light}
  material  on concrete, {wall} plaster wall, hard light with leaf shadows
  material  on oak planks, white plaster wall, {light}
  material  on beige travertine, plain {wall} wall, {light}
  lifestyle on a wooden bench, blurred garden behind, {sun}
  lifestyle on a wooden floor, red brick wall, {light}
  lifestyle on concrete, city lights at night
  lifestyle on grass, mountains behind, morning light
  lifestyle on an oak table, blurred living room behind, {light}
fitness
  plain     seamless {wall} background, soft shadows
  plain     on a white floor, plain {wall} wall, {light}
  material  on concrete, concrete wall, hard light from the left
  material  on oak planks, white brick wall, {light}
  material  on oak planks, plain {wall} wall, {light}
  lifestyle on a wooden floor in a gym, bright window behind, morning light
  lifestyle on grass, blurred garden behind, {sun}
  lifestyle on a wooden floor, blurred living room behind, {light}
  lifestyle on sand, beach and sea behind, morning light
  lifestyle on concrete, red brick wall, hard light from the right
cosmetics
  plain     on a {wall} podium, plain {wall} wall, {light}
  plain     on a glossy white surface, {wall} gradient background, soft light
  material  on white marble, plain {wall} wall, hard light with leaf shadows
  material  on beige travertine, {wall} plaster wall, {light}
  material  on terrazzo, plain {wall} wall, {light}
  material  on white linen, plain {wall} wall, {light}
  lifestyle on white marble, blurred bathroom behind, soft daylight
  lifestyle on moss, forest behind, {sun}
  lifestyle on wet stone, beach and sea behind, soft light
  lifestyle on an oak table by a bright window, morning light
book
  plain     on white paper, plain {wall} wall, soft shadows
  plain     on a white podium, plain {wall} wall, {light}
  material  on an oak table, {wall} plaster wall, {light}
  material  on white linen, plain {wall} wall, {light}
  material  on concrete, plain {wall} wall, hard light with leaf shadows
  lifestyle on a walnut table, bookshelf behind, warm light
  lifestyle on an oak table by a bright window, morning light
  lifestyle on a wooden table, blurred living room behind, {light}
  lifestyle on a wooden table, garden behind, {sun}
card
  plain     flatlay | on white paper, soft shadows
  plain     on a white podium, plain {wall} wall, {light}
  material  flatlay | on white marble, {light}
  material  flatlay | on beige linen, soft light
  material  on black velvet, dark grey background, soft light
  lifestyle on a wooden table, festive lights behind
  lifestyle on a walnut table, bookshelf behind, warm light
  lifestyle on an oak table by a bright window, morning light
  lifestyle on snow, festive lights behind
electronics
  plain     on a glossy black surface, dark grey gradient background, soft light
  plain     on a white podium, plain {wall} wall, {light}
  material  on concrete, plain {wall} wall, {light}
  material  on slate, concrete wall, cool light from the left
  material  on an oak table, plain {wall} wall, {light}
  lifestyle on a walnut table, bookshelf behind, warm light
  lifestyle on a wooden table, blurred living room behind, {light}
  lifestyle on a glossy black surface, city lights at night
  lifestyle on an oak table by a bright window, morning light
furniture
  plain     seamless {wall} background, soft shadows
  plain     on a white floor, plain {wall} wall, {light}
  material  on oak planks, {wall} plaster wall, {light}
  material  on concrete, white brick wall, {light}
  material  on a wooden floor, wood panels, warm light
  lifestyle on a wooden floor by a bright window, morning light
  lifestyle on a wooden floor, bookshelf behind, warm light
  lifestyle on a wooden deck, garden behind, {sun}
  lifestyle on a wooden floor, white curtain behind, soft daylight
"""


def templates() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Kind -> its templates in three tiers: plain, material, lifestyle."""
    found: dict[str, tuple[list[str], ...]] = {}
    tiers = ("plain", "material", "lifestyle")
    for line in BOOK.strip().splitlines():
        if not line.startswith(" "):
            kind = found.setdefault(line.strip(), ([], [], []))
        else:
            tier, words = line.split(maxsplit=1)
            kind[tiers.index(tier)].append(words)
    return {name: tuple(tuple(tier) for tier in listed) for name, listed in found.items()}
