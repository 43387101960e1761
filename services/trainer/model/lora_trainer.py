"""The trainer that a running service uses: a LoRA on all layers of an inpainting model, from a released dataset."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionInpaintPipeline, UNet2DConditionModel
from torch import Tensor, nn

from services.trainer.core import CHECKPOINT, HELD_OUT, HELD_OUT_BASE, Progress, TrainedModel, TrainingPlan
from services.trainer.model import data, diffusion, evaluate, lora, masks, text
from services.trainer.model.data import Example
from services.trainer.model.latents import Encoded, collated, encode
from services.trainer.model.loop import Budget, Group, Heartbeat, Recipe, fit
from services.trainer.model.pipeline_folder import read_folder
from shared.contracts.errors import Permanent
from shared.model import precision


@dataclass(frozen=True)
class StageRules:
    """How a stage hides pictures: share of product masks and of fully hidden ones, the rest scattered; guidance
    dropout."""

    product: float
    everything: float
    dropout: float = 0.1


STAGES: dict[str, StageRules] = {
    "foundation": StageRules(product=0.0, everything=1.0),
    "inpaint": StageRules(product=0.0, everything=0.25),
    "product": StageRules(product=1.0, everything=0.0),
    "engaged": StageRules(product=1.0, everything=0.0, dropout=0.05),
}
VARIANTS = 4  # crops of each example that are encoded once and used all run long


class LoraTrainer:
    """Follows a TrainingPlan (stages foundation, inpaint, product, engaged); resumes exactly from `work`."""

    def __init__(self, device: str = "cpu", *, checkpoint_s: float = 20.0) -> None:
        self.device, self.checkpoint_s = torch.device(device), checkpoint_s

    def train(
        self, plan: TrainingPlan, samples: Path, work: Path, progress: Callable[[Progress], None]
    ) -> TrainedModel:
        """Train, measure on held-out examples, save, read back and compare.

        Raises Permanent for a stage, base or dataset that cannot be trained on, lora.LostLayers if the saved file is
        not whole.
        What `progress` raises ends the run; the checkpoint stays.
        """
        rules = _rules(plan)
        pipeline = self._base(plan.base)
        learnt, held = _split(samples, plan)
        task_data = Encoder(pipeline, plan, rules, self.device)
        held_batches = task_data.batches(held, variants=1)
        task = LoraTask(pipeline.unet, task_data, learnt, plan, rules)
        # A fresh LoRA adds nothing, so this is the base's loss; with `plan.start` it is that of the LoRA to be beaten.
        base_loss = evaluate.held_out_loss(pipeline.unet, held_batches, task_data.schedule)
        self._fit(task, plan, work, progress)
        loss = evaluate.held_out_loss(pipeline.unet, held_batches, task_data.schedule)
        weights = lora.save(pipeline.unet, work / "lora")
        difference = lora.verified(pipeline.unet, self._base(plan.base), weights)
        return TrainedModel(
            weights,
            {
                HELD_OUT: loss,
                HELD_OUT_BASE: base_loss,
                "lora_layers": float(lora.layer_count(pipeline.unet)),
                "reload_difference": difference,
                "samples": float(len(learnt)),
                "held_samples": float(len(held)),
            },
        )

    def _base(self, folder: Path) -> StableDiffusionInpaintPipeline:
        try:
            pipeline = read_folder(folder)
        except (OSError, ValueError, TypeError) as problem:
            raise Permanent("base_unreadable", f"`{folder}` is no diffusers inpaint model: {problem}") from problem
        if pipeline.unet.config.in_channels != 9:
            raise Permanent(
                "base_not_inpaint", f"`{folder}` takes {pipeline.unet.config.in_channels} channels; inpainting needs 9"
            )
        return pipeline.to(self.device)

    def _fit(self, task: "LoraTask", plan: TrainingPlan, work: Path, progress: Callable[[Progress], None]) -> None:
        recipe = Recipe(
            plan.learning_rate,
            warmup_steps=max(1, min(20, plan.steps // 5)),
            ema=0.98,
            weight_decay=0.0,
            checkpoint_s=self.checkpoint_s,
        )
        fit(task, Budget(steps=plan.steps), recipe, path=work / CHECKPOINT, report=Reporter(plan, progress))


class LoraTask:
    """Task: only the LoRA learns; latents and text states are encoded once."""

    def __init__(
        self,
        unet: UNet2DConditionModel,
        data: "Encoder",
        examples: list[Example],
        plan: TrainingPlan,
        rules: StageRules,
    ) -> None:
        self.unet, self.data, self.plan, self.rules = unet, data, plan, rules
        torch.manual_seed(plan.seed)
        parameters = lora.add(unet, plan.rank, start=plan.start)
        self.module: nn.Module = nn.ParameterList(parameters)
        self.groups = [Group([*parameters])]
        self.entries = data.encoded(examples, VARIANTS)

    def loss(self, step: int, fraction: float) -> Tensor:
        """The denoising loss of one batch; seed and step decide every draw, so a resumed run repeats none and skips
        none."""
        rng = np.random.default_rng((self.plan.seed, step))
        entries = [self.entries[k] for k in rng.integers(0, len(self.entries), self.plan.batch)]
        batch = self.data.batch(entries, rng, self.rules.dropout)
        numbers = torch.Generator().manual_seed(self.plan.seed * 1_000_003 + step)
        timesteps_B = diffusion.stratified_timesteps(len(entries), numbers)
        noise_BCHW = torch.randn(batch["latents"].shape, generator=numbers).to(self.data.device)
        with precision.autocast(self.data.device):
            return diffusion.denoising_loss(self.unet, batch, timesteps_B, noise_BCHW, self.data.schedule).mean()


class Encoder:
    """Turns examples into batches for one base model: latents by its autoencoder, text states by its encoder, both
    once."""

    def __init__(
        self, pipeline: StableDiffusionInpaintPipeline, plan: TrainingPlan, rules: StageRules, device: torch.device
    ) -> None:
        self.vae, self.text_encoder, self.plan, self.device = pipeline.vae, pipeline.text_encoder, plan, device
        self.tokens = partial(text.token_ids, pipeline.tokenizer)
        self.empty_L = self.tokens([""])[0]
        self.policy = partial(masks.drawn, product=rules.product, all_=rules.everything)
        self.schedule = diffusion.Noise.of(pipeline.scheduler.config)
        self.states: dict[bytes, Tensor] = {}

    def encoded(self, examples: list[Example], variants: int) -> list[Encoded]:
        """`variants` crops of each example (the first is the whole picture), each with its own mask."""
        rng = np.random.default_rng(self.plan.seed)
        size, entries = self.plan.size, list[Encoded]()
        for example in examples:
            crops = [data.whole(example, size), *(data.cropped(example, size, rng) for _ in range(variants - 1))]
            entries += encode(self.vae, self.tokens, crops, self.policy, rng, device=self.device)
        return entries

    def batch(self, entries: list[Encoded], rng: np.random.Generator, dropout: float) -> dict[str, Tensor]:
        """A batch for `diffusion.denoising_loss`."""
        batch = collated(entries, self.empty_L, rng, dropout=dropout)
        batch["text"] = torch.stack([self._state(ids_L) for ids_L in batch.pop("ids")])
        return {name: tensor.to(self.device) for name, tensor in batch.items()}

    def batches(self, examples: list[Example], *, variants: int, size: int = 8) -> list[dict[str, Tensor]]:
        """Fixed batches, never without their caption: for measuring."""
        entries, rng = self.encoded(examples, variants), np.random.default_rng(0)
        return [self.batch(entries[k : k + size], rng, 0.0) for k in range(0, len(entries), size)]

    @torch.no_grad()
    def _state(self, ids_L: Tensor) -> Tensor:
        key = ids_L.numpy().tobytes()
        if key not in self.states:
            self.states[key] = self.text_encoder(ids_L[None].to(self.device)).last_hidden_state[0]
        return self.states[key]


class Reporter:
    """Tells the service where a run stands, with the speed of this call."""

    def __init__(self, plan: TrainingPlan, progress: Callable[[Progress], None]) -> None:
        self.plan, self.progress, self.started, self.steps = plan, progress, time.monotonic(), 0

    def __call__(self, beat: Heartbeat) -> None:
        self.steps += 1
        per_step_s = (time.monotonic() - self.started) / self.steps
        left_s = per_step_s * (self.plan.steps - beat.step)
        self.progress(Progress(beat.step, self.plan.steps, beat.loss, self.plan.batch / max(per_step_s, 1e-9), left_s))


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
    """(to learn from, held out); where the dataset holds nothing back, every sixth example is."""
    learnt, held = list(data.read_shards(samples)), list(data.read_shards(samples, split="held"))
    if not learnt:
        raise Permanent("dataset_empty", f"no sample in {samples.name} has a picture, a mask and a caption")
    if not held and len(learnt) > 3:
        held = learnt[::6]
        learnt = [example for k, example in enumerate(learnt) if k % 6]
    return learnt, held
