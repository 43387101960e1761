"""The judge in use: how likely a rater is to find no defect in an output, seen beside the photo it was made of."""

from collections.abc import Sequence
from pathlib import Path

from shared.contracts.errors import BadRequest
from shared.contracts.images import Pixels
from shared.model.judge import chances_of_no_defect, judge_inputs, judge_view, read_judge


class MiniJudge:
    """The reward model that the trainer's stage `judge` writes: photo, output and mask in, one probability out."""

    def __init__(self, folder: str | Path) -> None:
        """`folder`: such a model; raises OSError when there is none."""
        self._model = read_judge(folder)

    def adopt(self, folder: Path) -> None:
        """Use the judge in `folder` from now on. Raises BadRequest when there is none; the old one stays."""
        try:
            model = read_judge(folder)
        except (OSError, ValueError, RuntimeError) as error:
            raise BadRequest("judge_broken", f"the promoted judge cannot be read: {str(error)[:500]}") from error
        self._model = model

    def score(self, photo: Pixels, mask: Pixels, outputs: Sequence[Pixels]) -> list[float]:
        """For each output (H, W, 3), beside the placed photo and its mask (H, W): probability of no defect, 0..1."""
        if not outputs:
            return []
        inputs_BCHW = judge_inputs([judge_view(photo, output, mask) for output in outputs])
        return [float(chance) for chance in chances_of_no_defect(self._model, inputs_BCHW)]
