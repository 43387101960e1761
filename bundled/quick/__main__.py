"""Draws products before backdrops, with their masks, as a shop's folder: python -m bundled.quick samples/lessons."""

import argparse
import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from bundled.quick import QuickScene, quick_scenes

LOSSLESS = (cv2.IMWRITE_WEBP_QUALITY, 101)


def main(argv: Sequence[str] | None = None) -> None:
    """Draw them."""
    given = arguments(argv)
    (given.folder / "masks").mkdir(parents=True, exist_ok=True)
    scenes = islice(quick_scenes(given.seed, given.size), given.count)
    lines = [json.dumps(_written(scene, number, given.folder)) for number, scene in enumerate(scenes)]
    (given.folder / "products.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The committed folder is that of the defaults: the demo's learning lane learns from it where photos teach too
    little."""
    parser = argparse.ArgumentParser(prog="bundled.quick", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=14)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--size", type=int, default=384, help="pixels of a side")
    return parser.parse_args(argv)


def _written(scene: QuickScene, number: int, folder: Path) -> dict[str, object]:
    """One scene as files; the line of products.jsonl that lists it."""
    image, mask = f"drawn-{number}.webp", f"masks/drawn-{number}.png"
    cv2.imwrite(str(folder / image), scene.image[..., ::-1], LOSSLESS)
    cv2.imwrite(str(folder / mask), np.where(scene.mask > 127, 255, 0).astype(np.uint8))
    return {
        "product_id": f"drawn-scene-{number}",
        "image": image,
        "mask": mask,
        "title": "A drawn scene",
        "promoted": True,
        "may_train": True,
    }


if __name__ == "__main__":
    main()
