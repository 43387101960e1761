"""The task of every stage that paints: to tell the noise in latents, of batches out of one bucket each."""

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from services.trainer.core import TrainingPlan
from services.trainer.model import diffusion
from services.trainer.model.lessons.cache import CachedCrop
from services.trainer.model.lessons.preparation import Lessons
from services.trainer.model.means import Means
from services.trainer.model.running.loop import Group
from shared.model.precision import autocast

Withdrawn = Callable[[], Collection[str]]


class Denoising:
    """Task: the noise in latents, of batches out of one bucket each."""

    def __init__(
        self,
        unet: Any,
        parameters: list[nn.Parameter],
        lessons: Lessons,
        plan: TrainingPlan,
        at_once: int,
        dropout: float,
        empty: str,
        schedule: diffusion.Noise,
        means: Means,
        withdrawn: Withdrawn,
    ) -> None:
        self.unet, self.lessons, self.plan, self.at_once = unet, lessons, plan, at_once
        self.dropout, self.empty, self.schedule, self.means, self.withdrawn = dropout, empty, schedule, means, withdrawn
        self.module: nn.Module = nn.ParameterList(parameters)
        self.groups = [Group([*parameters])]
        self._known: set[str] = set()
        self._buckets = [entries for _, entries in lessons.learnt.by_frame()]

    def loss(self, step: int, fraction: float) -> Tensor:
        """The denoising loss of one batch; seed and step decide every draw, so a resumed run repeats none and skips
        none."""
        self._honour_withdrawals()
        rng = np.random.default_rng((self.plan.seed, step))
        numbers = torch.Generator().manual_seed(self.plan.seed * 1_000_003 + step)
        batch = self._batch(rng)
        count = len(batch["latents"])
        timesteps_B = diffusion.stratified_timesteps(count, numbers)
        noise_BCHW = torch.randn(batch["latents"].shape, generator=numbers).to(self.means.device)
        with autocast(self.means.device, self.means.precision):
            return diffusion.denoising_loss(self.unet, batch, timesteps_B, noise_BCHW, self.schedule).mean()

    def _batch(self, rng: np.random.Generator) -> dict[str, Tensor]:
        sizes = np.asarray([len(entries) for entries in self._buckets], float)
        bucket = self._buckets[int(rng.choice(len(sizes), p=sizes / sizes.sum()))]
        entries = [bucket[k] for k in rng.integers(0, len(bucket), self.at_once)]
        batch = self.lessons.learnt.batch(entries, rng)
        batch |= self.lessons.texts.states([self._words(entry, rng) for entry in entries])
        return {name: tensor.to(self.means.device) for name, tensor in batch.items()}

    def _words(self, entry: CachedCrop, rng: np.random.Generator) -> str:
        """One of its captions; now and then none, so that guidance has something to turn away from."""
        if rng.random() < self.dropout:
            return self.empty
        return entry.captions[int(rng.integers(len(entry.captions)))]

    def _honour_withdrawals(self) -> None:
        """From the next batch on, nothing is drawn of a product whose owner said no while the run was going on."""
        new = set(self.withdrawn()) - self._known
        if not new:
            return
        self._known |= new
        self.lessons.leave_out(new)
        self._buckets = [entries for _, entries in self.lessons.learnt.by_frame()]
