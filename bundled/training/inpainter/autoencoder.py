"""The small AutoencoderKL (8 px a latent, 4 channels): started from data, so that it is a codec before its first step.

A random start stays at 15 dB for hundreds of steps. Here every residual branch begins at zero, the encoder's linear
path is
space-to-depth followed by PCA, the decoder's is a least-squares map to colour with bilinear upsampling; constant
channels make
the last group norm a fixed scale, and silu(x) - silu(-x) = x carries signs through the last activation.
"""

from typing import Any

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn

CHANNELS = (24, 32, 64, 128)
CONSTANTS, CONSTANT = 24, 3.0  # so many channels hold +-3 before the encoder's last norm


def new_autoencoder(channels: tuple[int, ...] = CHANNELS) -> AutoencoderKL:
    """An untrained autoencoder in the diffusers format; scaling factor 1, since latents are whitened by
    `standardise`."""
    count = len(channels)
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * count,
        up_block_types=("UpDecoderBlock2D",) * count,
        block_out_channels=channels,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=1,
        mid_block_add_attention=False,
        scaling_factor=1.0,
        sample_size=128,
    )


@torch.no_grad()
def start_from_data(vae: AutoencoderKL, crops_BCHW: Tensor) -> None:
    """Set the linear path by PCA and least squares on some hundred crops (B x 3 x H x W in -1..1, H and W multiples
    of 8)."""
    for module in vae.modules():
        if hasattr(module, "conv2") and hasattr(module, "conv1"):
            nn.init.zeros_(module.conv2.weight)
            nn.init.zeros_(module.conv2.bias)
    _start_encoder(vae, crops_BCHW)
    latents_BCHW = vae.encode(crops_BCHW).latent_dist.mode()
    _whiten(vae, latents_BCHW, torch.ones(4))
    _start_decoder(vae, vae.encode(crops_BCHW).latent_dist.mode(), crops_BCHW)


def _centre(conv: nn.Conv2d) -> Tensor:
    """The middle tap (out x in) of a convolution, as a view."""
    middle = conv.kernel_size[0] // 2
    return conv.weight[:, :, middle, middle]


def _rows_zero(conv: nn.Conv2d, rows: slice) -> None:
    conv.weight[rows] = 0
    if conv.bias is not None:
        conv.bias[rows] = 0


def _start_encoder(vae: AutoencoderKL, crops_BCHW: Tensor) -> None:
    encoder = vae.encoder
    carried = 3
    _rows_zero(encoder.conv_in, slice(0, 3))
    _centre(encoder.conv_in)[:3] = torch.eye(3)
    signal_BCHW = crops_BCHW
    for block in encoder.down_blocks:
        _carry(block.resnets[0].conv_shortcut, carried)
        if block.downsamplers:
            conv = block.downsamplers[0].conv
            signal_BCHW, carried = _squeeze(conv, signal_BCHW, min(4 * carried, int(conv.out_channels * 0.9)))
    _end_encoder(vae, signal_BCHW)


def _carry(conv: nn.Conv2d | None, carried: int) -> None:
    """Let a 1x1 shortcut pass the first `carried` channels on unchanged (an identity shortcut does so anyway)."""
    if conv is None:
        return
    _rows_zero(conv, slice(0, carried))
    _centre(conv)[:carried, :carried] = torch.eye(carried)


def _squeeze(conv: nn.Conv2d, signal_BCHW: Tensor, kept: int) -> tuple[Tensor, int]:
    """Make a stride-2 convolution space-to-depth plus PCA; returns (its output on the carried channels, their
    count)."""
    carried = signal_BCHW.shape[1]
    parts_BKHW = torch.cat([signal_BCHW[:, :, dy::2, dx::2] for dy in (0, 1) for dx in (0, 1)], 1)
    rows_NK = parts_BKHW.permute(0, 2, 3, 1).reshape(-1, 4 * carried)
    _, basis_KK = torch.linalg.eigh(rows_NK.T @ rows_NK / len(rows_NK))
    basis_KP = basis_KK.flip(1)[:, :kept] * 0.5
    _rows_zero(conv, slice(0, kept))
    for place, (dy, dx) in enumerate((a, b) for a in (0, 1) for b in (0, 1)):
        conv.weight[:kept, :carried, dy, dx] = basis_KP[place * carried : (place + 1) * carried].T
    return torch.einsum("bkhw,kp->bphw", parts_BKHW, basis_KP), kept


def _end_encoder(vae: AutoencoderKL, signal_BCHW: Tensor) -> None:
    """The 4 strongest components leave as silu(x) - silu(-x); constants hold the last norm's scale."""
    encoder = vae.encoder
    shortcut, last = encoder.down_blocks[-1].resnets[0].conv_shortcut, encoder.conv_out
    mean, spread = signal_BCHW.mean((0, 2, 3)), signal_BCHW.std((0, 2, 3))
    shortcut.weight[:] *= 0.05
    _rows_zero(shortcut, slice(0, 8 + CONSTANTS))
    for k in range(4):
        for row, sign in ((k, 1.0), (4 + k, -1.0)):
            shortcut.weight[row, k] = sign / spread[k]
            shortcut.bias[row] = -sign * mean[k] / spread[k]
    shortcut.bias[8 : 8 + CONSTANTS] = CONSTANT * torch.tensor([1.0, -1.0]).repeat(CONSTANTS // 2)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    scale = (CONSTANTS / shortcut.out_channels) ** 0.5 * CONSTANT
    for k in range(4):
        _centre(last)[k, k], _centre(last)[k, 4 + k] = scale, -scale
    last.bias[4:] = -6.0  # the posterior begins nearly certain
    for conv in (vae.quant_conv, vae.post_quant_conv):
        nn.init.zeros_(conv.bias)
        conv.weight[:] = torch.eye(conv.out_channels)[:, :, None, None]


def _start_decoder(vae: AutoencoderKL, latents_BCHW: Tensor, crops_BCHW: Tensor) -> None:
    decoder = vae.decoder
    colour_BCHW = nn.functional.avg_pool2d(crops_BCHW, 8)
    rows_N5 = torch.cat([latents_BCHW, torch.ones_like(latents_BCHW[:, :1])], 1).permute(0, 2, 3, 1).reshape(-1, 5)
    map_53 = torch.linalg.lstsq(rows_N5, colour_BCHW.permute(0, 2, 3, 1).reshape(-1, 3)).solution
    _rows_zero(decoder.conv_in, slice(0, 7))
    _centre(decoder.conv_in)[:3], decoder.conv_in.bias[:3] = map_53[:4].T, map_53[4]
    _centre(decoder.conv_in)[3:7] = torch.eye(4)
    for block in decoder.up_blocks:
        _carry(block.resnets[0].conv_shortcut, 7)
        if block.upsamplers:
            _bilinear(block.upsamplers[0].conv, 7)
    _end_decoder(decoder)
    out_BCHW = vae.decode(latents_BCHW).sample
    ratio = float((out_BCHW * crops_BCHW).sum() / (out_BCHW**2).sum())
    decoder.conv_out.weight *= ratio


def _bilinear(conv: nn.Conv2d, carried: int) -> None:
    """Nearest doubling followed by [1 2 1]/4 both ways is bilinear doubling."""
    tap = torch.tensor([1.0, 2.0, 1.0]) / 4
    _rows_zero(conv, slice(0, carried))
    for k in range(carried):
        conv.weight[k, k] = tap[:, None] * tap[None, :]


def _end_decoder(decoder: Any) -> None:
    shortcut, last = decoder.up_blocks[-1].resnets[0].conv_shortcut, decoder.conv_out
    shortcut.weight[:] *= 0.3
    _rows_zero(shortcut, slice(0, 12))
    for k in range(3):
        shortcut.weight[k, k], shortcut.weight[3 + k, k] = 1.0, -1.0
    shortcut.bias[6:12] = 4.0 * torch.tensor([1.0, -1.0]).repeat(3)
    last.weight *= 0.05
    nn.init.zeros_(last.bias)
    scale = (6 / shortcut.out_channels) ** 0.5 * 4.0
    for k in range(3):
        last.weight[k, :6] = 0
        _centre(last)[k, k], _centre(last)[k, 3 + k] = scale, -scale


@torch.no_grad()
def standardise(vae: AutoencoderKL, pictures_BCHW: Tensor) -> list[float]:
    """Whiten the latents (mean 0, deviation 1), but 0.45 for channels that are mostly fine grain; returns each one's
    grain share.

    Near-noise detail would otherwise take a quarter of the painter's loss. The inpaint pipeline knows a scaling
    factor alone and no
    shift, so both are folded into quant_conv and post_quant_conv.
    """
    latents_BCHW = vae.encode(pictures_BCHW).latent_dist.mode()
    grain_C = grain_share(latents_BCHW)
    _whiten(vae, latents_BCHW, torch.where(grain_C > 0.3, 0.45, 1.0))
    return [round(float(share), 3) for share in grain_C]


def grain_share(latents_BCHW: Tensor) -> Tensor:
    """Share of each channel's energy above half the Nyquist frequency, (C,) in 0..1."""
    centred = latents_BCHW - latents_BCHW.mean((2, 3), keepdim=True)
    power_CHW = torch.fft.fft2(centred).abs().square().mean(0)
    frequency_H, frequency_W = torch.fft.fftfreq(power_CHW.shape[1]).abs(), torch.fft.fftfreq(power_CHW.shape[2]).abs()
    fine_HW = (torch.maximum(frequency_H[:, None], frequency_W[None, :]) > 0.25).to(power_CHW.device)
    return (power_CHW * fine_HW).sum((1, 2)) / power_CHW.sum((1, 2)).clamp_min(1e-9)


def _whiten(vae: AutoencoderKL, latents_BCHW: Tensor, wanted_C: Tensor) -> None:
    """Fold (z - mean) * wanted / deviation into quant_conv (and log-variances with it), the inverse into
    post_quant_conv."""
    mean_C, spread_C = latents_BCHW.mean((0, 2, 3)), latents_BCHW.std((0, 2, 3)).clamp_min(1e-6)
    gain_C = wanted_C.to(spread_C.device) / spread_C
    quant, post = vae.quant_conv, vae.post_quant_conv
    quant.weight[:4] *= gain_C[:, None, None, None]
    quant.bias[:4] = (quant.bias[:4] - mean_C) * gain_C
    quant.bias[4:] += 2 * gain_C.log()
    post.bias += (post.weight[:, :, 0, 0] * mean_C[None]).sum(1)
    post.weight[:] = post.weight / gain_C[None, :, None, None]


def psnr(vae: AutoencoderKL, pictures_BCHW: Tensor) -> float:
    """Peak signal-to-noise ratio in dB of a round trip through the latents' means (pictures in -1..1)."""
    with torch.no_grad():
        out_BCHW = vae.decode(vae.encode(pictures_BCHW).latent_dist.mode()).sample.clamp(-1, 1)
    return float(-10 * torch.log10(((out_BCHW - pictures_BCHW) / 2).square().mean()))
