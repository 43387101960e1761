"""Which colours a product and a plain backdrop have, measured in CIELAB and said in everyday words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.contracts.vocabulary import Colour

Picture = NDArray[np.uint8]

GREYS: Mapping[Colour, float] = {
    "black": 14.0,
    "dark grey": 33.0,
    "grey": 58.0,
    "light grey": 80.0,
    "white": 96.0,
}  # lightness L*, 0..100
CHROMA = 11.0  # below this a pixel has no hue worth a name
CHROMA_BLUISH = 17.0  # steel and slate are greys to people
CHROMA_DARK_BLUISH = 8.0  # but a little blue makes navy of black
LOOKS = 9000  # pixels looked at; more change nothing
SECOND = 0.22  # a second colour is named when it covers this share
# Hues as sRGB, several shades of one word where shading changes them much.
HUES: Mapping[Colour, tuple[str, ...]] = {
    "navy": ("17244f", "1f2a5c"), "blue": ("1f4fbf", "2a6be0", "3a78c8"), "light blue": ("9cc6ea", "b9d6ee"),
    "teal": ("12706f",), "turquoise": ("43c3be",), "mint": ("b4e4cc",), "sage": ("a3b394", "8b9a7c"),
    "green": ("2f8f3e", "1d7a4d", "62b32f"), "dark green": ("163f2a",), "olive": ("6e6b34",),
    "yellow": ("f4d432", "f0e06a", "d9cf6e"), "mustard": ("c8962a",), "orange": ("ee8122", "f2a154", "d8842a"),
    "peach": ("f8c6a2",), "terracotta": ("bd6443",), "red": ("c2202a", "e03a3a"), "burgundy": ("6a1426",),
    "pink": ("ee8fb0", "f4b6cb", "d956a6"), "lilac": ("c3b0e0", "a79fd0"), "purple": ("6a3d97",),
    "brown": ("6b4529", "4a3020"),
    "beige": ("d9c3a0", "c9b08c"), "cream": ("f2e8cd",),
}  # fmt: skip
FAMILIES: tuple[tuple[Colour, Colour], ...] = (
    ("navy", "blue"), ("light blue", "blue"), ("dark green", "green"), ("sage", "green"), ("burgundy", "red"),
    ("orange", "mustard"), ("yellow", "mustard"), ("peach", "orange"), ("terracotta", "orange"), ("lilac", "purple"),
    ("white", "light grey"), ("light grey", "grey"), ("grey", "dark grey"), ("dark grey", "black"), ("beige", "cream"),
    ("brown", "terracotta"), ("teal", "turquoise"), ("teal", "green"), ("yellow", "cream"), ("olive", "mustard"),
    ("navy", "black"), ("brown", "black"), ("light blue", "light grey"), ("lilac", "light grey"), ("sage", "grey"),
    ("olive", "dark grey"), ("navy", "dark grey"), ("beige", "brown"), ("peach", "beige"), ("orange", "yellow"),
)  # fmt: skip


@dataclass(frozen=True)
class Share:
    """A colour word and the part of the looked-at pixels it covers, 0..1."""

    word: str
    part: float


def product_colours(photo: Picture, mask: Picture, *, worn: bool = False) -> tuple[Share, ...]:
    """One or two colours of what the mask covers, the larger first; `worn`: skin is somebody's, not the product's."""
    inner = cv2.erode(mask, np.ones((5, 5), np.uint8))
    pixels_N3 = photo[(inner if inner.any() else mask) > 127]
    if worn:
        pixels_N3 = _without_skin(pixels_N3)
    if not len(pixels_N3):
        return (Share("grey", 1.0),)
    return _merged(_tally(pixels_N3))


def backdrop_colour(photo: Picture, mask: Picture) -> Share:
    """The colour around the product; `part` says how even it is."""
    around = cv2.dilate(mask, np.ones((15, 15), np.uint8)) < 128
    pixels_N3 = photo[around] if around.any() else photo.reshape(-1, 3)
    return max(_tally(pixels_N3), key=lambda share: share.part)


def _tally(pixels_N3: Picture) -> list[Share]:
    """Every colour word with its share of the pixels, the largest first."""
    chosen = pixels_N3[:: max(1, len(pixels_N3) // LOOKS)]
    lab_N3 = _lab(chosen)
    chroma_N = np.hypot(lab_N3[:, 1], lab_N3[:, 2])
    words, centres_K3 = _named()
    weights = np.asarray([0.55, 1.0, 1.0], np.float32)  # shading moves lightness most, so it counts less
    nearest_N = np.argmin((((lab_N3[:, None] - centres_K3) * weights) ** 2).sum(-1), axis=1)
    grey_words, levels = tuple(GREYS), np.asarray(tuple(GREYS.values()), np.float32)
    grey_N = np.abs(lab_N3[:, :1] - levels).argmin(1)
    dark, bluish = lab_N3[:, 0] < 30, lab_N3[:, 2] < -0.6 * np.abs(lab_N3[:, 1])
    slate = bluish & ~dark & (lab_N3[:, 0] < 76)  # paler ones are a light blue
    least = np.where(dark, np.where(bluish, CHROMA_DARK_BLUISH, CHROMA + 3), CHROMA)
    grey = chroma_N < np.where(slate, CHROMA_BLUISH, least)
    names = np.where(grey, np.asarray(grey_words)[grey_N], np.asarray(words)[nearest_N])
    found, counts = np.unique(names, return_counts=True)
    return sorted(
        (Share(str(w), float(c) / len(names)) for w, c in zip(found, counts, strict=True)), key=lambda s: -s.part
    )


def _merged(shares: list[Share]) -> tuple[Share, ...]:
    """Shades of one colour become one word; then the first, and a second that is large and of another family."""
    parts = {share.word: share.part for share in shares}
    for share in shares:  # from the largest on: neighbours give what they have to the larger word
        for near in (other for pair in FAMILIES if share.word in pair for other in pair if other != share.word):
            if 0 < parts.get(near, 0.0) < parts.get(share.word, 0.0):
                parts[share.word] += parts.pop(near)
    if "light grey" in parts and any(share.word == "white" and share.part > 0.08 for share in shares):
        parts["white"] = parts.pop("light grey")  # what is white somewhere is white in the shade as well
    ranked = sorted((Share(word, min(1.0, part)) for word, part in parts.items()), key=lambda share: -share.part)
    told = ranked[:1] + [share for share in ranked[1:2] if share.part >= SECOND]
    paler = len(told) == 2 and told[0].word in {"white", "light grey"} and told[1].part > 0.3
    return tuple(told[::-1] if paler else told)  # a green juice with a white label, not the other way round


def _without_skin(pixels_N3: Picture) -> Picture:
    """The pixels that are not skin (a box in YCrCb, after Chai and Ngan 1999), unless nearly nothing is left."""
    ycrcb_N3 = cv2.cvtColor(pixels_N3[None], cv2.COLOR_RGB2YCrCb)[0].astype(np.int16)
    skin = (ycrcb_N3[:, 1] > 138) & (ycrcb_N3[:, 1] < 168) & (ycrcb_N3[:, 2] > 85) & (ycrcb_N3[:, 2] < 122)
    return pixels_N3[~skin] if (~skin).mean() > 0.15 else pixels_N3


@cache
def _named() -> tuple[tuple[str, ...], NDArray[np.float32]]:
    rows = [(word, [int(code[i : i + 2], 16) for i in (0, 2, 4)]) for word, codes in HUES.items() for code in codes]
    return tuple(word for word, _ in rows), _lab(np.asarray([rgb for _, rgb in rows], np.uint8))


def _lab(rgb_N3: Picture) -> NDArray[np.float32]:
    scaled = np.ascontiguousarray(rgb_N3)[None].astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB)[0], np.float32)
