"""How good a painter is on samples that it never learnt from: the same questions with the same seeds for every model.

Denoising losses at fixed timesteps with fixed noise; and pictures from fixed noise, which critics look at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from services.trainer.model import diffusion
from services.trainer.model.examining.critics import Critic, pasted
from services.trainer.model.examining.painter import painted
from services.trainer.model.lessons.cache import CachedCrop
from services.trainer.model.lessons.preparation import HELD_SEED, Lessons
from shared.contracts.images import Pixels

TIMESTEPS = (100, 300, 500, 700, 900)  # spread over the schedule; the same for every model, so that losses compare
SEED = 20_260
AT_ONCE = 8  # held-out samples measured in one pass


@dataclass(frozen=True)
class ExamResults:
    """What one model made of the questions: scores by measure, sample by sample, and its pictures."""

    scores: dict[str, tuple[float, ...]]
    pictures: tuple[Pixels, ...] = ()


@dataclass(frozen=True)
class Exam:
    """Fixed batches of whole pictures, with masks and captions that no plan decides.

    `critic` looks at pictures of the first `paints` samples that have a product; None where nothing is hidden.
    """

    batches: list[dict[str, Tensor]]
    schedule: diffusion.Noise
    lessons: Lessons
    empty: str = ""
    critic: Critic | None = None
    paints: int = 0

    @classmethod
    def of(
        cls,
        lessons: Lessons,
        schedule: diffusion.Noise,
        device: torch.device,
        *,
        empty: str = "",
        critic: Critic | None = None,
        paints: int = 0,
    ) -> "Exam":
        """The held-out samples in the order of their buckets; random holes are drawn here, once."""
        rng, batches = np.random.default_rng(HELD_SEED), list[dict[str, Tensor]]()
        for _, entries in lessons.held.by_frame():
            for k in range(0, len(entries), AT_ONCE):
                some = entries[k : k + AT_ONCE]
                batch = lessons.held.batch(some, rng) | lessons.texts.states([one.captions[0] for one in some])
                batches.append({name: tensor.to(device) for name, tensor in batch.items()})
        return cls(batches, schedule, lessons, empty, critic, paints)

    def answers(self, pipeline: Any) -> ExamResults:
        """Everything that is measured of the pipeline as it is now."""
        scores = {"loss": self.losses(pipeline.unet)}
        if self.critic is None:
            return ExamResults(scores)
        pictures, found = [], []
        for place, (photo, mask, entry) in enumerate(self.subjects()):
            output = pasted(self.painted(pipeline, photo, mask, entry, place), photo, mask)
            pictures.append(output)
            found.append(self.critic(photo, mask, output))
        measures = found[0] if found else {}
        return ExamResults(scores | {name: tuple(one[name] for one in found) for name in measures}, tuple(pictures))

    def without_withdrawn(self, found: ExamResults) -> ExamResults:
        """What is left of results when nothing of a withdrawn product may count or be shown: pairs stay pairs."""
        may = self.lessons.may_show
        measured = [may(entry) for _, entries in self.lessons.held.by_frame() for entry in entries]
        painted = [may(entry) for _, _, entry in self.subjects()]
        kept = {name: measured if name == "loss" else painted for name in found.scores}
        scores = {name: tuple(compress(each, kept[name])) for name, each in found.scores.items()}
        return ExamResults(scores, tuple(compress(found.pictures, painted)))

    def subjects(self) -> Iterator[tuple[Pixels, Pixels, CachedCrop]]:
        """Photo, product mask and entry of what is painted."""
        count = 0
        for _, entries in self.lessons.held.by_frame():
            for entry in entries:
                if count >= self.paints:
                    return
                photo, mask = self.lessons.held.pictures(entry)
                if mask.max() > 127:
                    count += 1
                    yield photo, mask, entry

    def painted(self, pipeline: Any, photo: Pixels, mask: Pixels, entry: CachedCrop, place: int) -> Pixels:
        """What the pipeline paints around the product; a sample's place decides its noise."""
        said, unsaid = (self.lessons.texts.states([words]) for words in (entry.captions[0], self.empty))
        return painted(pipeline, photo, mask, said, unsaid, SEED + place)

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
