"""What people see of a run while it goes on and when it ends: losses on held-out samples, and pictures of them."""

from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

from services.trainer.core import Progress, TrainingPlan
from services.trainer.model.examining.board import Board
from services.trainer.model.examining.critics import pasted, sheet
from services.trainer.model.examining.exam import Exam, ExamResults
from services.trainer.model.running.loop import Heartbeat, Reporter
from shared.contracts.images import Pixels, encode_image

WATCHED = 8  # held-out samples whose loss is watched while a run goes on
LOOKS, PICTURES_EVERY, SHOWN = 10, 5, 2  # times in a run; every so many looks pictures as well; samples on them
LEAST_STEPS = 10  # between two looks: a look costs as much as some steps


class WatchedRun:
    """Tells the service where a run stands; LOOKS times in it what the held-out loss is, less often with pictures."""

    def __init__(
        self,
        plan: TrainingPlan,
        batch: int,
        progress: Callable[[Progress], None],
        exam: Exam,
        pipeline: Any,
        work: Path,
        board: Board,
    ) -> None:
        self.board = board
        self.every, self.exam, self.pipeline, self.work = max(LEAST_STEPS, plan.steps // LOOKS), exam, pipeline, work
        self.reporter = Reporter(plan.steps, batch, progress)

    def __call__(self, beat: Heartbeat) -> None:
        """Hear of a step."""
        losses = self.exam.losses(self.pipeline.unet, most=WATCHED) if beat.step % self.every == 0 else ()
        pictures = self._pictures() if beat.step % (self.every * PICTURES_EVERY) == 0 else ()
        held = fmean(losses) if losses else None
        self.board.show(beat.step, beat.loss, held, pictures)
        self.reporter(beat, validation_loss=held, pictures=pictures)

    def _pictures(self) -> tuple[Path, ...]:
        """A sheet of the first samples: the photo, and what the pipeline makes of it by now."""
        rows = [
            (photo, pasted(self.exam.painted(self.pipeline, photo, mask, entry, place), photo, mask))
            for place, (photo, mask, entry) in zip(range(SHOWN), self.exam.subjects(), strict=False)
            if self.exam.lessons.may_show(entry)
        ]
        return (_written(sheet(rows), self.work / "painted.png"),) if rows else ()


def both_sheet(exam: Exam, before: ExamResults, after: ExamResults, work: Path) -> Path | None:
    """Photo, model in use and new model, for those who want to see it."""
    photos = [photo for photo, _, entry in exam.subjects() if exam.lessons.may_show(entry)]
    rows = list(zip(photos, before.pictures, after.pictures, strict=False))
    return _written(sheet(rows), work / "sheet.png") if rows else None


def _written(pixels: Pixels, path: Path) -> Path:
    path.write_bytes(encode_image(pixels))
    return path
