"""What the inpainter needs of its models: a painter, a judge, a probe of adherence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shared.contracts.images import Pixels


@dataclass(frozen=True)
class InpaintInput:
    """What one candidate starts from: `image` (H, W, 3) is the plate with shadows and product, `mask` (H, W)."""

    image: Pixels
    mask: Pixels
    prompt: str
    negative_prompt: str
    seed: int
    strength: float


@dataclass(frozen=True)
class InpaintOutput:
    """At the painter's own size: `before` (h, w, 3) the start as its codec shows it, `after` the result, 0..255.

    `mask` (h, w) is the product's share of each pixel, 0..1.
    """

    before: NDArray[np.float32]
    after: NDArray[np.float32]
    mask: NDArray[np.float32]


class Painter(Protocol):
    """A latent-diffusion inpainter."""

    @property
    def name(self) -> str:
        """Base model @ LoRA revision."""
        ...

    def paint(self, inputs: Sequence[InpaintInput]) -> list[InpaintOutput]:
        """Paint one micro-batch; all inputs have one size."""
        ...


class Judge(Protocol):
    """How a rater would see it."""

    def score(self, photo: Pixels, mask: Pixels, outputs: Sequence[Pixels]) -> list[float]:
        """For each output (H, W, 3), beside the placed photo and mask: probability of no defect, 0..1."""
        ...


class Adherence(Protocol):
    """Whether the background shows what was asked."""

    def score(self, mask: Pixels, outputs: Sequence[Pixels], prompts: Sequence[str]) -> list[float]:
        """For each output and its prompt: agreement 0..1."""
        ...
