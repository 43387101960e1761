"""Candidate masks and how they are judged, so that the background is never taken for the product. Pure."""

from dataclasses import dataclass

import numpy as np

from services.segmenter.backdrops import Flags, Floats


@dataclass(frozen=True)
class MaskCandidate:
    """One proposal: `probability` (0..1), the model's own guess of its IoU, and the prompt that led to it."""

    probability: Floats
    predicted_iou: float
    prompt: str


@dataclass(frozen=True)
class Scored:
    """A candidate with its marks, each 0..1 and better when high; `total` is their weighted geometric mean."""

    candidate: MaskCandidate
    marks: dict[str, float]
    total: float


WEIGHTS = {"saliency": 3.0, "stability": 1.0, "area": 1.0, "centre": 0.5, "border": 1.5, "model": 1.0}
IN_SCENES = {**WEIGHTS, "saliency": 0.5, "model": 2.0}  # where all is colourful, being colourful says little


def best_of(candidates: tuple[MaskCandidate, ...], saliency_HW: Floats, weights: dict[str, float]) -> Scored:
    """The best candidate; at least one must be given."""
    return max((score(candidate, saliency_HW, weights) for candidate in candidates), key=lambda scored: scored.total)


def score(candidate: MaskCandidate, saliency_HW: Floats, weights: dict[str, float]) -> Scored:
    """All marks of one candidate against the saliency map (0..1, the same size)."""
    mask_HW = candidate.probability >= 0.5
    marks = {
        "saliency": agreement(candidate.probability, saliency_HW),
        "stability": stability(candidate.probability),
        "area": area_mark(float(mask_HW.mean())),
        "centre": centrality(mask_HW),
        "border": 1.0 - border_share(mask_HW),
        "model": candidate.predicted_iou,
    }
    logs = sum(weight * float(np.log(max(marks[name], 1e-3))) for name, weight in weights.items())
    return Scored(candidate, marks, float(np.exp(logs / sum(weights.values()))))


def stability(probability: Floats) -> float:
    """IoU of the mask cut high and cut low (Segment Anything, app. B): a sure mask hardly depends on the threshold."""
    low = int((probability >= 0.3).sum())
    return int((probability >= 0.7).sum()) / low if low else 0.0


def area_mark(area: float) -> float:
    """Products fill between 2 and 75 % of a photo; specks and whole pictures fade to nothing."""
    return float(np.clip(area / 0.02, 0.0, 1.0) * np.clip((0.97 - area) / 0.22, 0.0, 1.0))


def centrality(mask_HW: Flags) -> float:
    """1 when the mask's centre of mass is the picture's, 0 in a corner."""
    ys, xs = np.nonzero(mask_HW)
    if not len(ys):
        return 0.0
    height, width = mask_HW.shape
    return 1.0 - float(np.hypot(ys.mean() / height - 0.5, xs.mean() / width - 0.5)) / 0.7072


def border_share(mask_HW: Flags) -> float:
    """Share of the picture's border that the mask covers: a background covers nearly all of it."""
    sides = (mask_HW[0], mask_HW[-1], mask_HW[:, 0], mask_HW[:, -1])
    return float(np.concatenate(sides).mean())


def agreement(probability: Floats, saliency_HW: Floats) -> float:
    """Soft IoU of two maps in 0..1."""
    both = float(np.minimum(probability, saliency_HW).sum())
    either = float(np.maximum(probability, saliency_HW).sum())
    return both / either if either else 0.0
