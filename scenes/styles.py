"""The named styles: what a brand asks for by name, and how the studio sets it up."""

from dataclasses import dataclass

from scenes.plan import Light

Thing = tuple[str, str]  # kind and variant


@dataclass(frozen=True)
class Style:
    name: str
    view: str
    surface: Thing | None
    backdrop: Thing | None
    lights: tuple[Light, ...]  # one plate for each
    words: tuple[str, ...]
    surface_phrase: str | None = None
    backdrop_phrase: str | None = None

    @property
    def slug(self) -> str:
        return self.name.replace(" ", "-").replace("'", "")


def light(code: str) -> Light:
    """'warm left hard leaf' as a value."""
    colour, direction, hardness, *pattern = code.split()
    return Light(colour, direction, hardness, pattern[0] if pattern else None)


def standing(name: str, surface: Thing, backdrop: Thing, lights: str, words: str, on: str, before: str) -> Style:
    return Style(name, "standing", surface, backdrop, _lights(lights), _words(words), on, before)


def flatlay(name: str, surface: Thing, lights: str, words: str, on: str) -> Style:
    return Style(name, "flatlay", surface, None, _lights(lights), _words(words), on, None)


def behind(name: str, backdrop: Thing, lights: str, words: str, before: str) -> Style:
    return Style(name, "backdrop", None, backdrop, _lights(lights), _words(words), None, before)


def _lights(text: str) -> tuple[Light, ...]:
    return tuple(light(code.strip()) for code in text.split(","))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


def _sweep(colour: str, lights: str, words: str) -> Style:
    surface, wall = f"{colour} studio surface", f"seamless {colour} background"
    return standing(f"{colour} studio", ("sweep", colour), ("sweep", colour), lights, words, surface, wall)


FIRST = (
    standing("rustic oak and brick", ("wood", "rustic oak"), ("brick", "red brick"), "warm left soft, neutral right hard",
             "rustic, oak, wood, wooden table, brick, brick wall, industrial, loft, cafe, pub", "rustic oak wooden table", "red brick wall"),
    standing("white marble and grey wall", ("marble", "white marble"), ("wall", "light grey"), "neutral left soft, cool right soft",
             "marble, white marble, elegant, clean, minimal, luxury, grey wall, counter", "white marble counter", "plain light grey wall"),
    standing("white marble and beige wall", ("marble", "white marble"), ("wall", "beige"), "warm left hard leaf, neutral right soft",
             "marble, beige, neutral, elegant, spa, skincare, morning light, leaf shadow", "white marble counter", "plain beige wall"),
    standing("bright white minimal", ("paper", "white"), ("wall", "white"), "neutral left soft, neutral right hard window",
             "white, minimal, clean, simple, bright, studio, plain", "white table", "plain white wall"),
    standing("scandinavian bathroom", ("tiles", "white"), ("bathroom", "white"), "neutral right soft, cool left soft",
             "bathroom, tiles, scandinavian, spa, sink, clean, fresh, vanity, nordic", "white tiled counter", "white tiled bathroom"),
    standing("golden-hour beach", ("sand", "golden"), ("beach", "turquoise"), "warm left hard, warm right hard",
             "beach, sand, sea, ocean, summer, sunset, golden hour, holiday, coast, vacation", "golden sand", "sea and evening sky"),
    standing("tropical beach", ("sand", "golden"), ("beach", "turquoise"), "neutral left hard, neutral right hard",
             "beach, sand, sea, ocean, summer, tropical, turquoise, holiday, coast, sunny", "fine sand", "turquoise sea and blue sky"),
    standing("concrete and plaster", ("concrete", "grey"), ("plaster", "beige"), "neutral right hard leaf, warm left hard window",
             "concrete, plaster, modern, minimal, architectural, leaf shadow, sunlight", "concrete surface", "beige plaster wall"),
    standing("pink podium", ("podium", "pink"), ("sweep", "pink"), "neutral left soft, neutral right hard",
             "podium, pink, pastel, pedestal, plinth, cosmetic, beauty, studio", "pink podium", "seamless pink background"),
    standing("oak table in the garden", ("wood", "oak"), ("garden", "green"), "neutral left soft, warm right hard",
             "oak, wood, table, garden, outdoor, green, foliage, nature, spring, picnic", "oak wooden table", "blurred green garden"),
    standing("kitchen counter", ("marble", "white marble"), ("kitchen", "white"), "neutral left soft, warm right soft",
             "kitchen, counter, marble, cooking, home, breakfast, bright kitchen", "white marble kitchen counter", "blurred white kitchen"),
    standing("slate and dark wall", ("slate", "dark"), ("wall", "dark grey"), "neutral left soft, cool right soft",
             "slate, dark, moody, black, stone, dramatic, masculine, luxury", "dark slate", "dark grey wall"),
    standing("linen by the window", ("linen", "white"), ("window", "white"), "neutral back soft, warm back soft",
             "linen, window, daylight, soft, airy, morning, bedroom, cosy, fabric, tablecloth", "white linen tablecloth", "bright window"),
    standing("library table", ("wood", "walnut"), ("bookshelf", "oak"), "warm left soft, neutral right soft",
             "library, books, bookshelf, study, walnut, wood, reading, academic, desk", "walnut wooden table", "blurred bookshelf"),
    standing("cosy living room", ("wood", "oak"), ("living room", "beige"), "warm left soft, neutral right soft",
             "living room, cosy, home, sofa, interior, oak, wood, table, homely", "oak coffee table", "blurred living room"),
    standing("lawn and garden", ("grass", "green"), ("garden", "green"), "neutral left hard, warm right hard",
             "grass, lawn, garden, outdoor, green, nature, summer, park, picnic", "green grass", "blurred green garden"),
    standing("night city on gloss", ("acrylic", "black"), ("city night", "night"), "neutral left soft, cool right soft",
             "night, city, bokeh, lights, black, glossy, neon, urban, party, club", "glossy black table", "city lights at night"),
    standing("festive lights", ("wood", "dark wood"), ("festive lights", "golden"), "warm left soft, warm right soft",
             "christmas, festive, holiday, lights, bokeh, gift, winter, xmas, golden, cosy", "dark wood table", "golden festive lights"),
    standing("snow and mountains", ("snow", "white"), ("mountains", "snowy"), "cool left hard, neutral right hard",
             "snow, winter, mountains, cold, alpine, ski, ice, outdoor, peaks", "fresh snow", "snowy mountains"),
    standing("terrazzo and sage", ("terrazzo", "white"), ("wall", "sage green"), "neutral left soft, neutral right hard leaf",
             "terrazzo, sage, green, sage green, modern, fresh, botanical, bathroom", "white terrazzo counter", "plain sage green wall"),
    flatlay("white linen flat lay", ("linen", "white"), "neutral left soft, warm left hard leaf",
            "flat lay, linen, white, fabric, top view, bed, airy, clothes", "white linen"),
    flatlay("oak flat lay", ("wood", "oak"), "neutral left soft, warm right hard window",
            "flat lay, oak, wood, wooden, table, top view, natural", "oak wooden table"),
    flatlay("marble flat lay", ("marble", "white marble"), "neutral left soft, neutral right hard leaf",
            "flat lay, marble, white, elegant, top view, luxury, jewellery", "white marble"),
    flatlay("sand flat lay", ("sand", "golden"), "warm left hard, warm right hard leaf",
            "flat lay, sand, beach, summer, top view, holiday", "golden sand"),
    flatlay("concrete flat lay", ("concrete", "grey"), "neutral left soft, cool right hard blind",
            "flat lay, concrete, grey, industrial, urban, street, top view", "grey concrete"),
    flatlay("pastel paper flat lay", ("paper", "peach"), "neutral left hard leaf, neutral right soft",
            "flat lay, pastel, paper, peach, plain, colour, top view, summer", "peach paper"),
    flatlay("lawn flat lay", ("grass", "green"), "neutral left hard, warm right hard",
            "flat lay, grass, lawn, green, picnic, top view, outdoor, sport", "green grass"),
    behind("white wall", ("wall", "white"), "neutral left soft, neutral left hard window",
           "white, plain, wall, minimal, clean, lookbook, fashion", "plain white wall"),
    behind("warm plaster wall", ("plaster", "beige"), "warm left hard leaf, neutral right soft",
           "plaster, stucco, beige, wall, mediterranean, leaf shadow, fashion", "beige plaster wall"),
    behind("garden bokeh", ("garden", "green"), "neutral left soft, warm right hard",
           "garden, green, bokeh, outdoor, park, nature, blurred, spring", "blurred green garden"),
    behind("living room bokeh", ("living room", "beige"), "warm left soft, neutral right soft",
           "living room, home, interior, cosy, blurred, sofa", "blurred living room"),
    behind("beach bokeh", ("beach", "turquoise"), "warm left hard, neutral right hard",
           "beach, sea, ocean, summer, holiday, sky, coast, blurred", "blurred sea and sky"),
)  # fmt: skip
