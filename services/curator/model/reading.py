"""Reading the words in a photo: PP-OCRv6, whose weights (Apache-2.0) lie in the package; nothing is fetched."""

from typing import Any

import cv2
import numpy as np
from rapidocr import RapidOCR

from shared.contracts.images import Pixels

LONG_SIDE = 512  # letters from about 10 px of it are read; 736 takes twice as long
SURE = 0.9  # real words in our photos are read with 0.97 and more, what is none with 0.84 at most
LETTERS = 2  # single letters are handles, rims and doors
ON_PRODUCT = 0.5  # a line that lies on it by half is printed on it


class WordReader:
    """Finds lines of text and reads them, so that what only looks like a line is told from one. One thread."""

    def __init__(self) -> None:
        self._reads = RapidOCR(
            params={
                "Global.log_level": "critical",
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Det.limit_side_len": LONG_SIDE,
                "Det.limit_type": "max",
            }
        )

    def __call__(self, rgb_HW3: Pixels, mask_HW: Pixels) -> float:
        """Share of the picture outside the product (mask: 255) that lines of words cover, 0..1."""
        product = np.asarray(mask_HW) >= 128
        words = np.zeros(product.shape, dtype=bool)
        for box in self._lines(rgb_HW3):
            line = cv2.fillPoly(np.zeros(product.shape, np.uint8), [box], 1).astype(bool)
            if (line & product).sum() < ON_PRODUCT * line.sum():
                words |= line
        return float((words & ~product).sum() / max(1, (~product).sum()))

    def _lines(self, rgb_HW3: Pixels) -> list[Any]:
        """The corners (4, 2) of every line that was surely read."""
        bgr = np.ascontiguousarray(rgb_HW3[:, :, ::-1])
        read = self._reads(bgr, use_det=True, use_cls=False, use_rec=True)
        if read.boxes is None:
            return []
        found = zip(read.boxes, read.txts, read.scores, strict=True)
        return [np.int32(box) for box, text, score in found if score >= SURE and len(text.strip()) >= LETTERS]
