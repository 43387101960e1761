"""The project's own photos to learn from, for runs whose photos teach too little: scenes drawn on the spot."""

from itertools import islice
from pathlib import Path

import numpy as np

from backdrop.photos import Photos, ProductPhoto
from bundled.quick import quick_scenes
from shared.contracts.events import ProductFacts
from shared.contracts.images import encode_image

SEED, SIDE, COUNT = 7, 384, 14
OURS = ProductFacts(title="A drawn scene", promoted=True, may_train=True)


def draw_lessons(folder: Path) -> Photos:
    """Products before real backdrops with exact masks, as files in `folder`; the same ones every time."""
    folder.mkdir(parents=True, exist_ok=True)
    photos = []
    for number, drawn in enumerate(islice(quick_scenes(SEED, SIDE), COUNT)):
        path, mask = folder / f"drawn-{number}.png", folder / f"drawn-{number}-mask.png"
        path.write_bytes(encode_image(drawn.image))
        mask.write_bytes(encode_image(np.where(drawn.mask > 127, 255, 0).astype(np.uint8)))
        photos.append(ProductPhoto(product_id=f"drawn-scene-{number}", path=path, mask=mask, facts=OURS))
    return Photos(submitted=tuple(photos))
