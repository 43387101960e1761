"""A mask by clicks: somebody says "this is it" and "this is not", and the model and the photo's colours follow.

Pure but for the model. The clicks hold: where the exact outline would leave one out, the model's own mask stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.segmenter.backdrops import Flags
from services.segmenter.candidates import MaskCandidate
from services.segmenter.clicked import ClickedPhoto, ClickedPhotos
from services.segmenter.edges import soft_edge
from services.segmenter.finding import Segmenter, exact_outline, resized
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
    """Answers clicks while somebody waits; clicks on one photo come one after another, so the last few are kept."""

    segmenter: Segmenter
    photos: ClickedPhotos = field(default_factory=ClickedPhotos)

    def refine(self, picture: bytes, sha256: str, clicks: Sequence[Click], box: Corners | None) -> Pixels:
        """The soft mask (H, W) for clicks, and perhaps a box (left, top, right, bottom), on a picture file.

        It has the picture's size, CLICK_SIDE at most, and values 0..255: from 128 on it is product. Raises BadImage,
        and BadRequest when the clicks find nothing.
        """
        return self._refined(self.photos.of(picture, sha256), clicks, box)

    def refine_named(self, sha256: str, clicks: Sequence[Click], box: Corners | None) -> Pixels:
        """The same on a picture file that was sent a moment ago, by its sha256. Raises NotKnown: then send it."""
        return self._refined(self.photos.named(sha256), clicks, box)

    def _refined(self, photo: ClickedPhoto, clicks: Sequence[Click], box: Corners | None) -> Pixels:
        chosen = _best(self.segmenter.candidates(photo.look, (_prompt(clicks, box),)), clicks)
        if not (chosen.probability >= 0.5).any():
            raise BadRequest("clicks_find_nothing", "these clicks find nothing; click on the product")
        outline_HW = exact_outline(photo.fine, chosen.probability, photo.kind)
        coarse_HW = resized(chosen.probability >= 0.5, (outline_HW.shape[1], outline_HW.shape[0]))
        mask_HW = outline_HW if _obeyed(outline_HW, clicks) >= _obeyed(coarse_HW, clicks) else coarse_HW
        return soft_edge(photo.fine.lab, mask_HW)


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
