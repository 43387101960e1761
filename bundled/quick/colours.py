"""Colour words and what they mean in sRGB. Numbers and words only; no drawing."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bundled.quick.words import phrases

Picture = npt.NDArray[np.float32]  # HxWx3 (or HxW) in 0..1
Colour = tuple[float, float, float]

# Centre of each word; `shade_of` moves around it, so that a word is a region and not a point.
COLOURS: dict[str, Colour] = {
    "white": (0.94, 0.94, 0.93),
    "cream": (0.95, 0.91, 0.80),
    "beige": (0.85, 0.76, 0.62),
    "light grey": (0.78, 0.78, 0.78),
    "grey": (0.55, 0.55, 0.56),
    "dark grey": (0.27, 0.28, 0.29),
    "black": (0.07, 0.07, 0.08),
    "navy": (0.09, 0.14, 0.33),
    "blue": (0.16, 0.36, 0.74),
    "light blue": (0.62, 0.80, 0.93),
    "teal": (0.08, 0.46, 0.47),
    "turquoise": (0.25, 0.75, 0.74),
    "mint": (0.68, 0.90, 0.79),
    "sage": (0.62, 0.69, 0.56),
    "green": (0.22, 0.56, 0.26),
    "dark green": (0.08, 0.28, 0.18),
    "olive": (0.46, 0.46, 0.22),
    "yellow": (0.96, 0.82, 0.22),
    "mustard": (0.80, 0.60, 0.16),
    "orange": (0.93, 0.50, 0.15),
    "peach": (0.98, 0.77, 0.63),
    "terracotta": (0.75, 0.41, 0.28),
    "red": (0.78, 0.14, 0.14),
    "burgundy": (0.41, 0.08, 0.15),
    "pink": (0.95, 0.62, 0.72),
    "lilac": (0.77, 0.68, 0.88),
    "purple": (0.44, 0.24, 0.60),
    "brown": (0.42, 0.28, 0.18),
}

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


_CENTRES = np.asarray(list(COLOURS.values()), np.float32)
_PLACES = {word: place for place, word in enumerate(COLOURS)}


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
