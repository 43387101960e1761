"""What follows from a release: which training is asked for."""

from dataclasses import dataclass

from services.curator.records import Release
from shared.contracts.events import TrainingRequested, TrainingStage

STAGES: dict[str, TrainingStage] = {"product": "product", "engaged": "engaged", "judge": "judge"}


@dataclass(frozen=True, kw_only=True)
class TrainingPolicy:
    """Every release of a dataset in `train` trains its stage once: the job is named after the version.

    `product` starts from the base model each time, never from an earlier LoRA, so that a withdrawn product is truly
    gone (Canvas 2026, section 3.1.4); the trainer starts `engaged` from the product LoRA in use.
    """

    train: frozenset[str] = frozenset({"product", "engaged"})
    model: str = "mini-inpainter"
    judge: str = "mini-judge"
    steps: int | None = None

    def __call__(self, release: Release) -> TrainingRequested | None:
        """The request, or None when nobody should learn from this release."""
        if release.dataset not in self.train or release.samples == 0:
            return None
        return TrainingRequested(
            job_id=f"{release.dataset}-{release.version}",
            stage=STAGES[release.dataset],
            model=self.judge if release.dataset == "judge" else self.model,
            dataset=release.dataset,
            dataset_version=release.version,
            steps=self.steps,
        )
