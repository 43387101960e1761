"""Pairs for the judge: a photo, an output made of it, the mask, and how likely a rater is to find no defect.

Good pairs are composites as the inpainter makes them (a plate, the exact product, its shadows) and rendered scenes. Bad
ones get one defect on purpose, each with a severity; the score falls with it, as the share of contented raters would.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from bundled.quick import QuickScene, quick_scenes
from bundled.training.defects import DEFECTS, EmptyScene, Picture, Rng, Spoilt, Work, matrix_of

GOOD = 0.92
LOTS = (*DEFECTS, "garbled", "garbled", "wrong light")  # the hardest to see are learned from more often
TRIES = 8
LEAST_TORN = 0.1  # a plain wall may be swirled as one likes: no rater would see it


@dataclass(frozen=True)
class JudgePair:
    """`original` and `output` (H, W, 3) uint8, `mask` (H, W) uint8, `score` 0..1; `defect` is "" for a good pair."""

    original: NDArray[np.uint8]
    output: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    score: float
    defect: str


class PairMaker:
    """Draws its products and scenes once, then pairs without end."""

    def __init__(
        self, stages: list[EmptyScene], *, seed: int, size: int, products: int = 300, scenes: int = 200
    ) -> None:
        """`stages`: further empty scenes, at least `size` px; quick ones are drawn beside them."""
        self.rng, self.size = np.random.default_rng(seed), size
        packshots = quick_scenes(seed + 1, size, "packshot")
        self.cutouts = [
            _cutout(sample.image, sample.mask) for sample, _ in zip(packshots, range(products), strict=False)
        ]
        rendered = quick_scenes(seed + 2, size)
        self.rendered = [(sample.image, sample.mask) for sample, _ in zip(rendered, range(scenes), strict=False)]
        plates = quick_scenes(seed + 3, size, "plate")
        self.quick = [_quick_stage(next(plates)) for _ in range(scenes)]
        self.real = stages

    def __iter__(self) -> Iterator[JudgePair]:
        while True:
            yield self.bad() if self.rng.random() < 0.55 else self.good()

    def good(self) -> JudgePair:
        """A pair that most raters would pass."""
        if self.rng.random() < 0.2:
            return self._rendered()
        work = self._composite()
        return self._pair(work, work.picture(), float(np.clip(self.rng.normal(GOOD, 0.04), 0.8, 0.99)), "")

    def bad(self, defect: str | None = None) -> JudgePair:
        """A pair with one defect, by lot when `defect` is None."""
        name = defect or LOTS[int(self.rng.integers(len(LOTS)))]
        spoilt = self._spoilt(name)
        for _ in range(TRIES):
            if name != "garbled" or torn(spoilt) >= LEAST_TORN:
                break
            spoilt = self._spoilt(name)
        return self._pair(spoilt.work, spoilt.picture, spoilt.score, name)

    def _spoilt(self, name: str) -> Spoilt:
        work = self._composite(standing=name in {"floating", "no contact"})
        return DEFECTS[name](work, self.rng)

    def _rendered(self) -> JudgePair:
        image, mask = self.rendered[int(self.rng.integers(len(self.rendered)))]
        output, alpha = _floats(image), _floats(mask)
        original = _photo(output, alpha, self.rng)
        return JudgePair(_bytes(original), image, mask, GOOD, "")

    def _composite(self, *, standing: bool = False) -> Work:
        stage = self._stage(standing=standing)
        cutout = self.cutouts[int(self.rng.integers(len(self.cutouts)))]
        return _composed(cutout, stage, self.size, self.rng)

    def _stage(self, *, standing: bool) -> EmptyScene:
        while True:
            pool = self.real if self.real and self.rng.random() < 0.6 else self.quick
            stage = _cropped(pool[int(self.rng.integers(len(pool)))], self.size, self.rng)
            if not standing:
                return replace(stage, view="backdrop") if self.rng.random() < 0.12 else stage
            if stage.line is not None and stage.line > 0.4 and stage.view == "standing":
                return stage

    def _pair(self, work: Work, output: Picture, score: float, defect: str) -> JudgePair:
        original = _photo(work.product, work.alpha, self.rng)
        return JudgePair(_bytes(original), _bytes(output), _bytes(work.alpha), score, defect)


def torn(spoilt: Spoilt) -> float:
    """Share of the background, 0..1, that is visibly another than before (by 0.06 or more of the full range)."""
    changed = np.abs(spoilt.picture - spoilt.work.picture()).mean(-1) > 0.06
    return float(changed[spoilt.work.alpha < 0.5].mean())


def _quick_stage(sample: QuickScene) -> EmptyScene:
    facts, image = sample.attributes, sample.image
    flat = facts["view"] == "above"
    return EmptyScene(_floats(image), None if flat else float(facts["horizon"]), "flatlay" if flat else "standing")


def _cutout(image: NDArray[np.uint8], mask: NDArray[np.uint8]) -> Picture:
    """The product alone, cropped to its box, RGBA."""
    rows, columns = np.where(mask > 20)
    box = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return _floats(np.dstack([image[box], mask[box]]))


def _cropped(stage: EmptyScene, size: int, rng: Rng) -> EmptyScene:
    """A part of a scene, mirrored half the time, a little toned."""
    height, width = stage.picture.shape[:2]
    side = int(min(height, width) * rng.uniform(0.75, 1.0))
    top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
    if stage.line is not None and not top + 0.25 * side < stage.line * height < top + 0.85 * side:
        top = int(np.clip(stage.line * height - 0.6 * side, 0, height - side))
    part = cv2.resize(stage.picture[top : top + side, left : left + side], (size, size), interpolation=cv2.INTER_AREA)
    part = part[:, ::-1] if rng.random() < 0.5 else part
    toned = np.clip(part * np.float32(rng.uniform(0.85, 1.12)), 0, 1)
    if rng.random() < 0.3:
        toned = cv2.GaussianBlur(toned, (0, 0), float(rng.uniform(0.4, 1.1)))
    line = None if stage.line is None else float(np.clip((stage.line * height - top) / side, 0.05, 0.95))
    return EmptyScene(np.asarray(toned, np.float32), line, stage.view)


def _composed(cutout: Picture, stage: EmptyScene, size: int, rng: Rng) -> Work:
    """The product where a careful hand would put it, with contact and cast shadow."""
    height = size * rng.uniform(0.34, 0.66)
    line = (stage.line if stage.line is not None else 0.5) * size
    base = (
        rng.uniform(min(line + 0.08 * size, 0.9 * size), 0.95 * size)
        if stage.line is not None
        else size / 2 + height / 2
    )
    if stage.view == "backdrop":  # worn garments and hung ones: cut by the lower edge, or free before a wall
        height = size * rng.uniform(0.6, 0.95)
        cut = stage.line is not None or rng.random() < 0.6
        base = size * rng.uniform(1.0, 1.15) if cut else size / 2 + height / 2
    product, alpha = _placed(cutout, size, height, base, size * rng.uniform(0.38, 0.62))
    shade = _shade(alpha, base, stage, rng)
    return Work(stage.picture, product, alpha, shade, stage)


def _placed(cutout: Picture, size: int, height: float, base: float, centre: float) -> tuple[Picture, Picture]:
    scale = min(height / cutout.shape[0], 0.9 * size / cutout.shape[1])
    matrix = matrix_of([[scale, 0, centre - scale * cutout.shape[1] / 2], [0, scale, base - scale * cutout.shape[0]]])
    layer = cv2.warpAffine(cutout, matrix, (size, size), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpAffine(np.ones(cutout.shape[:2], np.float32), matrix, (size, size))
    return np.asarray(layer[..., :3], np.float32), np.asarray(layer[..., 3] * inside, np.float32)


def _shade(alpha: Picture, base: float, stage: EmptyScene, rng: Rng) -> Picture:
    size = alpha.shape[0]
    if stage.view == "backdrop":
        return np.ones_like(alpha)
    if stage.view == "flatlay":
        moved = cv2.warpAffine(alpha, matrix_of([[1, 0, rng.uniform(-5, 5)], [0, 1, rng.uniform(1, 5)]]), (size, size))
        return np.asarray(
            1 - rng.uniform(0.3, 0.55) * cv2.GaussianBlur(moved, (0, 0), float(rng.uniform(1.5, 4))), np.float32
        )
    lean, lie = rng.uniform(-1, 1), rng.uniform(0.1, 0.35)
    matrix = matrix_of([[1, -lean, lean * base], [0, lie, base - lie * base]])
    cast = cv2.GaussianBlur(cv2.warpAffine(alpha, matrix, (size, size)), (0, 0), float(rng.uniform(1, 6)))
    foot = alpha.copy()
    foot[: max(0, int(base - 0.05 * size))] = 0
    contact = cv2.GaussianBlur(cv2.dilate(foot, np.ones((3, 7), np.uint8)), (0, 0), size * 0.012)
    return np.asarray((1 - rng.uniform(0.2, 0.5) * cast) * (1 - rng.uniform(0.45, 0.65) * contact), np.float32)


def _photo(product: Picture, alpha: Picture, rng: Rng) -> Picture:
    """The submitted photo: the product on a plain ground, mostly white."""
    tone = np.float32(rng.choice([1.0, 1.0, 1.0, 0.96, 0.85, 0.5, 0.1])) * np.ones(3, np.float32)
    cover = alpha[..., None]
    return np.asarray(tone * (1 - cover) + product * cover, np.float32)


def _bytes(picture: Picture) -> NDArray[np.uint8]:
    return np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def _floats(picture: NDArray[np.uint8]) -> Picture:
    return np.asarray(picture, np.float32) / np.float32(255)
