"""A segmenter without a network: it proposes what it is told, or an ellipse, and remembers that it was asked."""

from dataclasses import dataclass, field

import numpy as np

from services.segmenter.backdrops import Floats
from services.segmenter.candidates import MaskCandidate
from services.segmenter.saliency import Prompt
from shared.contracts.images import Pixels


@dataclass
class FakeSegmenter:
    """Answers every prompt with the middle of the prompt's box, filled as an ellipse; `asked` counts photos."""

    version: str = "fake-1"
    asked: int = field(default=0)

    def candidates(self, rgb: Pixels, prompts: tuple[Prompt, ...]) -> tuple[MaskCandidate, ...]:
        """One candidate per prompt."""
        self.asked += 1
        return tuple(MaskCandidate(_ellipse(rgb, prompt), 0.9, prompt.name) for prompt in prompts)


def _ellipse(rgb: Pixels, prompt: Prompt) -> Floats:
    height, width = rgb.shape[:2]
    left, top, right, bottom = prompt.box
    y = (np.arange(height)[:, None] + 0.5) / height
    x = (np.arange(width)[None] + 0.5) / width
    radius = ((x - (left + right) / 2) / max(1e-6, right - left)) ** 2
    radius = radius + ((y - (top + bottom) / 2) / max(1e-6, bottom - top)) ** 2
    filled: Floats = np.clip(1.5 - 4 * radius, 0.0, 1.0).astype(np.float32)
    return filled
