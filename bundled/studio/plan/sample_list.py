"""The sample products of the demo: what each photo shows, and what a shop would say of it."""
# ruff: noqa: E501 rows of numbers and words read better unwrapped

from dataclasses import dataclass

from bundled.studio.plan.scene import Plan, PlannedLight

LEFT, RIGHT = PlannedLight("neutral", "left", "soft"), PlannedLight("neutral", "right", "soft")


@dataclass(frozen=True)
class SampleProduct:
    sku: str
    title: str
    description: str
    category: str
    plan: Plan
    engagement: tuple[int, int, int, int]  # impressions, clicks, saves, long clicks
    promoted: bool = False
    mask: bool = True  # the merchant's own; one without shows the segmenter at work

    @property
    def lifestyle(self) -> bool:
        return self.plan.backdrop != "sweep"

    @property
    def mask_file(self) -> str | None:
        return f"masks/{self.sku}.png" if self.mask else None

    def record(self) -> dict[str, object]:
        names = ("impressions", "clicks", "saves", "long_clicks")
        return {
            "sku": self.sku,
            "image": f"{self.sku}.jpg",
            "mask": self.mask_file,
            "title": self.title,
            "description": self.description,
            "category": self.category,
            "promoted": self.promoted,
            "may_train": True,
            "engagement": dict(zip(names, self.engagement, strict=True)),
        }


def packshot(seed: int, product: str, colour: str, ground: str, light: PlannedLight = LEFT) -> Plan:
    return Plan(seed, "standing", "sweep", ground, "sweep", ground, light, product, colour)


def scene(
    seed: int, product: str, colour: str, surface: tuple[str, str], backdrop: tuple[str, str], light: PlannedLight
) -> Plan:
    return Plan(seed, "standing", *surface, *backdrop, light, product, colour)


SAMPLES = (
    SampleProduct("mug-terracotta", "Terracotta stoneware mug", "Hand-glazed mug, 350 ml, dishwasher safe.", "Kitchen",
                  packshot(11, "mug", "terracotta", "white"), (18400, 412, 230, 95)),
    SampleProduct("perfume-amber", "Amber eau de parfum", "Warm amber and cedar, 50 ml glass bottle.", "Beauty",
                  packshot(12, "perfume", "amber", "off-white", RIGHT), (32100, 980, 610, 240), True, False),
    SampleProduct("sneaker-white", "White court sneaker", "Everyday low-top with a rubber sole.", "Shoes",
                  packshot(13, "sneaker", "white", "light grey"), (54200, 1630, 720, 410), True),
    SampleProduct("handbag-brown", "Brown leather handbag", "Grained leather, short handle, brass clasp.", "Bags",
                  packshot(14, "handbag", "brown", "white", RIGHT), (41800, 1190, 940, 330), True),
    SampleProduct("jar-mint", "Mint face cream", "Light day cream, 100 ml jar.", "Beauty",
                  packshot(15, "jar", "mint", "white"), (22600, 540, 310, 120)),
    SampleProduct("watch-black", "Classic watch, black strap", "Quartz watch with a leather strap.", "Accessories",
                  packshot(16, "watch", "black", "white", RIGHT), (36700, 1010, 480, 260)),
    SampleProduct("cushion-mustard", "Woven cushion", "Soft square cushion, 45 x 45 cm.", "Home",
                  packshot(17, "cushion", "yellow", "light grey"), (15900, 350, 290, 80)),
    SampleProduct("headphones-cream", "Wireless headphones", "Over-ear headphones, 30 hours of music.", "Electronics",
                  packshot(18, "headphones", "cream", "off-white"), (47300, 1420, 510, 380)),
    SampleProduct("candle-oak", "Scented candle in a glass", "Soy wax, fig and cedar, 40 hours.", "Home",
                  scene(19, "glass candle", "clear", ("wood", "oak"), ("living room", "beige"), PlannedLight("warm", "left", "soft")),
                  (28900, 910, 870, 310), True),
    SampleProduct("teapot-kitchen", "Ceramic teapot", "Stoneware teapot for four cups.", "Kitchen",
                  scene(20, "teapot", "teal", ("marble", "white marble"), ("kitchen", "white"), LEFT), (12700, 330, 260, 90)),
    SampleProduct("flask-garden", "Steel thermos flask", "Keeps tea hot for twelve hours, 750 ml.", "Outdoor",
                  scene(21, "thermos", "dark green", ("wood", "rustic oak"), ("garden", "green"), PlannedLight("warm", "right", "hard")),
                  (19500, 600, 420, 170)),
)  # fmt: skip
