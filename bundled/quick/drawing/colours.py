"""Colour words: what else people call them, and shades that they still name. Numbers and words only; no drawing."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bundled.quick.drawing.words import phrases
from shared.contracts.vocabulary import COLOURS

Picture = npt.NDArray[np.float32]  # HxWx3 (or HxW) in 0..1

SYNONYMS: dict[str, tuple[str, ...]] = {
    "white": phrases("white | pure white | bright white | off-white"),
    "cream": phrases("cream | ivory | creamy | vanilla"),
    "beige": phrases("beige | sand coloured | tan | nude | camel"),
    "light grey": phrases("light grey | light gray | pale grey | silver grey"),
    "grey": phrases("grey | gray | neutral grey | medium grey"),
    "dark grey": phrases("dark grey | charcoal | dark gray | anthracite"),
    "black": phrases("black | jet black | deep black"),
    "navy": phrases("navy | navy blue | dark blue | midnight blue"),
    "blue": phrases("blue | royal blue | cobalt blue | bright blue"),
    "light blue": phrases("light blue | pale blue | pastel blue | baby blue"),
    "teal": phrases("teal | petrol | dark turquoise"),
    "turquoise": phrases("turquoise | aqua | cyan"),
    "mint": phrases("mint | mint green | pastel green"),
    "sage": phrases("sage | sage green | muted green | pale green"),
    "green": phrases("green | grass green | bright green"),
    "dark green": phrases("dark green | forest green | emerald | bottle green"),
    "olive": phrases("olive | olive green | khaki"),
    "yellow": phrases("yellow | bright yellow | sunny yellow | lemon"),
    "mustard": phrases("mustard | ochre | mustard yellow | gold coloured"),
    "orange": phrases("orange | bright orange | tangerine"),
    "peach": phrases("peach | apricot | pastel orange | salmon"),
    "terracotta": phrases("terracotta | rust | clay | burnt orange"),
    "red": phrases("red | bright red | crimson | scarlet"),
    "burgundy": phrases("burgundy | wine red | dark red | maroon"),
    "pink": phrases("pink | pastel pink | rose | blush pink"),
    "lilac": phrases("lilac | lavender | pastel purple | light purple"),
    "purple": phrases("purple | violet | deep purple"),
    "brown": phrases("brown | chocolate brown | dark brown | coffee brown"),
}

WORDS: tuple[str, ...] = tuple(COLOURS)


# The reference is the centre of a word; `shade_of` moves around it, so that a word is a region and not a point.
_CENTRES = np.asarray(list(COLOURS.values()), np.float32) / np.float32(255)
_PLACES: dict[str, int] = {word: place for place, word in enumerate(COLOURS)}


def centre_of(word: str) -> Picture:
    """The reference colour (3,) of a word in 0..1."""
    return np.asarray(_CENTRES[_PLACES[word]])


def shade_of(word: str, rng: np.random.Generator, spread: float = 0.035) -> Picture:
    """A colour (3,) in 0..1 that the word still names."""
    return shades_of((word,), rng, spread)[0]


def shades_of(words: Sequence[str], rng: np.random.Generator, spread: float = 0.035) -> Picture:
    """A colour (N, 3) per word: each channel drifts a little of its own, and all three together."""
    drift = rng.standard_normal((len(words), 4), np.float32) * np.float32(spread)
    shades = _CENTRES[[_PLACES[word] for word in words]] + drift[:, :3] * np.float32(0.6) + drift[:, 3:]
    return np.asarray(np.minimum(np.maximum(shades, np.float32(0.02)), np.float32(0.98)))


def any_word(rng: np.random.Generator) -> str:
    """One colour word, all equally likely."""
    return WORDS[int(rng.random() * len(WORDS))]
