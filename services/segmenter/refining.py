"""A mask by clicks: somebody says "this is it" and "this is not", and the model and the photo's colours follow.

Pure but for the model. The clicks hold: where the exact outline would leave one out, the model's own mask stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from services.segmenter.backdrops import Flags, read_backdrop, to_lab
from services.segmenter.candidates import MaskCandidate
from services.segmenter.finding import FINE_SIDE, LOOK_SIDE, Segmenter, exact_outline, resized, within_side
from services.segmenter.saliency import WHOLE, Prompt
from shared.contracts.errors import BadRequest
from shared.contracts.images import Pixels

Corners = tuple[float, float, float, float]


class Click(Protocol):
    """A point as fractions of the photo; `keep`: it is the product's, else the background's."""

    @property
    def x(self) -> float:
        """From the left."""
        ...

    @property
    def y(self) -> float:
        """From the top."""
        ...

    @property
    def keep(self) -> bool:
        """Whether it is the product's."""
        ...


@dataclass(frozen=True)
class RefineMask:
    """Answers clicks while somebody waits."""

    segmenter: Segmenter

    def refine(self, rgb: Pixels, clicks: Sequence[Click], box: Corners | None) -> Pixels:
        """The mask (H, W) of 0 and 255 for clicks, and perhaps a box (left, top, right, bottom), on a photo (H, W, 3).

        Raises BadRequest when the clicks find nothing.
        """
        look = within_side(rgb, LOOK_SIDE)
        chosen = _best(self.segmenter.candidates(look, (_prompt(clicks, box),)), clicks)
        if not (chosen.probability >= 0.5).any():
            raise BadRequest("clicks_find_nothing", "these clicks find nothing; click on the product")
        fine = within_side(rgb, FINE_SIDE)
        outline_HW = exact_outline(fine, chosen.probability, read_backdrop(to_lab(look)).kind)
        coarse_HW = resized(chosen.probability >= 0.5, (fine.shape[1], fine.shape[0]))
        mask_HW = outline_HW if _obeyed(outline_HW, clicks) >= _obeyed(coarse_HW, clicks) else coarse_HW
        return np.where(resized(mask_HW, (rgb.shape[1], rgb.shape[0])), 255, 0).astype(np.uint8)


def _prompt(clicks: Sequence[Click], box: Corners | None) -> Prompt:
    points = tuple((click.x, click.y) for click in clicks)
    return Prompt("clicks", points, tuple(int(click.keep) for click in clicks), box or WHOLE)


def _best(candidates: Sequence[MaskCandidate], clicks: Sequence[Click]) -> MaskCandidate:
    """Of those that obey most clicks the one of which the model is surest."""
    return max(candidates, key=lambda one: (_obeyed(one.probability >= 0.5, clicks), one.predicted_iou))


def _obeyed(mask_HW: Flags, clicks: Sequence[Click]) -> int:
    height, width = mask_HW.shape
    return sum(
        bool(mask_HW[min(int(click.y * height), height - 1), min(int(click.x * width), width - 1)]) == click.keep
        for click in clicks
    )
