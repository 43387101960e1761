"""Goods that are worn or carried: bags, shoes, watches, hats."""

from bundled.quick.products.outlines import Part, Rng, arc, label, line, mirrored, oval, points, rect


def bag(rng: Rng) -> list[Part]:
    w, top = rng.uniform(0.36, 0.52), rng.uniform(0.5, 0.62)
    body = Part(points((-w, 0), (w, 0), (w * 0.85, top), (-w * 0.85, top)), "main", "round")
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
    upper = points(
        (-0.75, 0.1), (-0.78, 0.5), (-0.7, 0.66), (-0.42, 0.62), (-0.2, 0.44), (0.2, 0.36), (0.62, 0.28), (0.78, 0.1)
    )
    laces = [
        line((-0.3 + 0.12 * k, 0.5 - 0.07 * k), (-0.2 + 0.12 * k, 0.60 - 0.07 * k), width=0.03, ink="light")
        for k in range(4)
    ]
    sole = Part(points((-0.8, 0), (0.82, 0), (0.86, 0.08), (0.8, 0.14), (-0.8, 0.16)), "light")
    return mirrored(
        [Part(upper, "main", "round"), sole, *laces, line((-0.5, 0.15), (-0.1, 0.35), width=0.06, ink="second")], rng
    )


def boot(rng: Rng) -> list[Part]:
    outline = points((-0.36, 0.05), (-0.36, 1.0), (0.06, 1.0), (0.08, 0.42), (0.5, 0.3), (0.56, 0.05))
    return mirrored(
        [Part(outline, "main", "round"), rect(-0.38, 0, 0.96, 0.07, "dark"), rect(-0.38, 0, 0.25, 0.13, "dark")], rng
    )


def watch(rng: Rng) -> list[Part]:
    strap = [
        Part(points((-0.13, 0), (0.13, 0), (0.17, 0.35), (-0.17, 0.35)), "second", "round"),
        Part(points((-0.17, 0.65), (0.17, 0.65), (0.13, 1), (-0.13, 1)), "second", "round"),
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


def hat(rng: Rng) -> list[Part]:
    return [
        oval(0, 0.12, 0.75, 0.13, "main", "ball"),
        oval(0, 0.38, 0.38, 0.34, "main", "round", 3.5),
        rect(-0.38, 0.16, 0.76, 0.1, "second", "round"),
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
    outline = points(
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
    return [Part(outline, "main", "round"), *label(rng, 0.14, 0.45, 0.72)]
