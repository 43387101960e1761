"""A painter, a judge and a probe without weights, for tests of the use case around them."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from services.inpainter.ports import InpaintInput, InpaintOutput
from shared.contracts.images import Pixels

SIDE = 32


class FakeInpainter:
    """Leaves every start as it is, a little brighter with each seed; remembers what it was asked."""

    def __init__(self) -> None:
        self.name = "still@base"
        self.inputs: list[InpaintInput] = []
        self.adopted: list[tuple[bytes, str]] = []
        self.bases: list[str] = []

    def paint(self, inputs: Sequence[InpaintInput]) -> list[InpaintOutput]:
        """One picture per given."""
        self.inputs += inputs
        return [self._painted(given) for given in inputs]

    def adopt(self, weights: bytes, revision: str) -> None:
        """Remember the weights, answer to the revision."""
        self.adopted.append((weights, revision))
        self.name = f"still@{revision}"

    def rebase(self, folder: str) -> None:
        """Remember the base, wear nothing."""
        self.bases.append(folder)
        self.name = "still@base"

    def _painted(self, given: InpaintInput) -> InpaintOutput:
        before = cv2.resize(given.image, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
        share = cv2.resize(given.mask, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
        after = np.clip(before + given.seed % 8, 0, 255).astype(np.float32)
        return InpaintOutput(before, after, share)


class FixedJudge:
    """Gives the scores it was made with, one after the other, for ever."""

    def __init__(self, *scores: float) -> None:
        self._scores = itertools.cycle(scores or (0.8,))
        self.adopted: list[str] = []

    def adopt(self, folder: Path) -> None:
        """Remember the revision."""
        self.adopted.append(folder.name)

    def score(self, photo: Pixels, mask: Pixels, outputs: Sequence[Pixels]) -> list[float]:
        """One score per output."""
        return [next(self._scores) for _ in outputs]


class FixedAdherence:
    """Finds that everything shows what was asked."""

    def score(self, mask: Pixels, outputs: Sequence[Pixels], prompts: Sequence[str]) -> list[float]:
        """One score per output."""
        return [1.0 for _ in outputs]
