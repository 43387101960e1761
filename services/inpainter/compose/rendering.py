"""A whole picture made strip by strip: init image, painted light, product on top. Pure."""

import numpy as np

from services.inpainter.compose.compositing import composite
from services.inpainter.compose.init_image import InitImage
from services.inpainter.compose.placement import Placed
from services.inpainter.compose.relighting import Relighting
from services.inpainter.compose.strips import strips
from shared.contracts.images import Pixels


def rendered(start: InitImage, placed: Placed, relighting: Relighting | None = None) -> Pixels:
    """The product on its background (H, W, 3): before the painter, or with the light that the painter gave it."""
    output = np.empty_like(placed.photo)
    for rows in strips(len(output)):
        background = start.rows(rows)
        if relighting is not None:
            background = start.shaded(relighting.rows(background, rows), relighting.own, rows)
        output[rows] = composite(background, placed.photo, placed.mask, placed.soft, rows)
    return output
