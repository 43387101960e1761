"""Printed labels: made-up brand names in varied type, laid around a body or on its front."""
# ruff: noqa: E501 rows of numbers and words read better unwrapped

from typing import Any

import bpy
import cv2
import numpy as np

from bundled.studio.plan.colours import Colour, from_hex, varied
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.nodes import Graph

SYLLABLES = (
    "lu",
    "mo",
    "ra",
    "ve",
    "no",
    "ka",
    "ti",
    "sol",
    "ari",
    "el",
    "bo",
    "fen",
    "mi",
    "or",
    "za",
    "wil",
    "hay",
    "ne",
)
LINES = (
    "HAND MADE", "250 ml", "No. 7", "natural care", "ORGANIC", "since 1984", "daily use", "SMALL BATCH", "fresh & pure",
    "ORIGINAL", "limited edition", "100 g", "with sea salt", "cold pressed", "unscented", "FINE QUALITY", "50 ml e",
)  # fmt: skip
FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
    cv2.FONT_HERSHEY_PLAIN,
)
PAPERS = ("f4f1ea", "f4f1ea", "f4f1ea", "e9dcc0", "1b1b1d", "d8b36a", "c3d4c4", "e8b9b0", "27405e", "8a2f2b")
DARK_INKS, LIGHT_INKS = ("1a1a1a", "2b2b40", "7a2222", "1d4d3a", "8a5a1a"), ("f5f5f0", "e9d9a8", "ffffff")


def brand(rng: SeededRng) -> str:
    return "".join(rng.one_of(SYLLABLES) for _ in range(rng.whole(2, 3))).capitalize()


def stroke_mask(rng: SeededRng, width: int, height: int) -> np.ndarray:
    """Where ink is: a brand name, two or three lines, perhaps a rule, a frame or a mark."""
    ink = np.zeros((height, width), np.uint8)
    name = rng.pick(brand(rng), brand(rng).upper(), brand(rng).lower())
    font = rng.one_of(FONTS)
    y = _line(
        ink,
        name,
        font,
        int(height * rng.between(0.3, 0.42)),
        int(width * rng.between(0.55, 0.82)),
        bold=rng.whole(2, 6),
    )
    if rng.chance(0.5):
        cv2.line(ink, (int(width * 0.3), y + 14), (int(width * 0.7), y + 14), 255, rng.whole(2, 5))
    for _ in range(rng.whole(1, 3)):
        y += int(height * rng.between(0.11, 0.15))
        if y < height * 0.92:
            _line(ink, rng.one_of(LINES), rng.one_of(FONTS[:4]), y, int(width * rng.between(0.25, 0.5)), bold=2)
    _ornament(rng, ink)
    return ink


def _line(ink: np.ndarray, text: str, font: int, base: int, width: int, bold: int) -> int:
    (wide, _), _ = cv2.getTextSize(text, font, 1.0, bold)
    scale = width / max(wide, 1)
    (wide, tall), _ = cv2.getTextSize(text, font, scale, bold)
    cv2.putText(ink, text, ((ink.shape[1] - wide) // 2, base + tall // 3), font, scale, 255, bold, cv2.LINE_AA)
    return base + tall // 3


def _ornament(rng: SeededRng, ink: np.ndarray) -> None:
    height, width = ink.shape
    kind = rng.whole(0, 4)
    if kind == 0:
        cv2.rectangle(ink, (14, 14), (width - 15, height - 15), 255, 3)
    elif kind == 1:
        cv2.circle(ink, (width // 2, int(height * 0.14)), int(height * 0.07), 255, -1, cv2.LINE_AA)
    elif kind == 2:
        cv2.rectangle(ink, (0, int(height * 0.9)), (width, height), 255, -1)


def label(
    rng: SeededRng, body: Any, low: float, high: float, reach: float, flat: bool = False, paper: Colour | None = None
) -> Any:
    """Prints onto a finished material, between two heights; `reach` is the half angle, or the half width on a flat front.

    With `paper` the ink goes straight onto that ground.
    """
    graph = _reopen(rng, body)
    ground = paper or varied(rng, from_hex(rng.one_of(PAPERS)), 0.05)
    ink = from_hex(rng.one_of(DARK_INKS if sum(ground) > 0.9 else LIGHT_INKS))
    u, v, inside = _spot(graph, low, high, reach, flat)
    image = _image(stroke_mask(rng, 512, 512))
    where = graph.node("CombineXYZ", X=graph.add(graph.times(u, 0.5), 0.5), Y=v).outputs[0]
    texture = graph.node("TexImage", {"image": image, "extension": "CLIP"}, Vector=where)
    printed = graph.surface(graph.mix(texture.outputs["Color"], ground, ink), rng.between(0.3, 0.6))
    output = next(node for node in body.node_tree.nodes if node.type == "OUTPUT_MATERIAL")
    under = output.inputs["Surface"].links[0].from_socket
    graph.plug(output.inputs["Surface"], graph.blend(inside, under, printed))
    return body


def _reopen(rng: SeededRng, body: Any) -> Graph:
    """A graph over an existing material, without emptying it."""
    graph = Graph.__new__(Graph)
    graph.rng, graph.material, graph.tree = rng, body, body.node_tree
    return graph


def _spot(graph: Graph, low: float, high: float, reach: float, flat: bool) -> tuple[Any, Any, Any]:
    """-1..1 across, 0..1 up, and whether the point is on the label."""
    x, y, z = graph.xyz()
    across = x if flat else graph.math("ARCTAN2", x, graph.times(y, -1.0))
    inside = graph.times(graph.math("GREATER_THAN", z, low), graph.math("LESS_THAN", z, high))
    inside = graph.times(inside, graph.math("LESS_THAN", graph.math("ABSOLUTE", across), reach))
    if flat:
        inside = graph.times(inside, graph.math("LESS_THAN", y, 0.0))
    return graph.math("DIVIDE", across, reach), graph.math("DIVIDE", graph.less(z, low), high - low), inside


def _image(mask: np.ndarray) -> Any:
    height, width = mask.shape
    image = bpy.data.images.new("print", width, height)
    image.colorspace_settings.name = "Non-Color"
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = (mask[::-1].astype(np.float32) / 255)[..., None]
    image.pixels.foreach_set(pixels.ravel())
    return image
