"""Another colour of light on a finished picture, in pixels and in words.

A warm wall in neutral light and a neutral wall in warm light look alike: only a scene seen in lights of several colours
tells what the light does. The gains are those that the inpainter gives a plate whose light has another colour.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from services.inpainter.compose.init_image import LIGHT_GAINS
from services.trainer.model.lessons.data import Example

ANOTHER = 0.5  # of the pictures get a colour drawn anew, which may be their own
Phrases = Mapping[str, Sequence[str]]  # colour -> what is said of it


def drawn(colour: str, rng: np.random.Generator) -> str:
    """The colour of light that a picture shall have; an unknown one stays."""
    if colour not in LIGHT_GAINS or rng.random() >= ANOTHER:
        return colour
    return str(rng.choice(list(LIGHT_GAINS)))


def gain(had: str, gets: str) -> NDArray[np.float32]:
    """What each channel (3,) of a picture in one light is multiplied by."""
    if had == gets:
        return np.ones(3, np.float32)
    return np.divide(LIGHT_GAINS[gets], LIGHT_GAINS[had], dtype=np.float32)


def toned(picture: NDArray[np.uint8], gains: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(H, W, 3) with each channel multiplied."""
    return np.clip(picture * gains + 0.5, 0, 255).astype(np.uint8)


def relit(example: Example, phrases: Phrases, rng: np.random.Generator) -> Example:
    """The example in a light of its own or another colour; half the products keep their own. One whose captions name no
    colour stays."""
    had = _named(example.captions, phrases)
    gets = drawn(had, rng) if had else None
    if had is None or gets is None or had == gets:
        return example
    image = toned(example.image, gain(had, gets))
    if rng.random() < 0.5:
        share = example.mask[..., None].astype(np.float32) / 255
        image = (image * (1 - share) + example.image * share + 0.5).astype(np.uint8)
    said = tuple(_renamed(text, phrases[had], phrases[gets], rng) for text in example.captions)
    return Example(image, example.mask, said)


def _named(captions: Sequence[str], phrases: Phrases) -> str | None:
    found = {_longest(text, phrases[colour]): colour for text in captions for colour in phrases}
    return found[max(found, key=len)] if any(found) else None


def _longest(text: str, phrases: Sequence[str]) -> str:
    return max((phrase for phrase in phrases if phrase in text), key=len, default="")


def _renamed(text: str, old: Sequence[str], new: Sequence[str], rng: np.random.Generator) -> str:
    phrase = _longest(text, old)
    return text.replace(phrase, str(rng.choice(list(new)))) if phrase else text
