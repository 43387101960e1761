"""What follows from a release: which training is asked for."""

from dataclasses import dataclass
from typing import Literal, get_args

from services.curator.records import Release
from shared.contracts.events import TrainingRequested

TrainedDataset = Literal["product", "engaged", "judge"]
"""Datasets that train the stage of their own name."""


@dataclass(frozen=True, kw_only=True)
class TrainingPolicy:
    """Every release of a dataset in `train` trains its stage once: the job is named after the version.

    `product` starts from the base model each time, never from an earlier LoRA, so that a withdrawn product is truly
    gone (Canvas 2026, section 3.1.4); the trainer starts `engaged` from the product LoRA in use.
    `judge` starts from the bundled judge each time, for the same reason.
    """

    train: frozenset[TrainedDataset] = frozenset(get_args(TrainedDataset))
    model: str = "mini-inpainter"
    judge: str = "mini-judge"
    steps: int | None = None

    def __call__(self, release: Release) -> TrainingRequested | None:
        """The request, or None when nobody should learn from this release."""
        stage = next((name for name in self.train if name == release.dataset), None)
        if stage is None or release.samples == 0:
            return None
        return TrainingRequested(
            job_id=f"{release.dataset}-{release.version}",
            stage=stage,
            model=self.judge if stage == "judge" else self.model,
            dataset=release.dataset,
            dataset_version=release.version,
            steps=self.steps,
        )
