"""From a photo to its product's mask: where to look, what the model proposes, which of it, its exact edge.

Pure but for the model: the same photo and proposals give the same mask.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import cv2
import numpy as np

from services.segmenter.backdrops import Colours, Flags, Floats, read_backdrop, to_lab
from services.segmenter.candidates import IN_SCENES, WEIGHTS, MaskCandidate, Scored, agreement, best_of
from services.segmenter.edges import cut_plain
from services.segmenter.outlines import cut_scene
from services.segmenter.saliency import Prompt, prompts_from, saliency_of
from services.segmenter.verdicts import PhotoRefusal, verdict
from shared.contracts.images import Pixels

RULES = "r2"  # raise it when the rules below change what comes out: masks are kept by model and rules
LOOK_SIDE = 384  # px of the longer side at which the photo is looked at
FINE_SIDE = 2048  # px of the longer side up to which edges are cut exactly; larger photos are cut at this size
PURE, ACCORD = 0.2, 0.6  # a ground less even than PURE must find what the model found, to this soft IoU, to be trusted
FAINT = 5.0  # Lab units: a photo whose every pixel is nearer to its backdrop shows nothing


class Segmenter(Protocol):
    """A promptable segmentation model; `version` names the weights."""

    version: str

    def candidates(self, rgb: Pixels, prompts: tuple[Prompt, ...]) -> tuple[MaskCandidate, ...]:
        """Some candidate masks for each prompt, of `rgb`'s size."""
        ...


@dataclass(frozen=True)
class Finding:
    """`mask` (H, W) of 0 and 255 in the photo's size, or the refusal; `chosen` is the model's part in it."""

    backdrop: Literal["plain", "scene"]
    confidence: float
    mask: Pixels | None = None
    refusal: PhotoRefusal | None = None
    chosen: Scored | None = None


def find_product(rgb: Pixels, segmenter: Segmenter, *, least_confidence: float) -> Finding:
    """The product of a photo (H, W, 3)."""
    look = within_side(rgb, LOOK_SIDE)
    look_lab = to_lab(look)
    backdrop = read_backdrop(look_lab)
    away_HW = np.linalg.norm(look_lab - backdrop.ground, axis=2)
    if float(np.percentile(away_HW, 99.8)) < FAINT + 2 * backdrop.noise:
        return Finding(backdrop.kind, 0.0, refusal=verdict(look, away_HW < 0, 0.0, least_confidence=least_confidence))
    saliency_HW = saliency_of(look, look_lab, backdrop)
    weights = WEIGHTS if backdrop.kind == "plain" else IN_SCENES
    chosen = best_of(segmenter.candidates(look, prompts_from(saliency_HW)), saliency_HW, weights)
    mask_HW = exact_outline(Colours(within_side(rgb, FINE_SIDE)), chosen.candidate.probability, backdrop.kind)
    small_HW = resized(mask_HW, (look.shape[1], look.shape[0]))
    confidence = sureness(small_HW, chosen, saliency_HW, backdrop.kind)
    refusal = verdict(look, small_HW, confidence, least_confidence=least_confidence)
    mask = np.where(resized(mask_HW, (rgb.shape[1], rgb.shape[0])), 255, 0).astype(np.uint8)
    return Finding(backdrop.kind, confidence, None if refusal else mask, refusal, chosen)


def backdrop_of(rgb: Pixels) -> Literal["plain", "scene"]:
    """Studio ground or real scene, for a photo whose mask is given."""
    return read_backdrop(to_lab(within_side(rgb, LOOK_SIDE))).kind


def exact_outline(seen: Colours, coarse_HW: Floats, kind: Literal["plain", "scene"]) -> Flags:
    """The coarse mask's outline, found in the colours of the photo itself."""
    height, width = seen.rgb.shape[:2]
    likely_HW = cv2.resize(coarse_HW, (width, height), interpolation=cv2.INTER_LINEAR)
    if kind == "scene":
        return cut_scene(seen.rgb, seen.lab, likely_HW)
    by_ground = cut_plain(seen.lab, seen.backdrop, likely_HW)
    accord = agreement(likely_HW, by_ground.astype(np.float32))
    if accord >= ACCORD or seen.backdrop.noise <= PURE:
        return by_ground
    by_edges = cut_scene(seen.rgb, seen.lab, likely_HW)
    return by_edges if agreement(likely_HW, by_edges.astype(np.float32)) > accord else by_ground


def sureness(mask_HW: Flags, chosen: Scored, saliency_HW: Floats, kind: Literal["plain", "scene"]) -> float:
    """0..1. On a plain ground: colours, model and mask agree. In a scene: how firm and how sure the model's mask is.

    In drawn scenes nearly all masks with an IoU under a half have a geometric mean of stability and predicted IoU
    under 0.6, and few good ones have: that is where the default limit lies.
    """
    if kind == "scene":
        firm = float(np.sqrt(chosen.marks["stability"] * chosen.candidate.predicted_iou))
        return float(np.clip((firm - 0.4) / 0.55, 0.0, 1.0))
    with_model = agreement(chosen.candidate.probability, mask_HW.astype(np.float32))
    with_colours = agreement((saliency_HW >= 0.3).astype(np.float32), mask_HW.astype(np.float32))
    return float(np.clip(0.7 * with_colours + 0.3 * with_model, 0.0, 1.0))


def within_side(rgb: Pixels, side: int) -> Pixels:
    """The picture, at most `side` px on its longer side."""
    scale = side / max(rgb.shape[:2])
    if scale >= 1:
        return rgb
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def resized(mask_HW: Flags, size: tuple[int, int]) -> Flags:
    """The mask at another size (width, height), cut at half coverage."""
    if mask_HW.shape == (size[1], size[0]):
        return mask_HW
    how = cv2.INTER_AREA if size[0] < mask_HW.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(mask_HW.astype(np.float32), size, interpolation=how) >= 0.5)
