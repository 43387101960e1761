"""Mask quality on photos whose exact masks are known: the segmenter, its parts alone, and plain GrabCut, in one run.

    python -m benchmarks.models.segmentation --catalogue PATH [--sheet cutouts.png]
    python -m benchmarks.models.segmentation --shards PATH

The catalogue holds products.jsonl (sku, image, mask) as `backdrop submit` takes it; its masks are the truth here.
Shards are a folder of the scene studio (`make scenes`), of whose held-out pictures the first `--most` are measured.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bundled.studio.tools.sheets import samples_of
from services.segmenter.backdrops import read_backdrop, to_lab
from services.segmenter.candidates import MaskCandidate
from services.segmenter.edges import cut_plain
from services.segmenter.finding import Finding, find_product
from services.segmenter.model import SamSegmenter
from services.segmenter.saliency import Prompt, prompts_from, saliency_of

ROOT = Path(__file__).resolve().parents[2]
Way = Callable[[Any], Any]
Photo = tuple[str, Any, Any]  # name, RGB (H, W, 3), truth (H, W)


class SaliencyAsModel:
    """The colour saliency map in the model's place: what is left when the model proposes nothing of its own."""

    version = "saliency"

    def candidates(self, rgb: Any, prompts: tuple[Prompt, ...]) -> tuple[MaskCandidate, ...]:
        lab = to_lab(rgb)
        return (MaskCandidate(np.clip(saliency_of(rgb, lab, read_backdrop(lab)) * 1.6, 0, 1), 0.9, "saliency"),)


def main() -> None:
    options = _options()
    cv2.setNumThreads(1)
    model = SamSegmenter(options.model)
    photos = (
        of_catalogue(options.catalogue, options.only) if options.catalogue else of_shards(options.shards, options.most)
    )
    text = report(list(photos), ways(model), f"{options.told}: {{count}} photos with exact masks, {model.version}")
    print(text)
    if not options.only:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text)
    if options.sheet:
        sheets(products_of(options.catalogue, options.only), options.catalogue, model, options.sheet)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--catalogue", type=Path)
    source.add_argument("--shards", type=Path)
    parser.add_argument("--most", type=int, default=100, help="held-out pictures of the shards")
    parser.add_argument("--model", default=str(ROOT / "models" / "mini-segmenter"))
    parser.add_argument("--out", type=Path, help="default benchmarks/results/segmentation[_KIND].md")
    parser.add_argument("--sheet", type=Path, help="PNG contact sheets of all cut-outs of the catalogue, on magenta")
    parser.add_argument("--only", default="", help="only products whose sku holds this")
    options = parser.parse_args()
    kind = f"_{json.loads((options.shards / 'manifest.json').read_text())['kind']}" if options.shards else ""
    options.out = options.out or ROOT / "benchmarks" / "results" / f"segmentation{kind}.md"
    options.told = f"`python -m benchmarks.models.segmentation --{'shards' if kind else 'catalogue'} PATH`"
    return options


def ways(model: SamSegmenter) -> dict[str, Way]:
    """How a mask may be had, by name."""
    return {
        "segmenter": lambda rgb: found(rgb, model),
        "without the model (saliency in its place)": lambda rgb: found(rgb, SaliencyAsModel()),
        "the model's coarse mask alone": lambda rgb: coarse(rgb, model),
        "the colour rules alone (no coarse mask)": colours_alone,
        "GrabCut, 5 rounds, in the salient box": lambda rgb: plain_grabcut(rgb, salient_box(rgb)),
        "GrabCut, 5 rounds, rectangle 3 % inside the frame": lambda rgb: plain_grabcut(rgb, (0.03, 0.03, 0.97, 0.97)),
    }


def products_of(folder: Path, only: str = "") -> list[dict[str, Any]]:
    """The catalogue's products whose sku holds `only`."""
    products = [json.loads(line) for line in (folder / "products.jsonl").open()]
    return [product for product in products if only in product["sku"]]


def of_catalogue(folder: Path, only: str = "") -> Iterator[Photo]:
    """The photos whose mask is known."""
    for product in products_of(folder, only):
        if product.get("mask"):
            truth = _read(folder / product["mask"]).max(2) > 127
            yield product["sku"], _read(folder / product["image"]), truth


def of_shards(folder: Path, most: int) -> Iterator[Photo]:
    """The first held-out pictures."""
    held = (sample for sample in samples_of(folder) if sample[2]["split"] == "held")
    for picture, mask, facts in islice(held, most):
        yield facts["key"], np.ascontiguousarray(picture[..., ::-1]), mask > 127


def report(photos: list[Photo], ways: dict[str, Way], told: str) -> str:
    """A Markdown table of every way, and one of every photo."""
    ious: dict[str, list[float]] = {name: [] for name in ways}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _, rgb, truth in photos:
        for name, way in ways.items():
            began = time.process_time()
            ious[name].append(iou(way(rgb), truth))
            seconds[name].append(time.process_time() - began)
    lines = ["# Mask quality on photos with exact masks", "", told.format(count=len(photos))]
    lines[-1] += ", one core; seconds are processor time per photo."
    lines += ["", "| way | mean IoU | median | worst tenth | worst | s per photo |", "|---|---|---|---|---|---|"]
    for name, values in ious.items():
        row = f"{np.mean(values):.4f} | {np.median(values):.4f} | {np.quantile(values, 0.1):.4f} | {min(values):.4f}"
        lines.append(f"| {name} | {row} | {np.median(seconds[name]):.2f} |")
    lines += ["", "| photo | " + " | ".join(ways) + " |", "|---" * (len(ways) + 1) + "|"]
    for index, (key, _, _) in enumerate(photos):
        lines.append(f"| {key} | " + " | ".join(f"{ious[name][index]:.4f}" for name in ways) + " |")
    return "\n".join(lines) + "\n"


def found(rgb: Any, model: Any) -> Any:
    """The service's own answer; an empty mask where it refuses."""
    finding = find_product(rgb, model, least_confidence=0.35)
    return np.zeros(rgb.shape[:2], bool) if finding.mask is None else finding.mask > 0


def coarse(rgb: Any, model: Any) -> Any:
    """What the model alone says, brought to the photo's size."""
    finding = find_product(rgb, model, least_confidence=0.0)
    if finding.chosen is None:
        return np.zeros(rgb.shape[:2], bool)
    return cv2.resize(finding.chosen.candidate.probability, rgb.shape[1::-1]) >= 0.5


def colours_alone(rgb: Any) -> Any:
    """The edge rules with no word from any model."""
    lab = to_lab(rgb)
    return cut_plain(lab, read_backdrop(lab), np.zeros(rgb.shape[:2], np.float32))


def salient_box(rgb: Any) -> tuple[float, float, float, float]:
    """The box that the segmenter prompts its model with, 1 % wider: GrabCut takes all outside it for ground."""
    lab = to_lab(rgb)
    left, top, right, bottom = prompts_from(saliency_of(rgb, lab, read_backdrop(lab)))[0].box
    return max(0.0, left - 0.01), max(0.0, top - 0.01), min(1.0, right + 0.01), min(1.0, bottom + 0.01)


def plain_grabcut(rgb: Any, box: tuple[float, float, float, float]) -> Any:
    """The usual baseline, seeded by a rectangle (left, top, right, bottom as fractions)."""
    height, width = rgb.shape[:2]
    left, top = int(box[0] * width), int(box[1] * height)
    inset = (left, top, int(box[2] * width) - left, int(box[3] * height) - top)
    mask = np.zeros((height, width), np.uint8)
    cv2.setRNGSeed(7)
    cv2.grabCut(rgb[..., ::-1].copy(), mask, inset, np.zeros((1, 65)), np.zeros((1, 65)), 5, cv2.GC_INIT_WITH_RECT)
    return (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)


def iou(found_mask: Any, truth: Any) -> float:
    """Intersection over union."""
    return float((found_mask & truth).sum() / max(1, (found_mask | truth).sum()))


def sheets(products: list[dict[str, Any]], folder: Path, model: SamSegmenter, path: Path, *, side: int = 300) -> None:
    """Cut-outs on magenta, the coarse mask's outline in green, twenty to a sheet."""
    tiles = []
    for product in products:
        rgb = _read(folder / product["image"])
        finding = find_product(rgb, model, least_confidence=0.35)
        tiles.append(_tile(rgb, finding, side))
        words = finding.refusal.detail if finding.refusal else ""
        chosen = f"{finding.chosen.candidate.prompt} {finding.chosen.total:.2f}" if finding.chosen else ""
        print(f"{product['sku']:28s} {finding.backdrop} confidence {finding.confidence:.2f} {chosen} {words}")
    for start in range(0, len(tiles), 20):
        page = tiles[start : start + 20]
        page += [np.zeros_like(page[0])] * (20 - len(page))
        rows = [np.hstack(page[row : row + 5]) for row in range(0, 20, 5)]
        cv2.imwrite(str(path.with_stem(f"{path.stem}-{start // 20}")), np.vstack(rows)[..., ::-1])


def _tile(rgb: Any, finding: Finding, side: int) -> Any:
    mask = np.zeros(rgb.shape[:2], np.uint8) if finding.mask is None else finding.mask
    cut = np.where(mask[..., None] > 0, rgb, np.array([255, 0, 255], np.uint8))
    scale = side / max(rgb.shape[:2])
    size = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    small = cv2.resize(cut, size, interpolation=cv2.INTER_AREA)
    if finding.chosen is not None:
        likely = (cv2.resize(finding.chosen.candidate.probability, size) >= 0.5).astype(np.uint8)
        lines, _ = cv2.findContours(likely, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(small, lines, -1, (0, 255, 0), 1)
    return cv2.copyMakeBorder(small, 0, side - size[1], 0, side - size[0], cv2.BORDER_CONSTANT)


def _read(path: Path) -> Any:
    """(H, W, 3) RGB."""
    pixels = cv2.imread(str(path))
    if pixels is None:
        raise FileNotFoundError(path)
    return pixels[..., ::-1].copy()


if __name__ == "__main__":
    main()
