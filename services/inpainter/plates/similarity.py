"""What is known of the lexicon's things: which can be painted, joined or taken for each other. Pure."""

# Backdrops close enough for what hangs before them to shade them.
NEAR_WALLS = frozenset(
    {"wall", "gradient", "brick", "plaster", "concrete wall", "tiled wall", "stone wall", "wood panels", "curtain"}
)
# Things whose colour may be changed without making them something else.
PAINTABLE = frozenset(
    {
        "wall", "gradient", "plaster", "curtain", "concrete wall", "tiled wall",
        "paper", "acrylic", "linen", "velvet", "knit", "podium", "concrete", "tiles",
    }
)  # fmt: skip
UNJOINABLE = frozenset({"podium", None})  # their surface has no straight far edge to set another backdrop on
# Asked -> what comes nearest, the nearest first: taken, and told, where no plate has the thing itself.
KIN: dict[str, tuple[str, ...]] = {
    "granite": ("terrazzo", "slate"), "travertine": ("marble", "sandstone", "plaster"), "sandstone": ("travertine",),
    "slate": ("granite", "concrete"), "moss": ("grass",), "leaves": ("moss", "grass"), "pebbles": ("sand", "slate"),
    "velvet": ("linen",), "knit": ("linen",), "leather": ("linen",), "wicker": ("wood",), "metal": ("acrylic",),
    "glass": ("acrylic",), "water": ("acrylic",), "paper": ("acrylic", "plaster"), "acrylic": ("paper",),
    "plaster": ("concrete", "paper"), "podium": ("paper",), "terrazzo": ("granite", "marble"),
    "gradient": ("wall",), "concrete wall": ("plaster",), "stone wall": ("concrete wall", "plaster", "brick"),
    "wood panels": ("bookshelf",), "curtain": ("window",), "bathroom": ("tiled wall",), "tiled wall": ("bathroom",),
    "forest": ("garden",), "flowers": ("garden",), "garden": ("forest",), "sunset": ("beach",), "sky": ("beach",),
    "desert": ("beach",), "city lights": ("festive lights",), "festive lights": ("city lights",),
    "kitchen": ("bathroom", "living room"), "bookshelf": ("living room",), "window": ("curtain", "living room"),
}  # fmt: skip
