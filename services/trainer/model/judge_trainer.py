"""The judge as a stage of the trainer: it goes on from a judge with a released dataset of raters' reviews.

The loss is cross-entropy on probabilities, for raters disagree: their share is the target, not a vote. Where a pair's
defect has a name, naming it counts as well.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import webdataset
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import ResNetForImageClassification

from services.trainer.core import CHECKPOINT, Progress, TrainedModel, TrainingPlan, measured, nobody
from services.trainer.model.loop import Budget, Group, Recipe, Reporter, fit
from services.trainer.promotion import HeldOut
from shared.contracts.datasets import MANIFEST, DatasetManifest, SampleRecord
from shared.contracts.errors import Permanent
from shared.contracts.images import Pixels, decode_mask, decode_photo
from shared.model.judge import LABELS, chances_of_no_defect, judge_inputs, judge_view, read_judge, write_judge
from shared.model.precision import Precision, autocast

NAMING = 0.5  # weight of naming the defect, where it is known
AT_ONCE = 32  # pairs judged in one pass


@dataclass(frozen=True)
class Reviewed:
    """One pair with the share of contented raters, 0..1; `defect` is one of LABELS, "" if not known."""

    original: Pixels
    output: Pixels
    mask: Pixels
    score: float
    defect: str = ""


def inputs_of(batch: Sequence[Reviewed]) -> Tensor:
    """(B, 7, SIZE, SIZE)."""
    return judge_inputs([judge_view(one.original, one.output, one.mask) for one in batch])


class JudgeTask:
    """Task: tell what raters will say of the pairs that `batch` draws for a step."""

    def __init__(
        self,
        model: ResNetForImageClassification,
        batch: Callable[[int], Sequence[Reviewed]],
        *,
        device: str = "cpu",
        precision: Precision = "auto",
    ) -> None:
        self.module: nn.Module = model.train().to(device)
        self.batch, self.device, self.precision = batch, device, precision
        self.groups = [Group(list(model.parameters()))]

    def loss(self, step: int, fraction: float) -> Tensor:
        """Cross-entropy between the judge's probability and the raters' share, and of the defect's name if known."""
        batch = self.batch(step)
        with autocast(self.device, self.precision):
            logits_BK = self.module(pixel_values=inputs_of(batch).to(self.device)).logits.float()
        wanted_B = torch.tensor([one.score for one in batch], device=self.device)
        loss = nn.functional.binary_cross_entropy_with_logits(logits_BK[:, 0], wanted_B)
        names = [LABELS.index(one.defect) if one.defect in LABELS else -100 for one in batch]
        if max(names) >= 0:
            named_B = torch.tensor(names, device=self.device)
            loss = loss + NAMING * nn.functional.cross_entropy(logits_BK, named_B, ignore_index=-100)
        return loss


def judge_recipe(learning_rate: float, steps: int, *, checkpoint_s: float = 20.0) -> Recipe:
    """The rate rises for a tenth of the run, then falls as a cosine; weights are not averaged."""
    return Recipe(
        learning_rate, flat=0.0, warmup_steps=max(1, steps // 10), ema=0.0, weight_decay=0.02,
        checkpoint_s=checkpoint_s,
    )  # fmt: skip


def chances(model: ResNetForImageClassification, pairs: Sequence[Reviewed]) -> Tensor:
    """(B,) probability of no defect for each pair, on the CPU."""
    model.eval()
    batches = [inputs_of(pairs[at : at + AT_ONCE]).to(model.device) for at in range(0, len(pairs), AT_ONCE)]
    return torch.cat([chances_of_no_defect(model, batch).cpu() for batch in batches]) if batches else torch.empty(0)


class JudgeTrainer:
    """Goes on from a judge with a released dataset of raters' reviews."""

    def __init__(self, device: str = "cpu", *, precision: Precision = "auto", checkpoint_s: float = 20.0) -> None:
        self.device, self.precision, self.checkpoint_s = device, precision, checkpoint_s

    def train(
        self, plan: TrainingPlan, samples: Path, work: Path, progress: Callable[[Progress], None],
        stop: Callable[[], bool] = lambda: False, withdrawn: Callable[[], Collection[str]] = nobody,
    ) -> TrainedModel:  # fmt: skip
        """Train on split `train`, measure on `held`. Raises Permanent for a base or dataset it cannot use."""
        model, learnt, held = _base(plan.base), list(reviews(samples, "train")), list(reviews(samples, "held"))
        if not learnt:
            raise Permanent("dataset_empty", "the judge's dataset has no reviewed pairs in its training split")
        base_losses = held_losses(model, held)
        in_use_losses = held_losses(_with_weights(plan), held) if plan.in_use else base_losses
        task = JudgeTask(model, _batches(learnt, plan), device=self.device, precision=self.precision)
        recipe = judge_recipe(plan.learning_rate, plan.steps, checkpoint_s=self.checkpoint_s)
        reporter = Reporter(plan.steps, plan.batch, progress)
        fit(task, Budget(steps=plan.steps), recipe, path=work / CHECKPOINT, report=reporter, stop=stop)
        outcome = HeldOut(held_losses(model, held), in_use_losses)
        return TrainedModel(write_judge(model, work / "judge"), measured(outcome, base_losses), outcome)


def reviews(folder: Path, split: str) -> Iterator[Reviewed]:
    """The pairs of a `judge` dataset in that split, in the order of its shards."""
    manifest = DatasetManifest.model_validate_json((folder / MANIFEST).read_text())
    for shard in manifest.shards:
        for sample in webdataset.WebDataset(str(folder / shard.path), shardshuffle=False):
            record = SampleRecord.model_validate_json(sample["json"])
            if record.split == split and record.score is not None and "original.webp" in sample:
                output = decode_photo(sample.get("webp") or sample.get("png") or sample["jpg"])
                mask = decode_mask(sample["mask.png"], output.size)
                yield Reviewed(decode_photo(sample["original.webp"]).rgb, output.rgb, mask, record.score)


def held_losses(model: ResNetForImageClassification, held: Sequence[Reviewed]) -> tuple[float, ...]:
    """Cross-entropy of each held-out pair."""
    wanted_B = torch.tensor([one.score for one in held])
    losses_B = nn.functional.binary_cross_entropy(chances(model, held), wanted_B, reduction="none")
    return tuple(losses_B.tolist())


def _base(folder: Path) -> ResNetForImageClassification:
    try:
        return read_judge(folder)
    except OSError as error:
        raise Permanent("base_not_known", f"there is no judge to start from at {folder.name}") from error


def _with_weights(plan: TrainingPlan) -> ResNetForImageClassification:
    """The judge in use: the base's architecture with the weights that were promoted."""
    model = _base(plan.base)
    assert plan.in_use is not None
    model.load_state_dict({name: tensor.float() for name, tensor in load_file(plan.in_use).items()}, strict=True)
    return model


def _batches(pairs: Sequence[Reviewed], plan: TrainingPlan) -> Callable[[int], list[Reviewed]]:
    """Draws that seed and step decide, so that a resumed run repeats none and skips none."""

    def drawn(step: int) -> list[Reviewed]:
        return [pairs[at] for at in np.random.default_rng((plan.seed, step)).integers(len(pairs), size=plan.batch)]

    return drawn
