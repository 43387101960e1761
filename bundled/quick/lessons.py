"""The demo's lessons, drawn anew: `python -m bundled.quick.lessons [samples/lessons]`.

Products before real backdrops with exact masks, for runs whose own photos teach too little; the same ones every time.
"""

import json
import sys
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from bundled.quick import quick_scenes

SEED, SIDE, COUNT = 7, 384, 14


def draw_lessons(folder: Path) -> None:
    """Pictures (WebP without loss), masks and the list of them, `products.jsonl`, in `folder`."""
    (folder / "masks").mkdir(parents=True, exist_ok=True)
    lines = []
    for number, drawn in enumerate(islice(quick_scenes(SEED, SIDE), COUNT)):
        name = f"drawn-scene-{number}"
        Image.fromarray(drawn.image).save(folder / f"{name}.webp", lossless=True, method=6)
        mask = np.where(drawn.mask > 127, 255, 0).astype(np.uint8)
        Image.fromarray(mask).save(folder / "masks" / f"{name}.png", optimize=True)
        lines.append(_line(name))
    (folder / "products.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def _line(name: str) -> dict[str, object]:
    return {
        "product_id": name, "image": f"{name}.webp", "mask": f"masks/{name}.png", "title": "A drawn scene",
        "promoted": True, "may_train": True,
    }  # fmt: skip


if __name__ == "__main__":
    draw_lessons(Path(sys.argv[1] if len(sys.argv) > 1 else "samples/lessons"))
