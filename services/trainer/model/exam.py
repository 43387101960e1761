"""How good a painter is on samples that it never learnt from: denoising losses at fixed timesteps with fixed noise."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from services.trainer.model import diffusion
from services.trainer.model.preparation import HELD_SEED, Lessons

TIMESTEPS = (100, 300, 500, 700, 900)  # spread over the schedule; the same for every model, so that losses compare
SEED = 20_260
AT_ONCE = 8  # held-out samples measured in one pass


@dataclass(frozen=True)
class Exam:
    """Fixed batches of whole pictures, with masks and captions that no plan decides."""

    batches: list[dict[str, Tensor]]
    schedule: diffusion.Noise

    @classmethod
    def of(cls, lessons: Lessons, schedule: diffusion.Noise, device: torch.device) -> "Exam":
        """The held-out samples in the order of their buckets; random holes are drawn here, once."""
        rng, batches = np.random.default_rng(HELD_SEED), list[dict[str, Tensor]]()
        for _, entries in lessons.held.by_frame():
            for k in range(0, len(entries), AT_ONCE):
                some = entries[k : k + AT_ONCE]
                batch = lessons.held.batch(some, rng) | lessons.texts.states([one.captions[0] for one in some])
                batches.append({name: tensor.to(device) for name, tensor in batch.items()})
        return cls(batches, schedule)

    @torch.no_grad()
    def losses(self, unet: UNet2DConditionModel, *, most: int | None = None) -> tuple[float, ...]:
        """The loss of each sample, mean over TIMESTEPS, of the first batches with `most` samples or all.

        A sample's place decides its noise, whatever batch it is in: two models answer the very same questions.
        """
        losses = list[float]()
        for batch in self.batches:
            if most is not None and len(losses) >= most:
                break
            places = range(len(losses), len(losses) + len(batch["latents"]))
            losses += torch.stack(list(self._at_each_timestep(unet, batch, places))).mean(0).tolist()
        return tuple(losses)

    def _at_each_timestep(
        self, unet: UNet2DConditionModel, batch: dict[str, Tensor], places: range
    ) -> Iterator[Tensor]:
        shape = batch["latents"].shape[1:]
        for t in TIMESTEPS:
            noises = [
                torch.randn(shape, generator=torch.Generator().manual_seed(SEED + 1000 * place + t)) for place in places
            ]
            noise_BCHW = torch.stack(noises).to(batch["latents"].device)
            yield diffusion.denoising_loss(unet, batch, torch.full((len(places),), t), noise_BCHW, self.schedule)
