"""What is measured on pictures that two models paint of the same held-out sample: the published scores, as in use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from shared.contracts.images import Pixels
from shared.measures.fidelity import fidelity
from shared.model.attributes import COUNTED, AttributeReader, Reading
from shared.model.judge import chances_of_no_defect, judge_inputs, judge_view, read_judge

Critic = Callable[[Pixels, Pixels, Pixels], Mapping[str, float]]
"""Held-out photo (H, W, 3), its product mask (H, W), an output with the product pasted back -> measure -> score."""

EDGE = 6  # pixels between the pictures of a sheet


@dataclass(frozen=True)
class Critics:
    """Expansion, shrinkage, adherence and the judge's chance, with the models that the inpainters use."""

    judge: Path
    probe: Path

    def __call__(self, promoted: Path | None = None) -> Critic:
        """Load the models; `promoted`: a judge in place of the installed one. Raises OSError where they are not."""
        judge, reader = read_judge(promoted or self.judge), AttributeReader(self.probe)

        def scores(photo: Pixels, mask: Pixels, output: Pixels) -> Mapping[str, float]:
            found, (wanted, seen) = fidelity(output, photo, mask), reader.read(mask, [photo, output])
            chance = float(chances_of_no_defect(judge, judge_inputs([judge_view(photo, output, mask)]))[0])
            areas = {"expansion": found.expansion, "shrinkage": found.shrinkage}
            return areas | {"adherence": agreement(wanted, seen), "judge": chance}

        return scores


def agreement(wanted: Reading, seen: Reading) -> float:
    """How surely an output shows what the held-out photo shows, whose background the caption describes: 0..1."""
    shares = []
    for attribute in COUNTED:
        if attribute in wanted:
            label = max(wanted[attribute], key=lambda one, of=wanted[attribute]: of[one])  # type: ignore[misc]
            shares.append(seen[attribute][label])
    return float(np.mean(shares)) if shares else 0.5


def pasted(output: Pixels, photo: Pixels, mask: Pixels) -> Pixels:
    """The output with the photo's product on it, as a brand gets it."""
    return np.where(mask[..., None] > 127, photo, output).astype(np.uint8)


def sheet(rows: Sequence[Sequence[Pixels]], side: int = 192) -> Pixels:
    """Pictures side by side, a row for each sample: the photo, the model in use, the new one."""
    drawn = []
    for row in rows:
        height = max(1, round(side * row[0].shape[0] / row[0].shape[1]))
        small = [cv2.resize(one, (side, height), interpolation=cv2.INTER_AREA) for one in row]
        drawn.append(np.hstack([np.pad(one, ((EDGE, 0), (EDGE, 0), (0, 0)), constant_values=255) for one in small]))
    return np.asarray(np.vstack(drawn), np.uint8)
