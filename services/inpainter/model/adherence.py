"""Does the background show what was asked? A small attribute probe reads it; the prompt is its measure.

Colours of walls and surfaces are measured.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from services.inpainter.prompt.parsing import parse_prompt
from services.inpainter.prompt.scene_attributes import SceneAttributes
from services.inpainter.scoring.colour import colour_agreements
from shared.contracts.images import Pixels
from shared.contracts.vocabulary import PASSES_FOR
from shared.model.attributes import COUNTED, AttributeReader

NEUTRAL = 0.5  # nothing was asked that the probe knows


class Probe:
    """Says how well a background shows what was asked."""

    def __init__(self, folder: str | Path) -> None:
        """`folder`: a model that `bundled.training.probe` wrote; raises OSError when there is none."""
        self._reader = AttributeReader(folder)

    def score(self, mask: Pixels, outputs: Sequence[Pixels], prompts: Sequence[str]) -> list[float]:
        """For each output (H, W, 3) and its prompt: mean probability of what was asked; 0.5 if nothing is known."""
        scores = []
        for output, seen, prompt in zip(outputs, self._reader.read(mask, outputs), prompts, strict=True):
            asked = parse_prompt(prompt)
            agreements = [*self._agreements(asked, seen), *colour_agreements(output, mask, asked)]
            scores.append(float(np.mean(agreements)) if agreements else NEUTRAL)
        return scores

    def _agreements(self, attributes: SceneAttributes, seen: Mapping[str, Mapping[str, float]]) -> list[float]:
        return [
            sum(seen[attribute].get(label, 0.0) for label in accepted)
            for attribute, asked in attributes.asked().items()
            if attribute in COUNTED and attribute in seen and (accepted := self._accepted(attribute, asked))
        ]

    def _accepted(self, attribute: str, asked: str) -> frozenset[str]:
        """The labels of the probe that answer what was asked; empty for what it cannot check."""
        passing = PASSES_FOR.get(attribute, {}).get(asked, frozenset())
        return (passing | {asked}) & self._reader.places[attribute].keys()
