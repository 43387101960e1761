"""A judge's chances made to mean what they say: Platt scaling (Platt 1999), folded into its last layer."""

import torch
from torch import Tensor, nn
from transformers import ResNetForImageClassification

STEPS = 50  # of Newton's method at most; it ends after a few
FLAT = 1e-3  # keeps the fit away from infinity where pairs can be told apart without an error
BINS = 10


def calibrated(model: ResNetForImageClassification, chances_B: Tensor, wanted_B: Tensor) -> tuple[float, float]:
    """Rescale the logit of "no defect" in place; returns (scale, shift), (1, 0) without pairs.

    `chances_B`: what the model says of pairs that it did not learn from; `wanted_B`: the share of contented raters.
    """
    if not len(chances_B):
        return 1.0, 0.0
    scale, shift = fitted(torch.logit(chances_B.double(), eps=1e-6), wanted_B.double())
    layer = model.classifier[-1]
    assert isinstance(layer, nn.Linear)
    with torch.no_grad():
        layer.weight[0] *= scale
        layer.bias[0] = layer.bias[0] * scale + shift
    return scale, shift


def fitted(logits_B: Tensor, wanted_B: Tensor) -> tuple[float, float]:
    """Scale and shift with the least cross-entropy to the shares; the scale stays above 0, so that no order changes."""
    inputs_B2 = torch.stack([logits_B, torch.ones_like(logits_B)], 1)
    start_2 = torch.tensor([1.0, 0.0], dtype=logits_B.dtype)
    found_2 = start_2.clone()
    for _ in range(STEPS):
        chances_B = torch.sigmoid(inputs_B2 @ found_2)
        slope_2 = inputs_B2.T @ (chances_B - wanted_B) + FLAT * len(logits_B) * (found_2 - start_2)
        bend_22 = (inputs_B2 * (chances_B * (1 - chances_B))[:, None]).T @ inputs_B2
        step_2 = torch.linalg.solve(bend_22 + FLAT * len(logits_B) * torch.eye(2, dtype=logits_B.dtype), slope_2)
        found_2 = found_2 - step_2.clamp(-1, 1)
        if float(step_2.abs().max()) < 1e-6:
            break
    return max(0.05, float(found_2[0])), float(found_2[1])


def calibration_error(chances_B: Tensor, wanted_B: Tensor) -> float:
    """How far chances and shares are apart, mean over BINS of equal width weighted by their pairs (ECE)."""
    places_B = (chances_B * BINS).long().clamp(0, BINS - 1)
    apart = 0.0
    for place in places_B.unique():
        here = places_B == place
        apart += float(here.sum()) * float((chances_B[here].mean() - wanted_B[here].mean()).abs())
    return apart / len(chances_B)
