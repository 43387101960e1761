"""The tasks of learning words and learning to paint, as the loop wants them: parameters, and a loss per step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from bundled.training.inpainter.pools.latent_pool import LatentPool
from bundled.training.inpainter.text import FirstWords
from services.trainer.model import diffusion
from services.trainer.model.lessons.text import token_ids
from services.trainer.model.running.loop import Group
from shared.model import precision


class Words:
    """Task: read the attributes of a scene off its caption. `facts` yields (captions, attribute -> word, '' if
    unsaid)."""

    def __init__(
        self,
        encoder: CLIPTextModel,
        tokenizer: CLIPTokenizer,
        facts: Iterator[tuple[list[str], dict[str, str]]],
        answers: Mapping[str, Sequence[str]],
        batch: int = 48,
    ) -> None:
        self.module: nn.Module = FirstWords(encoder, {name: len(words) for name, words in answers.items()})
        self.tokenizer, self.facts, self.answers, self.batch = tokenizer, facts, answers, batch
        self.groups = [Group(list(self.module.parameters()))]

    def loss(self, step: int, fraction: float) -> Tensor:
        """Cross-entropy of one batch of full captions."""
        drawn = [next(self.facts) for _ in range(self.batch)]
        wanted_BA = torch.tensor([[self._answer(facts, name) for name in self.answers] for _, facts in drawn])
        loss: Tensor = self.module(token_ids(self.tokenizer, [texts[0] for texts, _ in drawn]), wanted_BA)
        return loss

    def _answer(self, facts: dict[str, str], name: str) -> int:
        return self.answers[name].index(facts[name]) if facts[name] in self.answers[name] else -1


@dataclass(frozen=True)
class Phase:
    """From `start` (0..1 of the run) on, batches come from these pools: (pool, batch, how often)."""

    start: float
    pools: tuple[tuple[LatentPool, int, float], ...]


class Painting:
    """Task: the UNet, and the text encoder with it, on pools of encoded examples, on the UNet's device."""

    def __init__(
        self,
        unet: UNet2DConditionModel,
        encoder: CLIPTextModel,
        phases: Sequence[Phase],
        *,
        empty_L: Tensor,
        seed: int,
        text_rate: float = 0.4,
        dropout: float = 0.1,
    ) -> None:
        self.unet, self.encoder, self.phases, self.empty_L = unet, encoder, phases, empty_L
        self.seed, self.dropout = seed, dropout
        self.module: nn.Module = nn.ModuleDict({"unet": unet, "text": encoder})
        self.groups = [Group(list(unet.parameters())), Group(list(encoder.parameters()), text_rate)]
        self.schedule = diffusion.Noise.of(diffusion.NOISE)

    def loss(self, step: int, fraction: float) -> Tensor:
        """The v-prediction loss of one batch; the same seed and step draw the same noise on the same device."""
        rng, device = np.random.default_rng((self.seed, step)), self.unet.device
        for every, _, _ in self.phases[-1].pools:
            every.welcome()
        pool, count = self._pool(fraction, rng)
        batch = pool.batch(count, self.empty_L, rng, dropout=self.dropout)
        numbers, grain = torch.Generator(), torch.Generator(device)
        timesteps_B = diffusion.stratified_timesteps(count, numbers.manual_seed(self.seed * 1_000_003 + step))
        grain.manual_seed(self.seed * 1_000_033 + step)
        noise_BCHW = torch.randn(batch["latents"].shape, generator=grain, device=device)
        with precision.autocast(device):
            batch["text"] = self.encoder(batch.pop("ids")).last_hidden_state
            return diffusion.denoising_loss(self.unet, batch, timesteps_B, noise_BCHW, self.schedule).mean()

    def _pool(self, fraction: float, rng: np.random.Generator) -> tuple[LatentPool, int]:
        phase = [phase for phase in self.phases if phase.start <= fraction][-1]
        shares = np.asarray([share for _, _, share in phase.pools])
        pool, count, _ = phase.pools[int(rng.choice(len(shares), p=shares / shares.sum()))]
        return pool, count
