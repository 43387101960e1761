"""What kind of thing a product is, from the merchant's words and the way the frame cuts it. Pure."""

import re
from collections.abc import Set
from dataclasses import dataclass

from shared.contracts.events import ProductFacts

# Kind -> nouns that name it, the more telling first. The first match in title, then category, then description wins.
NOUNS: dict[str, tuple[str, ...]] = {
    "book": (
        "book", "notebook", "novel", "magazine", "journal", "diary", "planner",
    ),
    "card": (
        "gift card", "voucher", "gift", "card", "postcard", "poster", "print", "calendar",
    ),
    "watch": (
        "smartwatch", "wristwatch", "watch",
    ),
    "jewellery": (
        "necklace", "bracelet", "earrings", "earring", "ring", "pendant", "jewellery", "jewelry", "brooch",
    ),
    "eyewear": (
        "sunglasses", "eyeglasses", "glasses", "sunnies", "spectacles", "shades",
    ),
    "shoes": (
        "sneakers", "sneaker", "trainers", "shoes", "shoe", "boots", "boot", "plimsolls", "sandals", "heels",
        "slippers", "loafers", "balance 420", "footwear", "flip flops",
    ),
    "bag": (
        "backpack", "duffle bag", "duffel bag", "messenger bag", "tote bag", "tote", "handbag", "suitcase", "rucksack",
        "bag", "wallet", "purse", "luggage", "satchel",
    ),
    "mug": (
        "mug", "cup", "teacup", "tumbler", "teapot", "plate", "bowl", "pan", "pot", "cutlery", "kettle",
    ),
    "drink": (
        "drink", "juice", "smoothie", "soda", "beer", "wine", "water bottle", "lemonade", "tea", "coffee", "kombucha",
        "bottle", "whisky", "gin", "milk",
    ),
    "food": (
        "chocolate", "cookies", "snack", "cereal", "honey", "jam", "bread", "cake", "food", "sauce", "oil", "pasta",
    ),
    "cosmetics": (
        "perfume", "fragrance", "lipstick", "cream", "serum", "lotion", "shampoo", "soap", "cosmetics", "makeup",
        "nail polish", "deodorant", "moisturiser", "moisturizer", "skincare", "beauty",
    ),
    "headwear": (
        "beanie", "cap", "hat", "neck warmer", "scarf", "gloves", "headband", "socks", "bandana",
    ),
    "garment": (
        "hoodie", "t-shirt", "tee", "shirt", "jacket", "sweater", "jumper", "dress", "trousers", "pants", "jeans",
        "shorts", "leggings", "skirt", "coat", "tank", "vest", "blouse", "polo", "sweatshirt", "bra", "cardigan",
        "garment", "apparel", "clothing", "suit", "top",
    ),
    "fitness": (
        "exercise ball", "stasis ball", "cardio ball", "yoga brick", "yoga strap", "yoga mat", "foam roller",
        "pushup grips", "strength band", "dumbbell", "kettlebell", "jump rope", "ball", "racket", "skateboard",
        "bicycle", "fitness equipment", "fitness", "lumaflex band", "band", "roller", "gym",
    ),
    "electronics": (
        "headphones", "earbuds", "speaker", "phone", "laptop", "camera", "keyboard", "mouse", "tablet", "charger",
        "console", "microphone", "drone", "electronics",
    ),
    "home": (
        "lamp", "vase", "candle", "cushion", "pillow", "clock", "frame", "plant", "blanket", "towel", "rug", "decor",
    ),
    "furniture": (
        "chair", "sofa", "armchair", "stool", "desk", "shelf", "cabinet", "table", "furniture",
    ),
    "toy": (
        "toy", "teddy", "doll", "puzzle", "plush", "figure", "lego", "game", "teddy bear",
    ),
}  # fmt: skip
VAGUE = {
    "gift",
    "card",
    "garment",
    "apparel",
    "clothing",
    "footwear",
    "fitness equipment",
    "fitness",
    "gym",
    "band",
    "top",
}
TIDY = {
    "tee": "t-shirt", "sunnies": "sunglasses", "balance 420": "sneaker", "apparel": "garment", "clothing": "garment",
    "gift": "gift card", "tote": "tote bag", "lumaflex band": "exercise band",
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """`name` is one of NOUNS or "general"; `noun` is what people call it, if anyone said; `worn`: a person wears it."""

    name: str = "general"
    noun: str | None = None
    worn: bool = False


def kind_of(facts: ProductFacts, border_contact: Set[str]) -> Kind:
    """The kind the facts speak of. A garment that the upper or lower edge cuts is on a person: laid flat it fits in."""
    for text in (facts.title, facts.category, facts.description):
        found = _found(text or "")
        if found:
            name, noun = found
            worn = name == "garment" and bool({"top", "bottom"} & border_contact)
            return Kind(name, TIDY.get(noun, noun), worn)
    return Kind()


def _found(text: str) -> tuple[str, str] | None:
    """(kind, noun) whose noun stands last in the text: "watch strap bag" is a bag; telling nouns before vague ones."""
    words = " ".join(re.findall(r"[a-z0-9]+(?:-[a-z]+)?", text.lower().replace("&trade;", " ")))
    hits = [
        (noun not in VAGUE, match.start() + len(noun), len(noun), kind, noun)
        for kind, nouns in NOUNS.items()
        for noun in nouns
        if (match := re.search(rf"\b{re.escape(noun)}(?:e?s)?\b", words))
    ]
    return max(hits)[3:] if hits else None
