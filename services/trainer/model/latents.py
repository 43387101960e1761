"""Examples as latents: encoded once, used many times, renewed a few at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from services.trainer.model.data import Example, to_tensor
from shared.model import precision

HolePolicy = Callable[[npt.NDArray[np.uint8], np.random.Generator], npt.NDArray[np.uint8]]
Tokens = Callable[[list[str]], Tensor]
CPU = torch.device("cpu")
GROWN = 500  # a younger pool takes three times as many fresh examples per draw


@dataclass(frozen=True)
class Encoded:
    """One example ready for the painter: latents and masked latents (4,H,W), mask (1,H,W; 1 = paint), ids
    (captions,L)."""

    latents_CHW: Tensor  # noqa: N815
    masked_CHW: Tensor  # noqa: N815
    mask_1HW: Tensor  # noqa: N815
    ids_KL: Tensor  # noqa: N815


@torch.no_grad()
def encode(
    vae: AutoencoderKL,
    tokens: Tokens,
    examples: list[Example],
    policy: HolePolicy,
    rng: np.random.Generator,
    *,
    device: torch.device = CPU,
) -> list[Encoded]:
    """Encode pictures and pictures with a hole (0 in -1..1, as the inpaint pipeline makes it) in one pass."""
    pictures_BCHW = torch.stack([to_tensor(example.image) for example in examples])
    holes_B1HW = torch.stack([torch.from_numpy(policy(example.mask, rng)).float()[None] for example in examples])
    both_BCHW = torch.cat([pictures_BCHW, pictures_BCHW * (1 - holes_B1HW)]).to(device)
    with precision.autocast(device):
        means_BCHW = vae.encode(both_BCHW).latent_dist.mode().float().cpu()
    latents_BCHW, masked_BCHW = (means_BCHW * vae.config.scaling_factor).chunk(2)
    factor = pictures_BCHW.shape[-1] // latents_BCHW.shape[-1]
    small_B1HW = holes_B1HW[:, :, ::factor, ::factor]  # nearest, as the pipeline shrinks its mask
    return [
        Encoded(latents_BCHW[k], masked_BCHW[k], small_B1HW[k], tokens(list(example.captions)))
        for k, example in enumerate(examples)
    ]


class LatentPool:
    """Encoded examples of one size; every draw lets `per_draw` fresh ones in, over the oldest."""

    def __init__(
        self,
        fresh: Iterator[Example],
        encode_all: Callable[[list[Example]], list[Encoded]],
        *,
        capacity: int,
        per_draw: int,
    ) -> None:
        self.fresh, self.encode_all, self.capacity, self.per_draw = fresh, encode_all, capacity, per_draw
        self.entries: list[Encoded] = []
        self.place = 0

    def fill(self, count: int) -> None:
        """Encode `count` more examples now."""
        for start in range(0, count, 16):
            self._let_in(min(16, count - start))

    def draw(self, count: int, rng: np.random.Generator) -> list[Encoded]:
        """`count` entries at random."""
        self._let_in(self.per_draw if len(self.entries) > GROWN else 3 * self.per_draw)
        return [self.entries[k] for k in rng.integers(0, len(self.entries), count)]

    def _let_in(self, count: int) -> None:
        for entry in self.encode_all([next(self.fresh) for _ in range(count)]) if count else []:
            if len(self.entries) < self.capacity:
                self.entries.append(entry)
            else:
                self.entries[self.place] = entry
                self.place = (self.place + 1) % self.capacity


def collated(entries: list[Encoded], empty_L: Tensor, rng: np.random.Generator, *, dropout: float) -> dict[str, Tensor]:
    """A batch: latents, masked, mask and ids (B,L), one caption of each; with probability `dropout` none (guidance)."""
    ids_BL = torch.stack(
        [empty_L if rng.random() < dropout else entry.ids_KL[rng.integers(len(entry.ids_KL))] for entry in entries]
    )
    planes = {
        "latents": [e.latents_CHW for e in entries],
        "masked": [e.masked_CHW for e in entries],
        "mask": [e.mask_1HW for e in entries],
    }
    return {name: torch.stack(tensors) for name, tensors in planes.items()} | {"ids": ids_BL}
