"""The product kinds in words: nouns, categories and colours; nothing here draws."""
# ruff: noqa: E501 rows of numbers and words read better unwrapped

from dataclasses import dataclass

COLOURS = (
    "red", "orange", "yellow", "green", "dark green", "teal", "blue", "navy blue", "purple", "pink", "white", "black", "grey",
    "beige", "brown", "cream", "mint", "terracotta", "sky blue", "lavender",
)  # fmt: skip
LEATHERS = ("brown", "black", "beige", "burgundy", "navy blue", "cream", "dark green", "terracotta")
GLASSES = ("clear", "amber", "green", "blue", "pink")
METALS = ("steel", "brass", "copper", "gold", "silver", "dark metal")


@dataclass(frozen=True)
class CatalogueProduct:
    noun: str
    category: str
    colours: tuple[str, ...] = COLOURS
    turn: float = 0.3  # how far it may be turned from facing the camera, radians
    lies: bool = False  # flat on the surface
    clear: bool = False  # partly see-through
    hangs: bool = False  # before a wall; stands on nothing
    name: str = "{colour} {noun}"

    def described(self, colour: str) -> str:
        return self.name.format(colour=colour, noun=self.noun)


PRODUCTS = {
    "bottle": CatalogueProduct("bottle", "Drinks"),
    "glass bottle": CatalogueProduct("glass bottle", "Drinks", GLASSES, clear=True),
    "jar": CatalogueProduct("cosmetic jar", "Beauty"),
    "dropper": CatalogueProduct("dropper bottle", "Beauty", (*GLASSES[:3], "black", "white"), clear=True),
    "perfume": CatalogueProduct("perfume bottle", "Beauty", GLASSES, clear=True),
    "pump bottle": CatalogueProduct("pump bottle", "Beauty"),
    "tube": CatalogueProduct("cosmetic tube", "Beauty"),
    "lipstick": CatalogueProduct("lipstick", "Beauty", ("red", "pink", "burgundy", "terracotta", "brown")),
    "soap": CatalogueProduct("soap bar", "Beauty", ("cream", "white", "pink", "sage green", "beige", "lavender")),
    "candle": CatalogueProduct("candle", "Home", lies=False),
    "glass candle": CatalogueProduct("glass candle", "Home", ("clear",), clear=True, name="candle in a glass"),
    "mug": CatalogueProduct("mug", "Kitchen", turn=0.9),
    "bowl": CatalogueProduct("bowl", "Kitchen"),
    "plate": CatalogueProduct("plate", "Kitchen"),
    "teapot": CatalogueProduct("teapot", "Kitchen", turn=0.8),
    "wine glass": CatalogueProduct("wine glass", "Kitchen", ("clear",), clear=True, name="wine glass"),
    "tumbler": CatalogueProduct("drinking glass", "Kitchen", GLASSES, clear=True),
    "thermos": CatalogueProduct("thermos flask", "Kitchen"),
    "frying pan": CatalogueProduct(
        "frying pan", "Kitchen", ("black", "dark green", "red", "navy blue", "grey"), turn=1.2
    ),
    "cutlery": CatalogueProduct("cutlery set", "Kitchen", ("steel", "gold", "black"), lies=True),
    "knife": CatalogueProduct("kitchen knife", "Kitchen", ("brown", "black"), lies=True, turn=0.8, name="{noun}"),
    "can": CatalogueProduct("can", "Drinks"),
    "box": CatalogueProduct("box", "Household", turn=0.7),
    "gift box": CatalogueProduct("gift box", "Gifts", turn=0.7),
    "book": CatalogueProduct("book", "Books", turn=0.5),
    "book stack": CatalogueProduct("stack of books", "Books", ("mixed",), turn=0.5, name="stack of books"),
    "vase": CatalogueProduct("vase", "Home"),
    "potted plant": CatalogueProduct(
        "potted plant", "Garden", ("terracotta", "white", "grey", "beige", "black"), name="plant in a {colour} pot"
    ),
    "table lamp": CatalogueProduct(
        "table lamp", "Home", ("white", "beige", "mint", "black", "terracotta", "navy blue")
    ),
    "clock": CatalogueProduct("alarm clock", "Home"),
    "cushion": CatalogueProduct("cushion", "Home"),
    "folded towels": CatalogueProduct(
        "stack of towels",
        "Home",
        ("white", "beige", "mint", "grey", "pink", "sky blue"),
        name="stack of {colour} towels",
    ),
    "folded shirt": CatalogueProduct("folded shirt", "Clothing", lies=True),
    "t-shirt": CatalogueProduct("T-shirt", "Clothing", turn=0.15, hangs=True),
    "sweater": CatalogueProduct("knitted sweater", "Clothing", turn=0.15, hangs=True),
    "dress": CatalogueProduct("dress", "Clothing", turn=0.2, hangs=True),
    "hat": CatalogueProduct("sun hat", "Clothing", ("beige", "cream", "brown", "black", "white")),
    "cap": CatalogueProduct("baseball cap", "Clothing", turn=0.9),
    "sneaker": CatalogueProduct("sneaker", "Shoes", turn=0.5),
    "boot": CatalogueProduct("rubber boot", "Shoes", ("yellow", "dark green", "navy blue", "red", "black"), turn=0.5),
    "slipper": CatalogueProduct("slipper", "Shoes", turn=0.6),
    "handbag": CatalogueProduct("handbag", "Bags", LEATHERS, turn=0.5),
    "tote bag": CatalogueProduct(
        "tote bag", "Bags", ("cream", "black", "beige", "navy blue", "dark green", "pink"), turn=0.4
    ),
    "backpack": CatalogueProduct("backpack", "Bags", turn=0.5),
    "wallet": CatalogueProduct("wallet", "Accessories", LEATHERS, lies=True, turn=0.6, name="{colour} leather {noun}"),
    "belt": CatalogueProduct("belt", "Accessories", LEATHERS, lies=True, name="{colour} leather {noun}"),
    "watch": CatalogueProduct("wrist watch", "Accessories", LEATHERS, turn=0.3, name="{noun} with a {colour} strap"),
    "ring": CatalogueProduct("ring", "Jewellery", ("gold", "silver", "copper"), turn=1.0),
    "bracelet": CatalogueProduct("bead bracelet", "Jewellery", COLOURS, lies=True),
    "sunglasses": CatalogueProduct("sunglasses", "Accessories", ("black", "brown", "red", "white", "teal"), turn=0.5),
    "headphones": CatalogueProduct("headphones", "Electronics", turn=0.6),
    "speaker": CatalogueProduct("speaker", "Electronics", turn=0.6),
    "phone": CatalogueProduct("phone", "Electronics", ("black", "white", "blue", "pink", "purple", "green"), turn=0.4),
    "camera": CatalogueProduct("camera", "Electronics", ("black", "brown", "grey", "red"), turn=0.5),
    "ball": CatalogueProduct("ball", "Sports", turn=3.0),
    "dumbbell": CatalogueProduct("dumbbell", "Sports", ("black", "grey", "pink", "teal", "blue"), turn=1.0),
    "toy car": CatalogueProduct("toy car", "Toys", turn=0.9),
    "toy blocks": CatalogueProduct("toy blocks", "Toys", ("colourful",), turn=0.6),
    "teddy": CatalogueProduct("teddy bear", "Toys", ("brown", "beige", "cream", "grey", "pink")),
    "pet bowl": CatalogueProduct("pet bowl", "Pets", turn=0.4),
    "hammer": CatalogueProduct(
        "hammer", "Tools", ("brown", "red", "black", "yellow"), lies=True, turn=1.0, name="{noun}"
    ),
    "brush": CatalogueProduct("paint brush", "Tools", ("brown", "red", "blue", "black"), lies=True, turn=1.0),
}
