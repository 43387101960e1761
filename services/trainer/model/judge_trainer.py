"""The judge: a small reward model that sees photo, output and mask, and says how likely a rater finds no defect.

    python -m bundled.training.judge models/mini-judge --plates models/mini-plates

Seven channels go into a transformers ResNet: the output, what changed of the photo inside the mask, and the mask; the
photo's old background has no say. The loss is cross-entropy on probabilities, for raters disagree: their share is the
target, not a vote. It learns from pairs with defects made on purpose (`bundled.training.judge`) and, as a
stage of the trainer, from released datasets of raters' reviews.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import webdataset
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import ResNetConfig, ResNetForImageClassification

from services.trainer.core import CHECKPOINT, HELD_OUT, HELD_OUT_BASE, Progress, TrainedModel, TrainingPlan
from shared.contracts.datasets import MANIFEST, DatasetManifest, SampleRecord
from shared.contracts.errors import Permanent
from shared.contracts.images import decode_mask, decode_photo
from shared.model import precision

SIZE = 96
ROOM = 1.7  # of the product's size: enough to see its edge, its shadow and what it stands on
LABELS = (
    "no defect", "grown", "halo", "seam", "noise", "garbled", "floating", "no contact", "wrong light",
    "changed product", "leaked",
)  # fmt: skip
NAMING = 0.5  # weight of naming the defect, where it is known
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Reviewed:
    """One pair with the share of contented raters, 0..1; `defect` is one of LABELS, "" if not known."""

    original: Pixels
    output: Pixels
    mask: Pixels
    score: float
    defect: str = ""


def looked_at(original: Pixels, output: Pixels, mask: Pixels) -> NDArray[np.float32]:
    """The seven input channels (7, SIZE, SIZE), -1..1, around the product: output, change inside the mask, mask.

    The inpainter's judge looks the same way.
    """
    part = around(mask)
    before, after, cover = (
        cv2.resize(picture[part], (SIZE, SIZE), interpolation=cv2.INTER_AREA).astype(np.float32)
        for picture in (original, output, mask)
    )
    change = (after - before) / 127.5 * (cover[..., None] / 255)
    return np.dstack([after / 127.5 - 1, change, cover / 127.5 - 1]).transpose(2, 0, 1).astype(np.float32)


def around(mask: Pixels) -> tuple[slice, slice]:
    """Rows and columns of the product with ROOM times its size around it, within the picture; all of it without one."""
    rows, columns = np.flatnonzero(mask.max(1) > 127), np.flatnonzero(mask.max(0) > 127)
    if not len(rows):
        return slice(0, mask.shape[0]), slice(0, mask.shape[1])
    reach = ROOM / 2 * max(rows[-1] - rows[0], columns[-1] - columns[0]) + 4
    middle_y, middle_x = (rows[0] + rows[-1]) / 2, (columns[0] + columns[-1]) / 2
    return (
        slice(max(0, int(middle_y - reach)), int(middle_y + reach)),
        slice(max(0, int(middle_x - reach)), int(middle_x + reach)),
    )


def make_model(*, width: int = 32) -> ResNetForImageClassification:
    """A ResNet of about 1.2 million weights; logit 0 is "no defect", the others name defects (only 0 is promised)."""
    config = ResNetConfig(
        num_channels=7, embedding_size=width, hidden_sizes=[width, 2 * width, 4 * width, 6 * width],
        depths=[1, 1, 2, 1], layer_type="basic", id2label=dict(enumerate(LABELS)),
        label2id={label: at for at, label in enumerate(LABELS)},
    )  # fmt: skip
    return ResNetForImageClassification(config)


def inputs_of(batch: Sequence[Reviewed]) -> Tensor:
    """(B, 7, SIZE, SIZE)."""
    stacked = torch.from_numpy(np.stack([looked_at(one.original, one.output, one.mask) for one in batch]))
    return stacked.to(memory_format=torch.channels_last)


def loss_of(model: ResNetForImageClassification, batch: Sequence[Reviewed]) -> Tensor:
    """Cross-entropy between the judge's probability and the raters' share; where a defect has a name, naming it too."""
    with precision.autocast("cpu"):
        logits_BK = model(pixel_values=inputs_of(batch)).logits
    wanted_B = torch.tensor([one.score for one in batch])
    loss = nn.functional.binary_cross_entropy_with_logits(logits_BK[:, 0].float(), wanted_B)
    named_B = torch.tensor([LABELS.index(one.defect) if one.defect in LABELS else -100 for one in batch])
    if bool((named_B >= 0).any()):
        loss = loss + NAMING * nn.functional.cross_entropy(logits_BK.float(), named_B, ignore_index=-100)
    return loss


@torch.inference_mode()
def judged(model: ResNetForImageClassification, pairs: Sequence[Reviewed]) -> NDArray[np.float32]:
    """Probability of no defect for each pair."""
    model.eval()
    batches = [pairs[at : at + 32] for at in range(0, len(pairs), 32)]
    return np.concatenate(
        [torch.sigmoid(model(pixel_values=inputs_of(batch)).logits[:, 0]).numpy() for batch in batches]
    )


def fit(
    model: ResNetForImageClassification, batches: Iterator[Sequence[Reviewed]], *, steps: int, rate: float,
    done: int = 0, optimizer: torch.optim.Optimizer | None = None, told: Callable[[int, float], None],
) -> None:  # fmt: skip
    """Steps `done`+1 to `steps`; the rate rises for a tenth and falls as a cosine. `told` hears of every step."""
    adam = optimizer or make_optimizer(model, rate)
    model.train()
    for step in range(done, steps):
        warm = min(1.0, (step + 1) / max(1, steps // 10))
        for group in adam.param_groups:
            group["lr"] = rate * warm * (0.02 + 0.49 * (1 + math.cos(math.pi * step / steps)))
        loss = loss_of(model, next(batches))
        adam.zero_grad()
        loss.backward()
        adam.step()
        told(step + 1, float(loss.detach()))


def make_optimizer(model: ResNetForImageClassification, rate: float) -> torch.optim.Optimizer:
    """AdamW as the other stages use it."""
    return torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=0.02)


def save(model: ResNetForImageClassification, folder: Path) -> Path:
    """fp16 safetensors and configuration; returns the weights' path."""
    kept = make_copy(model).half().to(memory_format=torch.contiguous_format)
    kept.save_pretrained(folder)
    return folder / "model.safetensors"


def make_copy(model: ResNetForImageClassification) -> ResNetForImageClassification:
    """The same weights in another model, so that saving in half precision leaves the one in training alone."""
    twin = ResNetForImageClassification(model.config)
    twin.load_state_dict(model.state_dict())
    return twin


# --- as a stage of the trainer ---------------------------------------------------------------------------------------


class JudgeTrainer:
    """Goes on from a judge with a released dataset of raters' reviews."""

    def __init__(self, device: str = "cpu", *, checkpoint_s: float = 20.0) -> None:
        self.checkpoint_s = checkpoint_s

    def train(
        self, plan: TrainingPlan, samples: Path, work: Path, progress: Callable[[Progress], None]
    ) -> TrainedModel:
        """Train on split `train`, measure on `held`. Raises Permanent for a base or dataset it cannot use."""
        model, learnt, held = _base(plan.base), list(reviews(samples, "train")), list(reviews(samples, "held"))
        if not learnt:
            raise Permanent("dataset_empty", "the judge's dataset has no reviewed pairs in its training split")
        before = _held_loss(model, held)
        optimizer = make_optimizer(model, plan.learning_rate)
        done, began, kept = _resume(work, model, optimizer), time.monotonic(), time.monotonic()

        def told(step: int, loss: float) -> None:
            nonlocal kept
            if time.monotonic() - kept > self.checkpoint_s or step == plan.steps:
                _keep(work, model, optimizer, step)
                kept = time.monotonic()
            speed = (step - done) / max(time.monotonic() - began, 1e-6)
            progress(Progress(step, plan.steps, loss, speed * plan.batch, (plan.steps - step) / max(speed, 1e-6)))

        batches = _batches(learnt, plan.batch, plan.seed, skip=done)
        fit(model, batches, steps=plan.steps, rate=plan.learning_rate, done=done, optimizer=optimizer, told=told)
        metrics = {} if before is None else {HELD_OUT: _held_loss(model, held) or before, HELD_OUT_BASE: before}
        return TrainedModel(save(model, work / "judge"), metrics)


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


def _base(folder: Path) -> ResNetForImageClassification:
    try:
        return ResNetForImageClassification.from_pretrained(str(folder), dtype=torch.float32)
    except OSError as error:
        raise Permanent("base_not_known", f"there is no judge to start from at {folder.name}") from error


def _held_loss(model: ResNetForImageClassification, held: Sequence[Reviewed]) -> float | None:
    if not held:
        return None
    chances_N = torch.from_numpy(judged(model, held))
    return float(nn.functional.binary_cross_entropy(chances_N, torch.tensor([one.score for one in held])))


def _batches(pairs: Sequence[Reviewed], size: int, seed: int, skip: int) -> Iterator[list[Reviewed]]:
    """Endless draws; `skip` goes on where an earlier run stopped."""
    dice, turn = np.random.default_rng(seed), 0
    while True:
        drawn = dice.integers(len(pairs), size=size)
        turn += 1
        if turn > skip:
            yield [pairs[at] for at in drawn]


def _keep(work: Path, model: nn.Module, optimizer: torch.optim.Optimizer, step: int) -> None:
    writing = work / f"{CHECKPOINT}.writing"
    torch.save({"step": step, "model": model.state_dict(), "optimizer": optimizer.state_dict()}, writing)
    writing.replace(work / CHECKPOINT)


def _resume(work: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """The step of the checkpoint, loaded; 0 where there is none."""
    work.mkdir(parents=True, exist_ok=True)
    if not (work / CHECKPOINT).exists():
        return 0
    kept = torch.load(work / CHECKPOINT, weights_only=True)
    model.load_state_dict(kept["model"])
    optimizer.load_state_dict(kept["optimizer"])
    return int(kept["step"])
