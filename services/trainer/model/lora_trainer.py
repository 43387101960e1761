"""The trainer that a running service uses: a LoRA on all layers of an inpainting model, from a released dataset."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from services.trainer.core import CHECKPOINT, Progress, Stopped, TrainedModel, TrainingPlan, measured
from services.trainer.model import data, diffusion, evaluate, lora, masks
from services.trainer.model.data import Example
from services.trainer.model.latents import Encoded, collated, encode
from services.trainer.model.loop import Budget, Group, Recipe, Reporter, fit
from services.trainer.model.pipeline_folder import read_folder
from services.trainer.model.text_states import TextStates
from services.trainer.promotion import HeldOut
from shared.contracts.errors import Permanent
from shared.model.precision import Precision, autocast

Stop = Callable[[], bool]


@dataclass(frozen=True)
class StageRules:
    """How a stage hides pictures: share of product masks and of fully hidden ones, the rest scattered; guidance
    dropout."""

    product: float
    everything: float
    dropout: float = 0.1


STAGES: dict[str, StageRules] = {
    "product": StageRules(product=1.0, everything=0.0),
    "engaged": StageRules(product=1.0, everything=0.0, dropout=0.05),
}
VARIANTS = 4  # crops of each example that are encoded once and used all run long
HELD_SEED = 7  # of the held-out samples' masks: the same in every run
LEAST_HELD = 4  # with fewer, hardly any gain can be told from chance
AT_ONCE = 8  # held-out samples measured in one pass


class LoraTrainer:
    """Follows a TrainingPlan (stages product, engaged) on SD and SDXL inpainting bases; resumes exactly from `work`."""

    def __init__(self, device: str = "cpu", *, precision: Precision = "auto", checkpoint_s: float = 20.0) -> None:
        self.device, self.precision, self.checkpoint_s = torch.device(device), precision, checkpoint_s

    def train(
        self, plan: TrainingPlan, samples: Path, work: Path, progress: Callable[[Progress], None],
        stop: Stop = lambda: False,
    ) -> TrainedModel:  # fmt: skip
        """Train, measure on held-out examples, save, read back and compare.

        Raises Permanent for a stage, base or dataset that cannot be trained on, lora.LostLayers if the saved file is
        not whole. What `progress` raises ends the run, and so does `stop`; the checkpoint stays.
        """
        rules = _rules(plan)
        pipeline = self._base(plan.base)
        learnt, held = _split(samples, plan)
        encoder = Encoder(pipeline, plan, rules, self.device, self.precision, stop)
        held_batches = encoder.held_batches(held)
        measure = partial(evaluate.held_out_losses, batches=held_batches, schedule=encoder.schedule)
        base_losses = measure(pipeline.unet)
        in_use_losses = measure(self._in_use(plan)) if plan.in_use else base_losses
        preparing = partial(progress, Progress(0, plan.steps, _loss_before(base_losses), 0.0, math.inf))
        task = LoraTask(pipeline.unet, encoder, learnt, plan, rules, preparing)
        self._fit(task, plan, work, progress, stop)
        outcome = HeldOut(measure(pipeline.unet), in_use_losses)
        weights = lora.save(pipeline, work / "lora")
        difference = lora.verified(pipeline.unet, self._base(plan.base), weights)
        about = {
            "lora_layers": float(lora.layer_count(pipeline.unet)),
            "reload_difference": difference,
            "samples": float(len(learnt)),
            "held_samples": float(len(held)),
        }
        return TrainedModel(weights, measured(outcome, base_losses) | about, outcome)

    def _base(self, folder: Path) -> Any:
        try:
            pipeline = read_folder(folder)
        except (OSError, ValueError, TypeError) as problem:
            raise Permanent("base_unreadable", f"`{folder}` is no diffusers inpaint model: {problem}") from problem
        if pipeline.unet.config.in_channels != 9:
            raise Permanent(
                "base_not_inpaint", f"`{folder}` takes {pipeline.unet.config.in_channels} channels; inpainting needs 9"
            )
        return pipeline.to(self.device)

    def _in_use(self, plan: TrainingPlan) -> UNet2DConditionModel:
        """The base with the LoRA that is to be beaten."""
        unet: UNet2DConditionModel = self._base(plan.base).unet
        lora.add(unet, plan.rank, start=plan.in_use)
        return unet

    def _fit(
        self, task: "LoraTask", plan: TrainingPlan, work: Path, progress: Callable[[Progress], None], stop: Stop
    ) -> None:
        recipe = Recipe(
            plan.learning_rate,
            warmup_steps=max(1, min(20, plan.steps // 5)),
            ema=0.98,
            weight_decay=0.0,
            checkpoint_s=self.checkpoint_s,
        )
        reporter = Reporter(plan.steps, plan.batch, progress)
        fit(task, Budget(steps=plan.steps), recipe, path=work / CHECKPOINT, report=reporter, stop=stop)


class LoraTask:
    """Task: only the LoRA learns; latents and text states are encoded once."""

    def __init__(
        self,
        unet: UNet2DConditionModel,
        encoder: "Encoder",
        examples: list[Example],
        plan: TrainingPlan,
        rules: StageRules,
        preparing: Callable[[], None] = lambda: None,
    ) -> None:
        """`preparing` hears of every example that was encoded: on a busy machine that takes minutes."""
        self.unet, self.encoder, self.plan, self.rules = unet, encoder, plan, rules
        torch.manual_seed(plan.seed)
        parameters = lora.add(unet, plan.rank, start=plan.start)
        self.module: nn.Module = nn.ParameterList(parameters)
        self.groups = [Group([*parameters])]
        self.entries = encoder.encoded(examples, VARIANTS, preparing)

    def loss(self, step: int, fraction: float) -> Tensor:
        """The denoising loss of one batch; seed and step decide every draw, so a resumed run repeats none and skips
        none."""
        rng = np.random.default_rng((self.plan.seed, step))
        entries = [self.entries[k] for k in rng.integers(0, len(self.entries), self.plan.batch)]
        batch = self.encoder.batch(entries, rng, self.rules.dropout)
        numbers = torch.Generator().manual_seed(self.plan.seed * 1_000_003 + step)
        timesteps_B = diffusion.stratified_timesteps(len(entries), numbers)
        noise_BCHW = torch.randn(batch["latents"].shape, generator=numbers).to(self.encoder.device)
        with autocast(self.encoder.device, self.encoder.precision):
            return diffusion.denoising_loss(self.unet, batch, timesteps_B, noise_BCHW, self.encoder.schedule).mean()


class Encoder:
    """Turns examples into batches for one base: latents by its autoencoder, text states by its encoders, both once."""

    def __init__(
        self,
        pipeline: Any,
        plan: TrainingPlan,
        rules: StageRules,
        device: torch.device,
        precision: Precision,
        stop: Stop,
    ) -> None:
        self.vae, self.plan, self.device, self.precision, self.stop = pipeline.vae, plan, device, precision, stop
        self.text = TextStates(pipeline, device)
        self.empty_L = self.text.tokens([""])[0]
        self.policy = partial(masks.drawn, product=rules.product, all_=rules.everything)
        self.schedule = diffusion.Noise.of(pipeline.scheduler.config)

    def encoded(self, examples: list[Example], variants: int, done: Callable[[], None]) -> list[Encoded]:
        """`variants` crops of each example (the first is the whole picture), each with its own mask."""
        rng = np.random.default_rng(self.plan.seed)
        size, entries = self.plan.size, list[Encoded]()
        for example in examples:
            crops = [data.whole(example, size), *(data.cropped(example, size, rng) for _ in range(variants - 1))]
            entries += self._latents(crops, rng)
            done()
        return entries

    def held_batches(self, examples: list[Example]) -> list[dict[str, Tensor]]:
        """Fixed batches of whole pictures, with masks and captions that no plan decides: for measuring."""
        entries = [
            self._latents([data.whole(example, self.plan.size)], np.random.default_rng((HELD_SEED, place)))[0]
            for place, example in enumerate(examples)
        ]
        first = [Encoded(one.latents_CHW, one.masked_CHW, one.mask_1HW, one.ids_KL[:1]) for one in entries]
        rng = np.random.default_rng(HELD_SEED)
        return [self.batch(first[k : k + AT_ONCE], rng, 0.0) for k in range(0, len(first), AT_ONCE)]

    def batch(self, entries: list[Encoded], rng: np.random.Generator, dropout: float) -> dict[str, Tensor]:
        """A batch for `diffusion.denoising_loss`."""
        batch = collated(entries, self.empty_L, rng, dropout=dropout)
        states = [self.text.states(ids_L) for ids_L in batch.pop("ids")]
        batch |= {name: torch.stack([state[name] for state in states]) for name in states[0]}
        return {name: tensor.to(self.device) for name, tensor in batch.items()}

    def _latents(self, crops: list[Example], rng: np.random.Generator) -> list[Encoded]:
        if self.stop():
            raise Stopped
        return encode(self.vae, self.text.tokens, crops, self.policy, rng, device=self.device, precision=self.precision)


def _loss_before(losses: tuple[float, ...]) -> float:
    """The base's mean loss, which is where a run begins; 0 where it was not measured."""
    if not all(map(math.isfinite, losses)):
        raise Permanent("loss_not_finite", "the base itself has no finite loss on the held-out samples")
    return fmean(losses) if losses else 0.0


def _rules(plan: TrainingPlan) -> StageRules:
    if plan.stage not in STAGES:
        raise Permanent(
            "stage_unavailable",
            f"stage `{plan.stage}` is not trained by the LoRA trainer (it knows {', '.join(STAGES)})",
        )
    if plan.size % 32 or plan.size < 64:
        raise Permanent("size_unusable", f"size {plan.size}: pictures must be a multiple of 32 px, at least 64")
    return STAGES[plan.stage]


def _split(samples: Path, plan: TrainingPlan) -> tuple[list[Example], list[Example]]:
    """(to learn from, held out); a dataset that holds back too few to compare on gives up to a third of its others."""
    learnt, held = list(data.read_shards(samples)), list(data.read_shards(samples, split="held"))
    if not learnt:
        raise Permanent("dataset_empty", f"no sample in {samples.name} has a picture, a mask and a caption")
    missing = min(LEAST_HELD - len(held), len(learnt) // 3)
    taken = {k * (len(learnt) // missing) for k in range(missing)} if missing > 0 else set[int]()
    held += [example for k, example in enumerate(learnt) if k in taken]
    return [example for k, example in enumerate(learnt) if k not in taken], held
