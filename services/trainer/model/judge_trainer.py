"""The judge as a stage of the trainer: it goes on from a judge with a released dataset of raters' reviews.

The loss is cross-entropy on probabilities, for raters disagree: their share is the target, not a vote. Where a pair's
defect has a name, naming it counts as well. At the end its chances are calibrated on pairs that it did not learn from,
so that the inpainters' gate means the same whichever judge is in use.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import ResNetForImageClassification

from services.trainer.core import CHECKPOINT, Progress, TrainedModel, TrainingPlan, measured, nobody
from services.trainer.model.calibration import calibrated, calibration_error
from services.trainer.model.lessons.pixels import REMEDY, mask_of, picture_of
from services.trainer.model.running.loop import Budget, Group, Recipe, Reporter, fit
from services.trainer.promotion import Paired
from shared.contracts.errors import NotKnown, Permanent
from shared.contracts.images import Pixels
from shared.contracts.shards import ShardSample, Split, read_dataset
from shared.model.judge import LABELS, chances_of_no_defect, judge_inputs, judge_view, read_judge, write_judge
from shared.model.precision import Precision, autocast

NAMING = 0.5  # weight of naming the defect, where it is known
AT_ONCE = 32  # pairs judged in one pass
APART, LEAST_APART = 5, 8  # every fifth product is kept for calibrating, if that is so many pairs


@dataclass(frozen=True, eq=False)
class Reviewed:
    """One pair with the share of contented raters, 0..1; `defect` is one of LABELS, "" if not known."""

    original: Pixels
    output: Pixels
    mask: Pixels
    score: float
    defect: str = ""
    key: str = ""
    product_id: str | None = None


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
        learning_rate,
        flat=0.0,
        warmup_steps=max(1, steps // 10),
        ema=0.0,
        weight_decay=0.02,
        checkpoint_s=checkpoint_s,
    )


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
        self,
        plan: TrainingPlan,
        samples: Path,
        work: Path,
        progress: Callable[[Progress], None],
        stop: Callable[[], bool] = lambda: False,
        withdrawn: Callable[[], Collection[str]] = nobody,
    ) -> TrainedModel:
        """Train and calibrate on split `train`, measure on `held`, leave a folder that the inpainters read.

        Raises Permanent for a base or dataset it cannot use.
        """
        model, pairs = _base(plan.base), ReviewedPairs(samples, plan, withdrawn)
        if not (work / CHECKPOINT).exists():  # what goes on begins as it began: it has learnt of the withdrawn before
            pairs.leave_out(withdrawn())
        keys, asked = frozenset(one.key for one in (*pairs.lessons, *pairs.measuring)), pairs.held
        base = answers(model, asked)
        rival = answers(_base(plan.in_use), asked) if plan.in_use else base
        task = JudgeTask(model, pairs.drawn, device=self.device, precision=self.precision)
        recipe = judge_recipe(plan.learning_rate, plan.steps, checkpoint_s=self.checkpoint_s)
        reporter = Reporter(plan.steps, plan.batch, progress)
        fit(task, Budget(steps=plan.steps), recipe, path=work / CHECKPOINT, report=reporter, stop=stop)
        wanted_B = torch.tensor([one.score for one in pairs.measuring])
        scale, shift = calibrated(model, chances(model, pairs.measuring), wanted_B)
        write_judge(model, work / "judge")
        final, still = answers(read_judge(work / "judge"), pairs.held), [one in pairs.held for one in asked]
        base, rival = ({name: tuple(compress(each, still)) for name, each in one.items()} for one in (base, rival))
        outcome = {name: Paired(found, rival[name]) for name, found in final.items()}
        about = {"calibration_scale": scale, "calibration_shift": shift, "samples": float(len(pairs.lessons))}
        metrics = measured(outcome, base["loss"]) | about | _trust(work / "judge", pairs.held)
        return TrainedModel(work / "judge", metrics, outcome, keys, tuple(sorted(pairs.left_out)))


def reviews(folder: Path, split: Split) -> Iterator[Reviewed]:
    """The pairs of a `judge` dataset in that split, in the order of its shards. Raises NotKnown for broken ones."""
    for sample in read_dataset(folder, split=split):
        if sample.record.score is not None and {"original.webp", "mask.png"} <= set(sample.files) and sample.picture:
            yield _pair(sample, sample.picture, sample.record.score)


def _pair(sample: ShardSample, picture: bytes, score: float) -> Reviewed:
    output, original = picture_of(sample, picture), picture_of(sample, sample.files["original.webp"])
    if original.shape != output.shape:
        raise NotKnown("sample_broken", f"sample {sample.key}: photo and output have not one size; {REMEDY}")
    mask = mask_of(sample, output)
    return Reviewed(original, output, mask, score, key=sample.key, product_id=sample.record.product_id)


def answers(model: ResNetForImageClassification, held: Sequence[Reviewed]) -> dict[str, tuple[float, ...]]:
    """Of each held-out pair the cross-entropy (`loss`) and the squared error of the chance (`brier`)."""
    wanted_B, found_B = torch.tensor([one.score for one in held]), chances(model, held)
    if not torch.isfinite(found_B).all():
        raise Permanent("loss_not_finite", "a judge says no numbers of the held-out pairs; begin with another base")
    losses_B = nn.functional.binary_cross_entropy(found_B, wanted_B, reduction="none") if held else wanted_B
    return {"loss": tuple(losses_B.tolist()), "brier": tuple((found_B - wanted_B).square().tolist())}


def _trust(folder: Path, held: Sequence[Reviewed]) -> dict[str, float]:
    if not held:
        return {}
    wanted_B = torch.tensor([one.score for one in held])
    return {"calibration_error": calibration_error(chances(read_judge(folder), held), wanted_B)}


def _base(folder: Path) -> ResNetForImageClassification:
    try:
        model = read_judge(folder)
        if model.config.num_labels != len(LABELS):
            raise ValueError(f"it tells {model.config.num_labels} things apart, a judge {len(LABELS)}")
        return model
    except (OSError, ValueError, RuntimeError) as error:
        words = f"there is no judge to start from at {folder.name}: {str(error)[:500]}"
        raise Permanent("base_unreadable", words) from error


def _parted(pairs: list[Reviewed]) -> tuple[list[Reviewed], list[Reviewed]]:
    """(to learn from, to calibrate on): a share by the product's name, so that no product is in both."""
    apart = [one for one in pairs if _is_apart(one)]
    if len(apart) < LEAST_APART or len(apart) == len(pairs):
        return pairs, []
    return [one for one in pairs if not _is_apart(one)], apart


def _is_apart(one: Reviewed) -> bool:
    name = one.product_id or one.key
    return int(hashlib.sha256(f"calibration {name}".encode()).hexdigest()[:8], 16) % APART == 0


class ReviewedPairs:
    """The pairs of a dataset: what is learnt from, calibrated on and asked; nothing of who was withdrawn.

    Seed and step decide every draw, so that a resumed run repeats none and skips none.
    """

    def __init__(self, samples: Path, plan: TrainingPlan, withdrawn: Callable[[], Collection[str]]) -> None:
        """Raises Permanent where there is nothing to learn from."""
        self.lessons, self.measuring = _parted(list(reviews(samples, "train")))
        self.held = [one for one in reviews(samples, "held") if one.key not in plan.seen]
        self.plan, self.withdrawn, self.left_out = plan, withdrawn, set[str]()
        if not self.lessons:
            raise Permanent("dataset_empty", "the judge's dataset has no reviewed pairs in its training split")

    def leave_out(self, withdrawn: Collection[str]) -> None:
        """From now on nothing of these products. Raises Permanent when nothing is left to learn from."""
        gone, groups = set(withdrawn), (self.lessons, self.measuring, self.held)
        self.left_out |= gone & {str(one.product_id) for group in groups for one in group}
        self.lessons, self.measuring, self.held = (
            [one for one in group if one.product_id not in gone] for group in groups
        )
        if not self.lessons:
            raise Permanent("dataset_withdrawn", "every product of the dataset was withdrawn since its release")

    def drawn(self, step: int) -> list[Reviewed]:
        """One batch."""
        self.leave_out(self.withdrawn())
        places = np.random.default_rng((self.plan.seed, step)).integers(len(self.lessons), size=self.plan.batch)
        return [self.lessons[at] for at in places]
