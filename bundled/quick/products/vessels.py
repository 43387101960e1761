"""Goods that hold something: bottles, jars, cups, boxes, candles."""

from bundled.quick.products.outlines import Part, Rng, arc, label, lathe, line, oval, points, rect


def bottle(rng: Rng) -> list[Part]:
    r, shoulder, neck = rng.uniform(0.13, 0.24), rng.uniform(0.55, 0.75), rng.uniform(0.035, 0.07)
    body = lathe([(0, r * 0.95), (0.03, r), (shoulder, r), (shoulder + 0.14, neck), (0.9, neck)])
    return [body, lathe([(0.88, neck * 1.3), (1.0, neck * 1.25)], "second"), *label(rng, r, 0.14, shoulder - 0.08)]


def jar(rng: Rng) -> list[Part]:
    r, top = rng.uniform(0.34, 0.5), rng.uniform(0.5, 0.75)
    return [
        lathe([(0, r * 0.94), (0.05, r), (top, r)]),
        lathe([(top, r * 1.03), (top + 0.2, r * 1.03)], "second"),
        *label(rng, r, 0.14, top - 0.08),
    ]


def tube(rng: Rng) -> list[Part]:
    r = rng.uniform(0.14, 0.2)
    return [
        lathe([(0, r * 0.8), (0.16, r * 0.8)], "second"),
        lathe([(0.16, r * 0.95), (0.7, r), (1.0, r * 1.05)]),
        *label(rng, r, 0.35, 0.8),
    ]


def can(rng: Rng) -> list[Part]:
    r = rng.uniform(0.24, 0.32)
    return [
        lathe([(0, r * 0.88), (0.05, r), (0.93, r), (1, r * 0.88)]),
        oval(0, 1, r * 0.88, 0.05, "metal", "flat"),
        *label(rng, r, 0.2, 0.8),
    ]


def pump(rng: Rng) -> list[Part]:
    r = rng.uniform(0.17, 0.24)
    spout = [
        lathe([(0.72, 0.06), (0.8, 0.06)], "second"),
        line((0, 0.78), (0, 0.93), width=0.035, ink="second"),
        line((-0.17, 0.9), (-0.14, 0.94), (0.06, 0.95), width=0.05, ink="second"),
    ]
    return [lathe([(0, r * 0.96), (0.03, r), (0.64, r), (0.72, 0.08)]), *spout, *label(rng, r, 0.15, 0.55)]


def perfume(rng: Rng) -> list[Part]:
    w = rng.uniform(0.28, 0.4)
    body = oval(0, 0.34, w, 0.34, "main", "round", power=rng.uniform(4, 12))
    return [
        body,
        rect(-0.07, 0.68, 0.14, 0.08, "metal", "round"),
        rect(-0.12, 0.74, 0.24, 0.24, "second", "round"),
        *label(rng, w * 0.6, 0.2, 0.48),
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
    spout = Part(points((0.38, 0.3), (0.75, 0.68), (0.68, 0.74), (0.34, 0.55)), "main", "flat")
    return [
        arc(-0.42, 0.42, 0.24, 0.25, 70, 290, 0.06),
        spout,
        oval(0, 0.4, 0.48, 0.4),
        oval(0, 0.77, 0.25, 0.06, "second"),
        oval(0, 0.88, 0.06, 0.07, "second"),
    ]


def candle(rng: Rng) -> list[Part]:
    r = rng.uniform(0.28, 0.4)
    return [
        lathe([(0, r), (0.8, r)]),
        oval(0, 0.8, r, 0.06, "light", "flat"),
        line((0, 0.8), (0.01, 0.95), width=0.025),
        *label(rng, r, 0.2, 0.55),
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


def bowl(rng: Rng) -> list[Part]:
    return [
        lathe([(0, 0.25), (0.06, 0.25), (0.2, 0.5), (0.5, 0.7)]),
        oval(0, 0.5, 0.7, 0.13, "light", "flat"),
        oval(0, 0.49, 0.63, 0.10, "second", "flat"),
    ]


def soap(rng: Rng) -> list[Part]:
    return [oval(0, 0.3, 0.62, 0.3, "main", "ball", rng.uniform(3, 6)), oval(0, 0.32, 0.3, 0.12, "second", "flat")]


def box(rng: Rng) -> list[Part]:
    w, depth, lift = rng.uniform(0.3, 0.6), rng.uniform(0.08, 0.25), rng.uniform(0.03, 0.1)
    side = 1 if rng.random() < 0.5 else -1
    front, top = (
        rect(-w / 2, 0, w, 0.92),
        Part(
            points(
                (-w / 2, 0.92), (w / 2, 0.92), (w / 2 + side * depth, 0.92 + lift), (-w / 2 + side * depth, 0.92 + lift)
            ),
            tone=1.18,
        ),
    )
    edge = side * w / 2
    flank = Part(
        points((edge, 0), (edge + side * depth, lift), (edge + side * depth, 0.92 + lift), (edge, 0.92)), tone=0.72
    )
    return [flank, top, front, *label(rng, w * 0.38, 0.3, 0.72)]


def pouch(rng: Rng) -> list[Part]:
    w = rng.uniform(0.28, 0.4)
    outline = points(
        (-w, 0.0), (w, 0.0), (w * 1.06, 0.2), (w * 0.94, 0.9), (w, 1.0), (-w, 1.0), (-w * 0.94, 0.9), (-w * 1.06, 0.2)
    )
    return [
        Part(outline, "main", "round"),
        line((-w * 0.95, 0.9), (w * 0.95, 0.9), width=0.015, ink="second"),
        *label(rng, w * 0.7, 0.25, 0.7),
    ]
