"""Defects made on purpose: each takes a good composite, spoils it, and says how many raters would not mind."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]  # (H, W, 3) or (H, W), 0..1
Rng = np.random.Generator


@dataclass(frozen=True)
class EmptyScene:
    """An empty scene: its picture, where its surface begins (0..1 from the top, or None), how it is seen."""

    picture: Picture
    line: float | None
    view: str


@dataclass(frozen=True)
class Work:
    """A composite in the making: what may still be spoilt."""

    behind: Picture
    product: Picture
    alpha: Picture
    shade: Picture
    stage: EmptyScene

    def picture(self) -> Picture:
        """The composite."""
        cover = self.alpha[..., None]
        return np.asarray(self.behind * self.shade[..., None] * (1 - cover) + self.product * cover, np.float32)


def clipped(picture: NDArray[np.float32]) -> Picture:
    """Within 0..1."""
    return np.asarray(np.clip(picture, 0, 1), np.float32)


def matrix_of(rows: list[list[float]]) -> Picture:
    """An affine matrix for cv2."""
    return np.asarray(rows, np.float32)


@dataclass(frozen=True)
class Spoilt:
    """What a defect made; `work` is what the photo shows."""

    work: Work
    picture: Picture
    score: float


def _severity(rng: Rng) -> float:
    return float(rng.uniform(0.25, 1.0))


def _score(severity: float) -> float:
    return float(np.clip(0.5 - 0.5 * severity, 0.03, 0.45))


def _ring(alpha: Picture, reach: float) -> Picture:
    """1 close around the product, 0 elsewhere."""
    side = 2 * max(1, round(reach)) + 1
    grown = cv2.dilate(alpha, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return clipped(grown - alpha)


def grown(work: Work, rng: Rng) -> Spoilt:
    """The product goes on outside its mask, on one side or all around: what plain inpainting does."""
    severity, size = _severity(rng), work.alpha.shape[0]
    scale = 1 + 0.10 + 0.25 * severity
    rows, columns = np.where(work.alpha > 0.5)
    centre_x, centre_y = float(columns.mean()), float(rows.mean())
    move = rng.uniform(-0.08, 0.08, 2) * size * severity
    matrix = matrix_of([[scale, 0, centre_x * (1 - scale) + move[0]], [0, scale, centre_y * (1 - scale) + move[1]]])
    bigger, cover = (
        cv2.warpAffine(work.product, matrix, (size, size), borderMode=cv2.BORDER_REPLICATE),
        cv2.warpAffine(work.alpha, matrix, (size, size)),
    )
    if rng.random() < 0.5:  # only a part has grown
        half = (np.arange(size) > centre_x) if rng.random() < 0.5 else (np.arange(size) < centre_x)
        cover = cover * cv2.GaussianBlur(half.astype(np.float32)[None].repeat(size, 0), (0, 0), 2)
    behind = work.behind * work.shade[..., None] * (1 - cover[..., None]) + bigger * cover[..., None]
    return Spoilt(
        work,
        replace(work, behind=np.asarray(behind, np.float32), shade=np.ones_like(work.shade)).picture(),
        _score(severity),
    )


def halo(work: Work, rng: Rng) -> Spoilt:
    """A rim of the old backdrop, or of glow, around the product."""
    severity = _severity(rng)
    ring = cv2.GaussianBlur(_ring(work.alpha, 1.5 + 3 * severity), (0, 0), 0.7)[..., None] * (0.5 + 0.5 * severity)
    tone = np.float32(rng.choice([1.0, 1.0, 0.05]))
    behind = work.behind * work.shade[..., None] * (1 - ring) + tone * ring
    return Spoilt(
        work,
        replace(work, behind=np.asarray(behind, np.float32), shade=np.ones_like(work.shade)).picture(),
        _score(severity),
    )


def seam(work: Work, rng: Rng) -> Spoilt:
    """A patch around the product in another tone: the edge of a box or of a swollen mask shows."""
    severity = _severity(rng)
    rows, columns = np.where(work.alpha > 0.5)
    patch = np.zeros_like(work.alpha)
    if rng.random() < 0.5:
        far = int(rng.integers(4, 16))
        patch[max(0, rows.min() - far) : rows.max() + far, max(0, columns.min() - far) : columns.max() + far] = 1
    else:
        patch = _ring(work.alpha, rng.uniform(5, 14)) + work.alpha
    tone = 1 + (0.12 + 0.3 * severity) * rng.choice([-1, 1]) * rng.uniform(0.5, 1, 3).astype(np.float32)
    behind = work.behind * (1 + (tone - 1) * np.clip(patch, 0, 1)[..., None])
    return Spoilt(work, replace(work, behind=np.asarray(behind, np.float32)).picture(), _score(severity))


def noise(work: Work, rng: Rng) -> Spoilt:
    """The background never became a picture: grain or colour clouds."""
    severity, size = _severity(rng), work.alpha.shape[0]
    cells = int(rng.choice([size, size // 2, size // 8]))
    grain = cv2.resize(
        rng.normal(0, 1, (cells, cells, 3)).astype(np.float32), (size, size), interpolation=cv2.INTER_LINEAR
    )
    behind = work.behind + grain * (0.08 + 0.25 * severity)
    return Spoilt(work, replace(work, behind=clipped(behind)).picture(), _score(severity))


def garbled(work: Work, rng: Rng) -> Spoilt:
    """Shapes that are none: torn, swirled or mosaic backgrounds."""
    severity, size = _severity(rng), work.alpha.shape[0]
    if rng.random() < 0.6:
        field = cv2.GaussianBlur(rng.normal(0, 1, (size, size, 2)).astype(np.float32), (0, 0), float(rng.uniform(3, 9)))
        field = field / (np.abs(field).max() + 1e-6) * size * (0.05 + 0.14 * severity)
        grid = np.stack(np.meshgrid(np.arange(size), np.arange(size)), -1).astype(np.float32) + field
        behind = cv2.remap(work.behind, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    else:
        cell = int(rng.choice([8, 16, 20]))
        blocks = cv2.resize(work.behind, (size // cell, size // cell), interpolation=cv2.INTER_AREA)
        blocks = np.clip(blocks + rng.normal(0, 0.16 * severity, blocks.shape), 0, 1).astype(np.float32)
        blocky = cv2.resize(blocks, (size, size), interpolation=cv2.INTER_NEAREST)
        behind = work.behind * (1 - severity) + blocky * severity
    return Spoilt(work, replace(work, behind=np.asarray(behind, np.float32)).picture(), _score(severity))


def floating(work: Work, rng: Rng) -> Spoilt:
    """The product hangs in the air before the backdrop, with no shadow under it."""
    line = int((work.stage.line or 0.6) * work.alpha.shape[0])
    rows = np.where(work.alpha.max(1) > 0.5)[0]
    lift = float(rows.max() - line + rng.uniform(3, 14))
    matrix = matrix_of([[1, 0, 0], [0, 1, -lift]])
    size = work.alpha.shape
    alpha = cv2.warpAffine(work.alpha, matrix, size[::-1])
    product = cv2.warpAffine(work.product, matrix, size[::-1], borderMode=cv2.BORDER_REPLICATE)
    lifted = replace(work, alpha=alpha, product=product, shade=np.ones_like(alpha))
    return Spoilt(lifted, lifted.picture(), 0.12)


def no_contact(work: Work, rng: Rng) -> Spoilt:
    """It stands on the surface, but leaves no shadow there."""
    return Spoilt(work, replace(work, shade=np.ones_like(work.shade)).picture(), float(rng.uniform(0.2, 0.4)))


def wrong_light(work: Work, rng: Rng) -> Spoilt:
    """A bright studio product in a dark or strongly tinted scene."""
    severity = _severity(rng)
    if rng.random() < 0.6:
        behind = work.behind ** (1.6 + 1.2 * severity) * (0.7 - 0.35 * severity)
    else:
        behind = work.behind * (1 + severity * rng.choice([-1, 1]) * np.asarray([0.45, 0.0, -0.45], np.float32))
    return Spoilt(work, replace(work, behind=clipped(behind)).picture(), _score(0.75 * severity))


def changed_product(work: Work, rng: Rng) -> Spoilt:
    """The product itself was repainted: other colours, smeared, or part of it gone."""
    severity, spoilt = _severity(rng), work.product
    turn = rng.integers(3)
    if turn == 0:
        spoilt = np.clip(spoilt * (1 + severity * rng.uniform(-0.5, 0.5, 3)), 0, 1)
    elif turn == 1:
        spoilt = cv2.GaussianBlur(spoilt, (0, 0), 1 + 3 * severity)
    else:
        rows, columns = np.where(work.alpha > 0.5)
        at = int(rng.integers(len(rows)))
        hole = np.zeros_like(work.alpha)
        cv2.circle(hole, (int(columns[at]), int(rows[at])), int(6 + 16 * severity), 1.0, -1)
        spoilt = spoilt * (1 - hole[..., None]) + work.behind * hole[..., None]
    return Spoilt(work, replace(work, product=np.asarray(spoilt, np.float32)).picture(), _score(severity))


def leaked(work: Work, rng: Rng) -> Spoilt:
    """The mask holds ragged pieces of the photo's old ground, which came along into the new scene."""
    severity, size = _severity(rng), work.alpha.shape[0]
    rim = np.argwhere(_ring(work.alpha, 2) > 0.5)
    blobs = np.zeros_like(work.alpha)
    for at in rng.integers(len(rim), size=int(rng.integers(1, 4))) if len(rim) else ():
        row, column = (int(place) for place in rim[at])
        axes = (
            int(size * rng.uniform(0.03, 0.05 + 0.13 * severity)),
            int(size * rng.uniform(0.02, 0.03 + 0.08 * severity)),
        )
        cv2.ellipse(blobs, (column, row), axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
    ragged = cv2.GaussianBlur(rng.normal(0, 1, (size, size)).astype(np.float32), (0, 0), 2.0) * 4
    cover = np.clip((cv2.GaussianBlur(blobs, (0, 0), 1.5) + 0.12 * ragged - 0.5) * 4 + 0.5, 0, 1) * (blobs > 0)
    kept = np.asarray(cover * (1 - work.alpha), np.float32)[..., None]
    product = work.product * (1 - kept) + np.float32(rng.choice([1.0, 1.0, 0.96, 0.85])) * kept
    alpha = np.asarray(np.maximum(work.alpha, cover), np.float32)
    spoilt = replace(work, product=clipped(product), alpha=alpha)
    return Spoilt(spoilt, spoilt.picture(), _score(severity))


DEFECTS: dict[str, Callable[[Work, Rng], Spoilt]] = {
    "grown": grown, "halo": halo, "seam": seam, "noise": noise, "garbled": garbled, "floating": floating,
    "no contact": no_contact, "wrong light": wrong_light, "changed product": changed_product, "leaked": leaked,
}  # fmt: skip
