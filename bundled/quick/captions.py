"""What a person might type for a scene: synonyms, word order, short and long, partial. Words only, no drawing."""

from collections.abc import Mapping, Sequence

from bundled.quick.drawing import colours
from bundled.quick.drawing.noise import Rng
from bundled.quick.drawing.words import phrases
from bundled.quick.materials.surfaces import SURFACES
from bundled.quick.scenery.backdrops import BACKDROPS

ON = phrases(
    "on | on | on | on a | standing on | placed on | sitting on | resting on | atop | on top of | set on | displayed on"
)
BEHIND = phrases(
    "{} behind | {} in the background | in front of {} | against {} | {} background | {} backdrop | {} | "
    "{} | with {} behind it | {} behind it | before {} | blurred {} | blurred {} in the background"
)
LIGHT_COLOUR = {
    "warm": phrases(
        "warm light | golden hour | warm sunlight | sunset light | golden light | evening light | warm tones "
        "| warm | morning light | candle light | cosy light | late afternoon sun | warm glow"
    ),
    "neutral": phrases(
        "natural light | daylight | neutral light | bright light | studio light | white light | clean light | "
        "natural daylight | studio lighting"
    ),
    "cool": phrases(
        "cool light | cold light | bluish light | overcast light | cool tones | winter light | cool | blue "
        "hour | cold tones | moonlight"
    ),
}
DIRECTION = {
    "left": phrases(
        "light from the left | lit from the left | left side light | sun from the left | left light | side "
        "light from the left | light coming from the left"
    ),
    "right": phrases(
        "light from the right | lit from the right | right side light | sun from the right | right light | "
        "side light from the right | light coming from the right"
    ),
    "front": phrases(
        "front light | lit from the front | even light | flat light | light from the front | frontal light"
    ),
    "back": phrases(
        "backlit | back light | light from behind | lit from behind | backlight | rim light | glowing from behind"
    ),
}
QUALITY = {
    "soft": phrases("soft light | soft shadows | diffuse light | soft shadow | gentle light | soft"),
    "hard": phrases(
        "hard light | hard shadows | crisp shadows | strong shadows | direct sun | harsh light | sharp shadow "
        "| sunny | bright sun"
    ),
}
PATTERN = {
    "leaves": phrases("leaf shadows | palm shadows | dappled light | plant shadows | shadows of leaves"),
    "blinds": phrases("blinds shadows | window blinds shadow | striped shadows | venetian blind shadows"),
    "window": phrases("window shadow | window frame shadow | light through a window | window light"),
}
FROM_ABOVE = phrases("flat lay | seen from above | top view | top down | from above | overhead shot | knolling")
# Places that name a surface and a backdrop at once: (surface, backdrop) -> phrases.
PLACES: dict[tuple[str, str], tuple[str, ...]] = {
    ("sand", "sea"): phrases(
        "at the beach | on the beach | beach | seaside | summer beach | tropical beach | on a beach by the sea"
    ),
    ("sand", "sunset"): phrases("beach at sunset | on a beach at sunset | sunset beach"),
    ("sand", "desert"): phrases("in the desert | desert scene | sahara"),
    ("sand", "sky"): ("beach and sky", "summer scene"),
    ("pebbles", "sea"): phrases("pebble beach | rocky coast | by the sea"),
    ("water", "sea"): phrases("in the water | ocean scene | in the sea"),
    ("water", "sky"): ("lake", "on a lake"),
    ("grass", "garden"): phrases(
        "in the garden | in a garden | in the park | outdoors in nature | garden scene | backyard | nature"
    ),
    ("grass", "forest"): ("forest clearing", "at the edge of a forest"),
    ("grass", "flowers"): phrases("spring meadow | in a flower meadow | spring scene"),
    ("grass", "mountains"): phrases("alpine meadow | hiking scene | in the mountains"),
    ("grass", "sky"): ("green field", "summer meadow"),
    ("moss", "forest"): phrases("in the forest | in the woods | forest scene | woodland scene"),
    ("leaves", "forest"): phrases("autumn forest | autumn scene | fall scene"),
    ("leaves", "garden"): phrases("autumn garden | autumn | fall"),
    ("snow", "forest"): phrases("winter forest | snowy forest | winter scene"),
    ("snow", "mountains"): phrases("ski resort | winter mountains | snowy landscape | winter | alpine winter"),
    ("snow", "festive"): ("christmas scene", "winter holidays"),
    ("white marble", "kitchen"): phrases(
        "kitchen counter | on a kitchen counter | on the kitchen countertop | modern kitchen counter"
    ),
    ("granite", "kitchen"): ("kitchen worktop", "granite kitchen counter"),
    ("oak", "kitchen"): phrases("kitchen table | on a kitchen table | farmhouse kitchen"),
    ("oak", "living room"): phrases(
        "coffee table | on a coffee table | on a table in the living room | cosy home scene"
    ),
    ("white marble", "bathroom"): phrases("bathroom counter | bathroom vanity | spa scene | in the bathroom"),
    ("tiles", "bathroom"): ("bathroom scene", "bathroom shelf"),
    ("oak", "red brick"): phrases("rustic scene | rustic | loft | industrial loft"),
    ("oak", "shelf"): phrases("study desk | in a library | desk in a study | office desk"),
    ("oak", "festive"): phrases("christmas | christmas table | holiday scene | festive scene"),
    ("oak", "window"): phrases("by the window | windowsill | on a windowsill"),
    ("white wood", "window"): ("by a bright window", "white windowsill"),
    ("oak", "city"): phrases("bar at night | in a bar | restaurant at night"),
    ("black marble", "city"): ("night scene", "luxury night scene"),
    ("slate", "sea"): ("rocky shore", "on a rock by the sea"),
    ("slate", "mountains"): ("mountain top", "on a rock in the mountains"),
    ("concrete", "city"): ("rooftop at night", "urban night"),
}
PRODUCT_FRAMES = phrases(
    "{} | a {} | the {} | photo of a {} | product photo of a {} | {} product shot | commercial photo of a {} | my {}"
)
OPENERS = phrases(
    "product photography | product photo | commercial photo | studio shot | professional photo | photo | "
    "lifestyle photo | advertising photo | still life"
)
CLOSERS = phrases(
    "high quality | professional | minimal | clean | elegant | photorealistic | bokeh | shallow depth of "
    "field | sharp focus | detailed | modern | stylish"
)


def one_of(rng: Rng, words: Sequence[str]) -> str:
    """One of the words, all equally likely."""
    return words[int(rng.random() * len(words))]


def _article(phrase: str, rng: Rng) -> str:
    if phrase.startswith(("a ", "an ", "the ")) or rng.random() < 0.4:
        return phrase
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}" if rng.random() < 0.75 else f"the {phrase}"


def _coloured(words: Sequence[str], colour: str, rng: Rng) -> str:
    word = one_of(rng, words)
    if not colour:
        return word
    shade = one_of(rng, colours.SYNONYMS[colour])
    return f"{shade} {word}" if rng.random() < 0.85 or word.startswith(("a ", "the ")) else f"{word} in {shade}"


def surface_phrase(facts: Mapping[str, str], rng: Rng) -> str:
    """ "on a wooden table", "marble surface", "red podium on beige floor", …"""
    kind = facts["surface"]
    noun = _article(_coloured(SURFACES[kind].words, facts["surface_colour"], rng), rng)
    if kind == "podium" and rng.random() < 0.3:
        noun = f"{noun}, {one_of(rng, colours.SYNONYMS[facts['floor_colour']])} floor"
    return noun if rng.random() < 0.15 else f"{one_of(rng, ON).removesuffix(' a')} {noun}"


def backdrop_phrase(facts: Mapping[str, str], rng: Rng) -> str:
    """ "brick wall behind", "in front of a light blue wall", …; '' for a flat lay."""
    kind = facts["backdrop"]
    if not kind:
        return one_of(rng, FROM_ABOVE)
    noun = _coloured(BACKDROPS[kind].words, facts["backdrop_colour"], rng)
    frame = one_of(rng, BEHIND)
    if noun.endswith(("background", "backdrop")) and "ground" in frame + noun[-6:]:
        frame = one_of(rng, phrases("{} | against {} | in front of {} | with {}"))
    return frame.format(_article(noun, rng) if not frame.startswith(("{} back", "blurred")) else noun)


def light_phrase(facts: Mapping[str, str], rng: Rng) -> str:
    """ "warm light from the left", "golden hour, hard shadows", …: one to three of its attributes."""
    colour, direction = (
        one_of(rng, LIGHT_COLOUR[facts["light_colour"]]),
        one_of(rng, DIRECTION[facts["light_direction"]]),
    )
    quality = one_of(
        rng, PATTERN[facts["pattern"]] if facts["pattern"] and rng.random() < 0.7 else QUALITY[facts["light_quality"]]
    )
    tone = facts["light_colour"] if facts["light_colour"] != "neutral" else "natural"
    forms = (
        colour,
        direction,
        quality,
        f"{colour}, {direction}",
        f"{colour}, {quality}",
        f"{direction}, {quality}",
        f"{colour}, {direction}, {quality}",
        f"{tone} {direction}"
        if direction.startswith(phrases("light | sun | left | right | front | back | side"))
        else f"{colour}, {direction}",
        f"{facts['light_quality']} {tone} light",
        f"{facts['light_quality']} {tone} {direction}" if direction.startswith("light") else colour,
    )
    return one_of(rng, forms)


def product_phrase(facts: Mapping[str, str], rng: Rng) -> str:
    """ "a red bottle", "product photo of a mug", …"""
    noun = facts["product_word"]
    if rng.random() < 0.5:
        noun = f"{one_of(rng, colours.SYNONYMS[facts['product_colour']])} {noun}"
    return one_of(rng, PRODUCT_FRAMES).format(noun)


def caption(facts: Mapping[str, str], rng: Rng, *, completeness: float = 0.8) -> str:
    """One caption; each attribute is named with probability `completeness`, at least one always is."""
    place = PLACES.get((facts["surface"], facts["backdrop"]))
    if place and rng.random() < 0.35:
        parts = [one_of(rng, place)]
    else:
        parts = [
            phrase(facts, rng) for phrase in (surface_phrase, backdrop_phrase) if rng.random() < completeness + 0.1
        ]
    if rng.random() < completeness - 0.15 or not parts:
        parts.append(light_phrase(facts, rng))
    if rng.random() < 0.25:
        rng.shuffle(parts)
    if rng.random() < 0.12:
        parts.append(one_of(rng, CLOSERS))
    return _joined(parts, facts, rng)


def _joined(parts: list[str], facts: Mapping[str, str], rng: Rng) -> str:
    text = one_of(rng, (", ", ", ", ", ", " with ", " and ", "; ", " ")).join(parts)
    draw = rng.random()
    if draw < 0.3 and facts["product_word"]:
        text = f"{product_phrase(facts, rng)}{one_of(rng, (' ', ' ', ', '))}{text}"
    elif draw < 0.38:
        text = f"{one_of(rng, OPENERS)}, {text}"
    if rng.random() < 0.1:
        text = text.capitalize() + ("." if rng.random() < 0.5 else "")
    return text


def captions(facts: Mapping[str, str], rng: Rng) -> list[str]:
    """A full, a usual and a partial caption of one scene."""
    return [caption(facts, rng, completeness=c) for c in (1.0, 0.8, 0.45)]


def packshot_captions(facts: Mapping[str, str], rng: Rng) -> list[str]:
    """Captions of a product on a plain studio ground."""
    ground = one_of(rng, colours.SYNONYMS[facts["backdrop_colour"]])
    frames = phrases(
        "{p} on a {g} background | {p}, {g} background | packshot of a {w} on {g} | {p} isolated on {g} | "
        "studio photo, {w}, plain {g} background"
    )
    product = product_phrase(facts, rng)
    return [one_of(rng, frames).format(p=product, w=facts["product_word"], g=ground) for _ in range(2)]
