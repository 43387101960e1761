"""Shapes of goods as parts with outlines; x to the right, y up, base at y = 0, height about 1. No pixels here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Rng = np.random.Generator
Points = npt.NDArray[np.float64]
Ink = Literal["main", "second", "dark", "light", "metal", "leaf"]


@dataclass(frozen=True)
class Part:
    """One painted piece. `stroke` > 0 draws a line of that width instead of a filled outline; `cut` removes."""

    outline: Points
    ink: Ink = "main"
    form: Literal["round", "flat", "ball"] = "flat"
    stroke: float = 0.0
    cut: bool = False
    tone: float = 1.0


Shape = Callable[[Rng], list[Part]]


def _points(*pairs: tuple[float, float]) -> Points:
    return np.asarray(pairs, np.float64)


def lathe(profile: Sequence[tuple[float, float]], ink: Ink = "main", tone: float = 1.0) -> Part:
    """A turned body from (height, radius) pairs, bottom to top."""
    heights, radii = np.asarray(profile, np.float64).T
    dense = np.linspace(heights[0], heights[-1], 36)
    r = np.interp(dense, heights, radii)
    # A foot seen slightly from above: the base line bulges down a little.
    foot = np.linspace(-1, 1, 9)[1:-1]
    bulge = np.stack([-foot * r[0], heights[0] - 0.12 * r[0] * np.sqrt(1 - foot**2)], 1)[::-1]
    outline = np.concatenate([np.stack([r, dense], 1), np.stack([-r, dense], 1)[::-1], bulge])
    return Part(outline, ink, "round", tone=tone)


def rect(
    x: float,
    y: float,
    w: float,
    h: float,
    ink: Ink = "main",
    form: Literal["round", "flat", "ball"] = "flat",
    tone: float = 1.0,
) -> Part:
    """A rectangle from its lower left corner."""
    return Part(_points((x, y), (x + w, y), (x + w, y + h), (x, y + h)), ink, form, tone=tone)


def oval(
    x: float,
    y: float,
    rx: float,
    ry: float,
    ink: Ink = "main",
    form: Literal["round", "flat", "ball"] = "ball",
    power: float = 2.0,
    cut: bool = False,
) -> Part:
    """A superellipse about (x, y); power 2 is an ellipse, 4 a cushion."""
    t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    c, s = np.cos(t), np.sin(t)
    outline = np.stack(
        [x + rx * np.sign(c) * np.abs(c) ** (2 / power), y + ry * np.sign(s) * np.abs(s) ** (2 / power)], 1
    )
    return Part(outline, ink, form, cut=cut)


def arc(x: float, y: float, rx: float, ry: float, start: float, stop: float, width: float, ink: Ink = "main") -> Part:
    """A line along part of an ellipse (degrees): handles, straps, rims."""
    t = np.radians(np.linspace(start, stop, 30))
    return Part(np.stack([x + rx * np.cos(t), y + ry * np.sin(t)], 1), ink, stroke=width)


def line(*pairs: tuple[float, float], width: float = 0.02, ink: Ink = "dark") -> Part:
    """An open polyline of that width."""
    return Part(_points(*pairs), ink, stroke=width)


def _label(rng: Rng, radius: float, low: float, high: float) -> list[Part]:
    if rng.random() < 0.25:
        return []
    parts = [rect(-radius * 0.97, low, radius * 1.94, high - low, "light" if rng.random() < 0.6 else "second", "round")]
    for row in range(int(rng.integers(1, 4))):
        half = radius * rng.uniform(0.2, 0.6)
        y = high - (high - low) * (0.25 + 0.22 * row)
        parts.append(line((-half, y), (half, y), width=rng.uniform(0.008, 0.03), ink="dark"))
    return parts


def bottle(rng: Rng) -> list[Part]:
    r, shoulder, neck = rng.uniform(0.13, 0.24), rng.uniform(0.55, 0.75), rng.uniform(0.035, 0.07)
    body = lathe([(0, r * 0.95), (0.03, r), (shoulder, r), (shoulder + 0.14, neck), (0.9, neck)])
    return [body, lathe([(0.88, neck * 1.3), (1.0, neck * 1.25)], "second"), *_label(rng, r, 0.14, shoulder - 0.08)]


def jar(rng: Rng) -> list[Part]:
    r, top = rng.uniform(0.34, 0.5), rng.uniform(0.5, 0.75)
    return [
        lathe([(0, r * 0.94), (0.05, r), (top, r)]),
        lathe([(top, r * 1.03), (top + 0.2, r * 1.03)], "second"),
        *_label(rng, r, 0.14, top - 0.08),
    ]


def tube(rng: Rng) -> list[Part]:
    r = rng.uniform(0.14, 0.2)
    return [
        lathe([(0, r * 0.8), (0.16, r * 0.8)], "second"),
        lathe([(0.16, r * 0.95), (0.7, r), (1.0, r * 1.05)]),
        *_label(rng, r, 0.35, 0.8),
    ]


def can(rng: Rng) -> list[Part]:
    r = rng.uniform(0.24, 0.32)
    return [
        lathe([(0, r * 0.88), (0.05, r), (0.93, r), (1, r * 0.88)]),
        oval(0, 1, r * 0.88, 0.05, "metal", "flat"),
        *_label(rng, r, 0.2, 0.8),
    ]


def pump(rng: Rng) -> list[Part]:
    r = rng.uniform(0.17, 0.24)
    spout = [
        lathe([(0.72, 0.06), (0.8, 0.06)], "second"),
        line((0, 0.78), (0, 0.93), width=0.035, ink="second"),
        line((-0.17, 0.9), (-0.14, 0.94), (0.06, 0.95), width=0.05, ink="second"),
    ]
    return [lathe([(0, r * 0.96), (0.03, r), (0.64, r), (0.72, 0.08)]), *spout, *_label(rng, r, 0.15, 0.55)]


def perfume(rng: Rng) -> list[Part]:
    w = rng.uniform(0.28, 0.4)
    body = oval(0, 0.34, w, 0.34, "main", "round", power=rng.uniform(4, 12))
    return [
        body,
        rect(-0.07, 0.68, 0.14, 0.08, "metal", "round"),
        rect(-0.12, 0.74, 0.24, 0.24, "second", "round"),
        *_label(rng, w * 0.6, 0.2, 0.48),
    ]


def mug(rng: Rng) -> list[Part]:
    r, side = rng.uniform(0.36, 0.45), 1 if rng.random() < 0.5 else -1
    handle = arc(side * r, 0.5, 0.24, 0.3, -90 if side > 0 else 90, 90 if side > 0 else 270, 0.085)
    return [
        handle,
        lathe([(0, r * 0.9), (0.06, r), (0.95, r)]),
        oval(0, 0.95, r, 0.09, "light", "flat"),
        oval(0, 0.94, r * 0.88, 0.07, "dark", "flat"),
    ]


def teapot(rng: Rng) -> list[Part]:
    spout = Part(_points((0.38, 0.3), (0.75, 0.68), (0.68, 0.74), (0.34, 0.55)), "main", "flat")
    return [
        arc(-0.42, 0.42, 0.24, 0.25, 70, 290, 0.06),
        spout,
        oval(0, 0.4, 0.48, 0.4),
        oval(0, 0.77, 0.25, 0.06, "second"),
        oval(0, 0.88, 0.06, 0.07, "second"),
    ]


def box(rng: Rng) -> list[Part]:
    w, depth, lift = rng.uniform(0.3, 0.6), rng.uniform(0.08, 0.25), rng.uniform(0.03, 0.1)
    side = 1 if rng.random() < 0.5 else -1
    front, top = (
        rect(-w / 2, 0, w, 0.92),
        Part(
            _points(
                (-w / 2, 0.92), (w / 2, 0.92), (w / 2 + side * depth, 0.92 + lift), (-w / 2 + side * depth, 0.92 + lift)
            ),
            tone=1.18,
        ),
    )
    edge = side * w / 2
    flank = Part(
        _points((edge, 0), (edge + side * depth, lift), (edge + side * depth, 0.92 + lift), (edge, 0.92)), tone=0.72
    )
    return [flank, top, front, *_label(rng, w * 0.38, 0.3, 0.72)]


def pouch(rng: Rng) -> list[Part]:
    w = rng.uniform(0.28, 0.4)
    outline = _points(
        (-w, 0.0), (w, 0.0), (w * 1.06, 0.2), (w * 0.94, 0.9), (w, 1.0), (-w, 1.0), (-w * 0.94, 0.9), (-w * 1.06, 0.2)
    )
    return [
        Part(outline, "main", "round"),
        line((-w * 0.95, 0.9), (w * 0.95, 0.9), width=0.015, ink="second"),
        *_label(rng, w * 0.7, 0.25, 0.7),
    ]


def bag(rng: Rng) -> list[Part]:
    w, top = rng.uniform(0.36, 0.52), rng.uniform(0.5, 0.62)
    body = Part(_points((-w, 0), (w, 0), (w * 0.85, top), (-w * 0.85, top)), "main", "round")
    return [
        arc(0, top - 0.03, w * rng.uniform(0.35, 0.6), 1 - top, 0, 180, rng.uniform(0.018, 0.05), "second"),
        body,
        line((-w * 0.85, top * 0.86), (w * 0.85, top * 0.86), width=0.02, ink="second"),
        oval(0, top * 0.8, 0.03, 0.03, "metal"),
    ]


def backpack(rng: Rng) -> list[Part]:
    straps = [
        arc(s * 0.3, 0.45, 0.2, 0.36, -90 if s > 0 else 90, 90 if s > 0 else 270, 0.05, "second") for s in (-1, 1)
    ]
    return [
        *straps,
        arc(0, 0.92, 0.1, 0.09, 0, 180, 0.03, "second"),
        oval(0, 0.46, 0.36, 0.47, "main", "round", 5),
        oval(0, 0.28, 0.26, 0.2, "second", "round", 5),
    ]


def shoe(rng: Rng) -> list[Part]:
    upper = _points(
        (-0.75, 0.1), (-0.78, 0.5), (-0.7, 0.66), (-0.42, 0.62), (-0.2, 0.44), (0.2, 0.36), (0.62, 0.28), (0.78, 0.1)
    )
    laces = [
        line((-0.3 + 0.12 * k, 0.5 - 0.07 * k), (-0.2 + 0.12 * k, 0.60 - 0.07 * k), width=0.03, ink="light")
        for k in range(4)
    ]
    sole = Part(_points((-0.8, 0), (0.82, 0), (0.86, 0.08), (0.8, 0.14), (-0.8, 0.16)), "light")
    return _mirrored(
        [Part(upper, "main", "round"), sole, *laces, line((-0.5, 0.15), (-0.1, 0.35), width=0.06, ink="second")], rng
    )


def boot(rng: Rng) -> list[Part]:
    outline = _points((-0.36, 0.05), (-0.36, 1.0), (0.06, 1.0), (0.08, 0.42), (0.5, 0.3), (0.56, 0.05))
    return _mirrored(
        [Part(outline, "main", "round"), rect(-0.38, 0, 0.96, 0.07, "dark"), rect(-0.38, 0, 0.25, 0.13, "dark")], rng
    )


def watch(rng: Rng) -> list[Part]:
    strap = [
        Part(_points((-0.13, 0), (0.13, 0), (0.17, 0.35), (-0.17, 0.35)), "second", "round"),
        Part(_points((-0.17, 0.65), (0.17, 0.65), (0.13, 1), (-0.13, 1)), "second", "round"),
    ]
    return [
        *strap,
        oval(0, 0.5, 0.26, 0.26, "metal"),
        oval(0, 0.5, 0.21, 0.21, "light" if rng.random() < 0.5 else "dark", "flat"),
        line((0, 0.5), (0.0, 0.64), width=0.016),
        line((0, 0.5), (0.1, 0.47), width=0.016),
    ]


def ring(rng: Rng) -> list[Part]:
    return [
        arc(0, 0.4, 0.38, 0.38, 0, 360, rng.uniform(0.04, 0.09), "metal"),
        oval(0, 0.85, 0.12, 0.12, "main", "ball", 3),
    ]


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
        *_label(rng, 0.22, 0.5, 0.85),
    ]


def candle(rng: Rng) -> list[Part]:
    r = rng.uniform(0.28, 0.4)
    return [
        lathe([(0, r), (0.8, r)]),
        oval(0, 0.8, r, 0.06, "light", "flat"),
        line((0, 0.8), (0.01, 0.95), width=0.025),
        *_label(rng, r, 0.2, 0.55),
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
                _points((0, 0.38), (mid[0] + side[0], mid[1] + side[1]), tip, (mid[0] - side[0], mid[1] - side[1])),
                "leaf",
                tone=float(rng.uniform(0.7, 1.3)),
            )
        )
    return [*leaves, lathe([(0, 0.2), (0.38, 0.28)]), lathe([(0.36, 0.3), (0.43, 0.3)])]


def lamp(rng: Rng) -> list[Part]:
    shade = Part(_points((-0.36, 0.55), (0.36, 0.55), (0.2, 1.0), (-0.2, 1.0)), "main", "round")
    return [oval(0, 0.03, 0.22, 0.04, "second"), line((0, 0.04), (0, 0.6), width=0.035, ink="second"), shade]


def headphones(rng: Rng) -> list[Part]:
    cups = [oval(s * 0.42, 0.3, 0.13, 0.24, "second", "ball", 3) for s in (-1, 1)]
    return [
        arc(0, 0.36, 0.42, 0.58, 0, 180, rng.uniform(0.05, 0.09)),
        *cups,
        *[oval(s * 0.35, 0.3, 0.07, 0.2, "dark", "ball", 3) for s in (-1, 1)],
    ]


def vase(rng: Rng) -> list[Part]:
    belly, waist = rng.uniform(0.26, 0.42), rng.uniform(0.08, 0.18)
    knots = [
        (0.0, belly * 0.6),
        (0.15, belly * 0.92),
        (0.35, belly),
        (0.6, (belly + waist) / 2),
        (0.8, waist),
        (1.0, waist * rng.uniform(1.1, 1.7)),
    ]
    return [lathe(knots)]


def hat(rng: Rng) -> list[Part]:
    return [
        oval(0, 0.12, 0.75, 0.13, "main", "ball"),
        oval(0, 0.38, 0.38, 0.34, "main", "round", 3.5),
        rect(-0.38, 0.16, 0.76, 0.1, "second", "round"),
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


def sunglasses(rng: Rng) -> list[Part]:
    frames = [arc(s * 0.32, 0.22, 0.24, 0.2, 0, 360, 0.05) for s in (-1, 1)]
    return [
        *[oval(s * 0.32, 0.22, 0.23, 0.19, "dark", "flat", 2.6) for s in (-1, 1)],
        *frames,
        arc(0, 0.24, 0.1, 0.08, 0, 180, 0.045),
        line((-0.55, 0.3), (-0.75, 0.42), width=0.04, ink="main"),
        line((0.55, 0.3), (0.75, 0.42), width=0.04, ink="main"),
    ]


def shirt(rng: Rng) -> list[Part]:
    outline = _points(
        (-0.32, 0),
        (0.32, 0),
        (0.34, 0.6),
        (0.5, 0.5),
        (0.62, 0.72),
        (0.3, 0.98),
        (0.12, 0.98),
        (0, 0.9),
        (-0.12, 0.98),
        (-0.3, 0.98),
        (-0.62, 0.72),
        (-0.5, 0.5),
        (-0.34, 0.6),
    )
    return [Part(outline, "main", "round"), *_label(rng, 0.14, 0.45, 0.72)]


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


def bowl(rng: Rng) -> list[Part]:
    return [
        lathe([(0, 0.25), (0.06, 0.25), (0.2, 0.5), (0.5, 0.7)]),
        oval(0, 0.5, 0.7, 0.13, "light", "flat"),
        oval(0, 0.49, 0.63, 0.10, "second", "flat"),
    ]


def soap(rng: Rng) -> list[Part]:
    return [oval(0, 0.3, 0.62, 0.3, "main", "ball", rng.uniform(3, 6)), oval(0, 0.32, 0.3, 0.12, "second", "flat")]


def blob(rng: Rng) -> list[Part]:
    """No thing at all: a smooth closed outline, so that masks of any shape are met."""
    t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    r = 0.42 * (1 + sum(rng.normal(0, 0.18 / k) * np.cos(k * t + rng.uniform(0, 6)) for k in range(1, 6)))
    outline = np.stack([r * np.cos(t), r * np.sin(t)], 1)
    outline[:, 1] -= outline[:, 1].min()
    return [Part(outline, "main", "ball")]


def _mirrored(parts: list[Part], rng: Rng) -> list[Part]:
    if rng.random() < 0.5:
        return parts
    flip = np.asarray([-1.0, 1.0])
    return [Part(p.outline * flip, p.ink, p.form, p.stroke, p.cut, p.tone) for p in parts]


SHAPES: dict[str, tuple[Shape, tuple[str, ...]]] = {
    "bottle": (bottle, ("bottle", "shampoo bottle", "wine bottle", "lotion bottle")),
    "jar": (jar, ("jar", "cream jar", "pot of cream", "cosmetic jar")),
    "tube": (tube, ("tube", "cream tube", "toothpaste")),
    "can": (can, ("can", "drink can", "tin", "soda can")),
    "pump": (pump, ("pump bottle", "soap dispenser", "dispenser")),
    "perfume": (perfume, ("perfume", "perfume bottle", "fragrance", "flacon")),
    "mug": (mug, ("mug", "coffee mug", "cup")),
    "teapot": (teapot, ("teapot", "kettle", "pot")),
    "box": (box, ("box", "carton", "package", "gift box")),
    "pouch": (pouch, ("pouch", "coffee bag", "packet", "snack bag")),
    "bag": (bag, ("bag", "handbag", "tote bag", "purse")),
    "backpack": (backpack, ("backpack", "rucksack")),
    "shoe": (shoe, ("shoe", "sneaker", "trainer")),
    "boot": (boot, ("boot", "leather boot")),
    "watch": (watch, ("watch", "wristwatch")),
    "ring": (ring, ("ring", "jewellery", "jewelry")),
    "ball": (ball, ("ball", "football")),
    "book": (book, ("book", "notebook")),
    "candle": (candle, ("candle", "scented candle")),
    "cushion": (cushion, ("cushion", "pillow")),
    "plant": (plant, ("plant", "potted plant", "house plant")),
    "lamp": (lamp, ("lamp", "table lamp")),
    "headphones": (headphones, ("headphones", "headset")),
    "vase": (vase, ("vase", "pottery", "ceramic vase")),
    "hat": (hat, ("hat", "straw hat")),
    "teddy": (teddy, ("teddy bear", "toy", "plush toy")),
    "phone": (phone, ("phone", "smartphone")),
    "sunglasses": (sunglasses, ("sunglasses", "glasses")),
    "shirt": (shirt, ("shirt", "t-shirt", "top")),
    "speaker": (speaker, ("speaker", "loudspeaker")),
    "chair": (chair, ("chair", "stool")),
    "bowl": (bowl, ("bowl", "dish")),
    "soap": (soap, ("soap", "soap bar")),
    "blob": (blob, ("product", "object", "item")),
}
