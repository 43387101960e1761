"""Masks by clicks: what is clicked is in, what is clicked away is out."""

from dataclasses import dataclass

import numpy as np
import pytest

from services.segmenter.candidates import MaskCandidate
from services.segmenter.clicked import CLICK_SIDE, KEPT, ClickedPhotos
from services.segmenter.refining import RefineMask
from services.segmenter.saliency import WHOLE, Prompt
from shared.contracts.blobs import digest
from shared.contracts.errors import BadRequest, NotKnown
from shared.contracts.images import Pixels, encode_image


@dataclass(frozen=True)
class Click:
    x: float
    y: float
    keep: bool = True


class TwoSquares:
    """A model that knows two squares, the left one better; it remembers what it was asked."""

    version = "squares"

    def __init__(self) -> None:
        self.asked: tuple[Prompt, ...] = ()

    def candidates(self, rgb: Pixels, prompts: tuple[Prompt, ...]) -> tuple[MaskCandidate, ...]:
        self.asked = prompts
        return (self._square(rgb, 10, 0.9), self._square(rgb, 70, 0.6))

    def _square(self, rgb: Pixels, left: int, iou: float) -> MaskCandidate:
        probability = np.zeros(rgb.shape[:2], np.float32)
        probability[30:70, left : left + 30] = 0.95
        return MaskCandidate(probability, iou, "clicks")


def two_squares() -> bytes:
    rgb = np.full((100, 110, 3), 240, np.uint8)
    rgb[30:70, 10:40] = (200, 30, 30)
    rgb[30:70, 70:100] = (30, 30, 200)
    return encode_image(rgb)


NAME = digest(two_squares())


def test_the_square_that_is_clicked_is_the_mask() -> None:
    model = TwoSquares()
    mask = RefineMask(model).refine(two_squares(), NAME, (Click(0.77, 0.5), Click(0.2, 0.5, keep=False)), None)
    truth = np.zeros((100, 110), bool)
    truth[30:70, 70:100] = True
    assert ((mask >= 128) == truth).all() and mask[50, 85] == 255 and mask[50, 25] == 0
    (asked,) = model.asked
    assert (asked.points, asked.labels, asked.box) == (((0.77, 0.5), (0.2, 0.5)), (1, 0), WHOLE)


def test_a_box_is_handed_on_and_clicks_on_the_rim_count() -> None:
    model = TwoSquares()
    RefineMask(model).refine(two_squares(), NAME, (Click(0.2, 0.5), Click(1.0, 1.0, keep=False)), (0.0, 0.2, 0.5, 0.8))
    assert model.asked[0].box == (0.0, 0.2, 0.5, 0.8)


def test_clicks_that_find_nothing_are_told_so() -> None:
    class Blind(TwoSquares):
        def candidates(self, rgb: Pixels, prompts: tuple[Prompt, ...]) -> tuple[MaskCandidate, ...]:
            return (MaskCandidate(np.zeros(rgb.shape[:2], np.float32), 0.1, "clicks"),)

    with pytest.raises(BadRequest, match="click on the product"):
        RefineMask(Blind()).refine(two_squares(), NAME, (Click(0.2, 0.5),), None)


def test_a_photo_is_looked_at_once_however_often_it_is_clicked() -> None:
    photos = ClickedPhotos()
    assert photos.of(two_squares(), NAME) is photos.of(two_squares(), NAME) is photos.named(NAME)


def test_a_photo_that_was_sent_may_be_named_until_others_were_clicked() -> None:
    refine, name, there = RefineMask(TwoSquares()), NAME, (Click(0.2, 0.5),)
    with pytest.raises(NotKnown):
        refine.refine_named(name, there, None)
    sent = refine.refine(two_squares(), name, there, None)
    assert (refine.refine_named(name, there, None) == sent).all()
    for tone in range(KEPT):
        other = encode_image(np.full((64, 64, 3), tone, np.uint8))
        refine.refine(other, digest(other), there, None)
    with pytest.raises(NotKnown):
        refine.refine_named(name, there, None)


def test_a_larger_photo_is_answered_at_the_size_of_clicks() -> None:
    large = np.full((1200, 3000, 3), 240, np.uint8)
    large[300:700, 100:1200] = (200, 30, 30)
    picture = encode_image(large)
    mask = RefineMask(TwoSquares()).refine(picture, digest(picture), (Click(0.1, 0.4),), None)
    assert mask.shape == (410, CLICK_SIDE)
