"""All goods by name, with the words people use for them; here those for house and play."""

import numpy as np

from bundled.quick.drawing.words import phrases
from bundled.quick.products import vessels, worn
from bundled.quick.products.outlines import Part, Rng, Shape, arc, label, lathe, line, oval, points, rect


def ball(rng: Rng) -> list[Part]:
    parts = [oval(0, 0.5, 0.5, 0.5)]
    return (
        parts
        if rng.random() < 0.5
        else [*parts, arc(0, 0.5, 0.2, 0.49, 0, 360, 0.025, "second"), arc(0, 0.5, 0.49, 0.18, 0, 360, 0.025, "second")]
    )


def book(rng: Rng) -> list[Part]:
    return [
        rect(-0.36, 0, 0.72, 0.98),
        rect(-0.36, 0, 0.06, 0.98, "main", tone=0.75),
        rect(0.36, 0.02, 0.05, 0.95, "light"),
        *label(rng, 0.22, 0.5, 0.85),
    ]


def cushion(rng: Rng) -> list[Part]:
    return [oval(0, 0.42, 0.52, 0.42, "main", "ball", rng.uniform(3.5, 6)), oval(0, 0.43, 0.02, 0.02, "second")]


def plant(rng: Rng) -> list[Part]:
    leaves = []
    for angle in np.linspace(-70, 70, int(rng.integers(5, 10))):
        a, length = np.radians(angle + rng.normal(0, 6)), rng.uniform(0.4, 0.58)
        tip = (length * np.sin(a), 0.4 + length * np.cos(a))
        side = (0.07 * np.cos(a), -0.07 * np.sin(a))
        mid = (tip[0] * 0.55, 0.4 + (tip[1] - 0.4) * 0.55)
        leaves.append(
            Part(
                points((0, 0.38), (mid[0] + side[0], mid[1] + side[1]), tip, (mid[0] - side[0], mid[1] - side[1])),
                "leaf",
                tone=float(rng.uniform(0.7, 1.3)),
            )
        )
    return [*leaves, lathe([(0, 0.2), (0.38, 0.28)]), lathe([(0.36, 0.3), (0.43, 0.3)])]


def lamp(rng: Rng) -> list[Part]:
    shade = Part(points((-0.36, 0.55), (0.36, 0.55), (0.2, 1.0), (-0.2, 1.0)), "main", "round")
    return [oval(0, 0.03, 0.22, 0.04, "second"), line((0, 0.04), (0, 0.6), width=0.035, ink="second"), shade]


def headphones(rng: Rng) -> list[Part]:
    cups = [oval(s * 0.42, 0.3, 0.13, 0.24, "second", "ball", 3) for s in (-1, 1)]
    return [
        arc(0, 0.36, 0.42, 0.58, 0, 180, rng.uniform(0.05, 0.09)),
        *cups,
        *[oval(s * 0.35, 0.3, 0.07, 0.2, "dark", "ball", 3) for s in (-1, 1)],
    ]


def teddy(rng: Rng) -> list[Part]:
    limbs = [oval(s * 0.3, y, 0.13, 0.15) for s in (-1, 1) for y in (0.13, 0.42)]
    face = [oval(s * 0.09, 0.77, 0.03, 0.03, "dark", "flat") for s in (-1, 1)]
    return [
        *limbs,
        oval(0, 0.32, 0.27, 0.3),
        *[oval(s * 0.2, 0.94, 0.09, 0.09) for s in (-1, 1)],
        oval(0, 0.74, 0.25, 0.23),
        oval(0, 0.68, 0.1, 0.08, "light"),
        *face,
    ]


def phone(rng: Rng) -> list[Part]:
    return [
        oval(0, 0.5, 0.26, 0.5, "main", "flat", 9),
        oval(0, 0.5, 0.235, 0.47, "dark" if rng.random() < 0.5 else "second", "flat", 9),
        oval(0, 0.92, 0.02, 0.02, "light", "flat"),
    ]


def speaker(rng: Rng) -> list[Part]:
    return [
        oval(0, 0.5, 0.34, 0.5, "main", "round", 8),
        oval(0, 0.34, 0.22, 0.22, "dark"),
        oval(0, 0.34, 0.12, 0.12, "second"),
        oval(0, 0.76, 0.11, 0.11, "dark"),
    ]


def chair(rng: Rng) -> list[Part]:
    legs = [line((s * 0.3, 0.42), (s * 0.36, 0.0), width=0.05, ink="second") for s in (-1, 1)]
    back = [line((s * 0.28, 0.42), (s * 0.26, 0.95), width=0.05, ink="second") for s in (-1, 1)]
    return [*legs, *back, rect(-0.27, 0.7, 0.54, 0.24), oval(0, 0.44, 0.36, 0.07, "main", "flat", 4)]


def blob(rng: Rng) -> list[Part]:
    """No thing at all: a smooth closed outline, so that masks of any shape are met."""
    t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    r = 0.42 * (1 + sum(rng.normal(0, 0.18 / k) * np.cos(k * t + rng.uniform(0, 6)) for k in range(1, 6)))
    outline = np.stack([r * np.cos(t), r * np.sin(t)], 1)
    outline[:, 1] -= outline[:, 1].min()
    return [Part(outline, "main", "ball")]


SHAPES: dict[str, tuple[Shape, tuple[str, ...]]] = {
    "bottle": (vessels.bottle, phrases("bottle | shampoo bottle | wine bottle | lotion bottle")),
    "jar": (vessels.jar, phrases("jar | cream jar | pot of cream | cosmetic jar")),
    "tube": (vessels.tube, phrases("tube | cream tube | toothpaste")),
    "can": (vessels.can, phrases("can | drink can | tin | soda can")),
    "pump": (vessels.pump, phrases("pump bottle | soap dispenser | dispenser")),
    "perfume": (vessels.perfume, phrases("perfume | perfume bottle | fragrance | flacon")),
    "mug": (vessels.mug, phrases("mug | coffee mug | cup")),
    "teapot": (vessels.teapot, phrases("teapot | kettle | pot")),
    "box": (vessels.box, phrases("box | carton | package | gift box")),
    "pouch": (vessels.pouch, phrases("pouch | coffee bag | packet | snack bag")),
    "bag": (worn.bag, phrases("bag | handbag | tote bag | purse")),
    "backpack": (worn.backpack, ("backpack", "rucksack")),
    "shoe": (worn.shoe, phrases("shoe | sneaker | trainer")),
    "boot": (worn.boot, ("boot", "leather boot")),
    "watch": (worn.watch, ("watch", "wristwatch")),
    "ring": (worn.ring, phrases("ring | jewellery | jewelry")),
    "ball": (ball, ("ball", "football")),
    "book": (book, ("book", "notebook")),
    "candle": (vessels.candle, ("candle", "scented candle")),
    "cushion": (cushion, ("cushion", "pillow")),
    "plant": (plant, phrases("plant | potted plant | house plant")),
    "lamp": (lamp, ("lamp", "table lamp")),
    "headphones": (headphones, ("headphones", "headset")),
    "vase": (vessels.vase, phrases("vase | pottery | ceramic vase")),
    "hat": (worn.hat, ("hat", "straw hat")),
    "teddy": (teddy, phrases("teddy bear | toy | plush toy")),
    "phone": (phone, ("phone", "smartphone")),
    "sunglasses": (worn.sunglasses, ("sunglasses", "glasses")),
    "shirt": (worn.shirt, phrases("shirt | t-shirt | top")),
    "speaker": (speaker, ("speaker", "loudspeaker")),
    "chair": (chair, ("chair", "stool")),
    "bowl": (vessels.bowl, ("bowl", "dish")),
    "soap": (vessels.soap, ("soap", "soap bar")),
    "blob": (blob, phrases("product | object | item")),
}
