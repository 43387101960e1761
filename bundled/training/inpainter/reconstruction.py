"""What the autoencoder learns: to give a picture back, judged on pixels, edges, pyramid bands and local energy."""

from collections.abc import Callable

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn
from torch.nn import functional

from services.trainer.model.running.loop import Group
from shared.model import precision

Pictures = Callable[
    [int, int, torch.Generator], Tensor
]  # (count, side px, random numbers) -> count x 3 x side x side, -1..1
HOLED = 0.125


class Reconstruction:
    """The autoencoder's task: crops that grow with the run; the encoder learns at a fifth of the rate, to keep its
    start.

    With `encoder=False` latents stay as they are: the decoder can go on learning after a painter has been built on
    them.
    """

    def __init__(
        self, vae: AutoencoderKL, pictures: Pictures, *, seed: int, batch: int = 16, encoder: bool = True
    ) -> None:
        self.vae, self.pictures, self.seed, self.batch, self.encoder = vae, pictures, seed, batch, encoder
        self.module: nn.Module = vae
        slow = [*vae.encoder.parameters(), *vae.quant_conv.parameters()]
        fast = [*vae.decoder.parameters(), *vae.post_quant_conv.parameters()]
        self.groups = [Group(slow, 0.2), Group(fast)] if encoder else [Group(fast)]

    def loss(self, step: int, fraction: float) -> Tensor:
        """Reconstruction loss plus a light KL of one batch of crops."""
        device = self.vae.device
        numbers = torch.Generator(device).manual_seed(self.seed * 1_000_003 + step)
        side, count = self._crops(fraction)
        pictures_BCHW = with_holes(self.pictures(count, side, numbers), numbers)
        with precision.autocast(device):
            with torch.set_grad_enabled(self.encoder):
                posterior = self.vae.encode(pictures_BCHW).latent_dist
            out_BCHW = self.vae.decode(posterior.sample(numbers) if self.encoder else posterior.mode()).sample
        return distance(out_BCHW.float(), pictures_BCHW) + 1e-4 * posterior.kl().float().mean() / (side / 8) ** 2

    def _crops(self, fraction: float) -> tuple[int, int]:
        """Their side in pixels, and how many."""
        if fraction < 0.6:
            return 64, self.batch
        return (96, max(1, self.batch // 2)) if fraction < 0.85 else (128, max(1, self.batch // 4))


def with_holes(pictures_BCHW: Tensor, numbers: torch.Generator) -> Tensor:
    """Grey out a rectangle of an eighth of the pictures: the painter encodes pictures with a hole of 0. `numbers` are
    of the pictures' device."""
    count, _, _, side = pictures_BCHW.shape
    steps_S = torch.arange(side, device=pictures_BCHW.device)
    corners_2B1 = torch.randint(0, side // 2, (2, count, 1), generator=numbers, device=pictures_BCHW.device)
    rows_BS = (steps_S >= corners_2B1[0]) & (steps_S < corners_2B1[0] + side // 2)
    columns_BS = steps_S >= corners_2B1[1]
    holed_B = torch.rand(count, generator=numbers, device=pictures_BCHW.device) < HOLED
    hole_BHW = rows_BS[:, :, None] & columns_BS[:, None, :] & holed_B[:, None, None]
    return pictures_BCHW.masked_fill(hole_BHW[:, None], 0)


def distance(out_BCHW: Tensor, wanted_BCHW: Tensor) -> Tensor:
    """L1 + 0.25 of gradients + 0.5 over a Laplacian pyramid + 0.5 of local band energy, which keeps grain alive."""
    gradient = _l1(out_BCHW.diff(dim=2), wanted_BCHW.diff(dim=2)) + _l1(out_BCHW.diff(dim=3), wanted_BCHW.diff(dim=3))
    total = _l1(out_BCHW, wanted_BCHW) + 0.25 * gradient
    for _ in range(3):
        low_out, low_wanted = functional.avg_pool2d(out_BCHW, 2), functional.avg_pool2d(wanted_BCHW, 2)
        band_out, band_wanted = out_BCHW - _doubled(low_out), wanted_BCHW - _doubled(low_wanted)
        energy = _l1(functional.avg_pool2d(band_out.abs(), 4), functional.avg_pool2d(band_wanted.abs(), 4))
        total = total + (0.5 / 3) * (_l1(band_out, band_wanted) + energy)
        out_BCHW, wanted_BCHW = low_out, low_wanted
    return total + 0.5 * _l1(out_BCHW, wanted_BCHW)


def _doubled(low_BCHW: Tensor) -> Tensor:
    return functional.interpolate(low_BCHW, scale_factor=2, mode="nearest")


def _l1(a: Tensor, b: Tensor) -> Tensor:
    return (a - b).abs().mean()
