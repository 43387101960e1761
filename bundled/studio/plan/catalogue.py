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
class Product:
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
    "bottle": Product("bottle", "Drinks"),
    "glass bottle": Product("glass bottle", "Drinks", GLASSES, clear=True),
    "jar": Product("cosmetic jar", "Beauty"),
    "dropper": Product("dropper bottle", "Beauty", (*GLASSES[:3], "black", "white"), clear=True),
    "perfume": Product("perfume bottle", "Beauty", GLASSES, clear=True),
    "pump bottle": Product("pump bottle", "Beauty"),
    "tube": Product("cosmetic tube", "Beauty"),
    "lipstick": Product("lipstick", "Beauty", ("red", "pink", "burgundy", "terracotta", "brown")),
    "soap": Product("soap bar", "Beauty", ("cream", "white", "pink", "sage green", "beige", "lavender")),
    "candle": Product("candle", "Home", lies=False),
    "glass candle": Product("glass candle", "Home", ("clear",), clear=True, name="candle in a glass"),
    "mug": Product("mug", "Kitchen", turn=0.9),
    "bowl": Product("bowl", "Kitchen"),
    "plate": Product("plate", "Kitchen"),
    "teapot": Product("teapot", "Kitchen", turn=0.8),
    "wine glass": Product("wine glass", "Kitchen", ("clear",), clear=True, name="wine glass"),
    "tumbler": Product("drinking glass", "Kitchen", GLASSES, clear=True),
    "thermos": Product("thermos flask", "Kitchen"),
    "frying pan": Product("frying pan", "Kitchen", ("black", "dark green", "red", "navy blue", "grey"), turn=1.2),
    "cutlery": Product("cutlery set", "Kitchen", ("steel", "gold", "black"), lies=True),
    "knife": Product("kitchen knife", "Kitchen", ("brown", "black"), lies=True, turn=0.8, name="{noun}"),
    "can": Product("can", "Drinks"),
    "box": Product("box", "Household", turn=0.7),
    "gift box": Product("gift box", "Gifts", turn=0.7),
    "book": Product("book", "Books", turn=0.5),
    "book stack": Product("stack of books", "Books", ("mixed",), turn=0.5, name="stack of books"),
    "vase": Product("vase", "Home"),
    "potted plant": Product("potted plant", "Garden", ("terracotta", "white", "grey", "beige", "black"), name="plant in a {colour} pot"),
    "table lamp": Product("table lamp", "Home", ("white", "beige", "mint", "black", "terracotta", "navy blue")),
    "clock": Product("alarm clock", "Home"),
    "cushion": Product("cushion", "Home"),
    "folded towels": Product("stack of towels", "Home", ("white", "beige", "mint", "grey", "pink", "sky blue"), name="stack of {colour} towels"),
    "folded shirt": Product("folded shirt", "Clothing", lies=True),
    "t-shirt": Product("T-shirt", "Clothing", turn=0.15, hangs=True),
    "sweater": Product("knitted sweater", "Clothing", turn=0.15, hangs=True),
    "dress": Product("dress", "Clothing", turn=0.2, hangs=True),
    "hat": Product("sun hat", "Clothing", ("beige", "cream", "brown", "black", "white")),
    "cap": Product("baseball cap", "Clothing", turn=0.9),
    "sneaker": Product("sneaker", "Shoes", turn=0.5),
    "boot": Product("rubber boot", "Shoes", ("yellow", "dark green", "navy blue", "red", "black"), turn=0.5),
    "slipper": Product("slipper", "Shoes", turn=0.6),
    "handbag": Product("handbag", "Bags", LEATHERS, turn=0.5),
    "tote bag": Product("tote bag", "Bags", ("cream", "black", "beige", "navy blue", "dark green", "pink"), turn=0.4),
    "backpack": Product("backpack", "Bags", turn=0.5),
    "wallet": Product("wallet", "Accessories", LEATHERS, lies=True, turn=0.6, name="{colour} leather {noun}"),
    "belt": Product("belt", "Accessories", LEATHERS, lies=True, name="{colour} leather {noun}"),
    "watch": Product("wrist watch", "Accessories", LEATHERS, turn=0.3, name="{noun} with a {colour} strap"),
    "ring": Product("ring", "Jewellery", ("gold", "silver", "copper"), turn=1.0),
    "bracelet": Product("bead bracelet", "Jewellery", COLOURS, lies=True),
    "sunglasses": Product("sunglasses", "Accessories", ("black", "brown", "red", "white", "teal"), turn=0.5),
    "headphones": Product("headphones", "Electronics", turn=0.6),
    "speaker": Product("speaker", "Electronics", turn=0.6),
    "phone": Product("phone", "Electronics", ("black", "white", "blue", "pink", "purple", "green"), turn=0.4),
    "camera": Product("camera", "Electronics", ("black", "brown", "grey", "red"), turn=0.5),
    "ball": Product("ball", "Sports", turn=3.0),
    "dumbbell": Product("dumbbell", "Sports", ("black", "grey", "pink", "teal", "blue"), turn=1.0),
    "toy car": Product("toy car", "Toys", turn=0.9),
    "toy blocks": Product("toy blocks", "Toys", ("colourful",), turn=0.6),
    "teddy": Product("teddy bear", "Toys", ("brown", "beige", "cream", "grey", "pink")),
    "pet bowl": Product("pet bowl", "Pets", turn=0.4),
    "hammer": Product("hammer", "Tools", ("brown", "red", "black", "yellow"), lies=True, turn=1.0, name="{noun}"),
    "brush": Product("paint brush", "Tools", ("brown", "red", "blue", "black"), lies=True, turn=1.0),
}  # fmt: skip
