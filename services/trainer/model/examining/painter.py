"""A picture of a held-out sample, painted from noise by whatever the pipeline wears: for critics and for people."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from shared.contracts.images import Pixels

STEPS, GUIDANCE = 8, 2.0


@torch.no_grad()
def painted(
    pipeline: Any, photo: Pixels, mask: Pixels, said: Mapping[str, Tensor], unsaid: Mapping[str, Tensor], seed: int
) -> Pixels:
    """(H, W, 3). `mask` (H, W) 255 = product; `said` and `unsaid`: states of the caption and of no words, one row each.

    Text is given as states, so that text encoders need not be there; the seed's noise is the same on every device.
    """
    unet = pipeline.unet
    height, width = mask.shape
    words = {"prompt_embeds": said["text"], "negative_prompt_embeds": unsaid["text"]}
    if "pooled" in said:
        words |= {"pooled_prompt_embeds": said["pooled"], "negative_pooled_prompt_embeds": unsaid["pooled"]}
    shown = torch.from_numpy(photo.transpose(2, 0, 1).copy()).float()[None] / 127.5 - 1
    hole = torch.from_numpy((mask <= 127).astype(np.float32))[None, None]
    noise = torch.randn((1, 4, height // 8, width // 8), generator=torch.Generator().manual_seed(seed))
    picture = pipeline(
        **{name: states.to(unet.device, unet.dtype) for name, states in words.items()},
        image=shown.to(unet.device, unet.dtype),
        mask_image=hole.to(unet.device, unet.dtype),
        height=height,
        width=width,
        strength=1.0,
        num_inference_steps=STEPS,
        guidance_scale=GUIDANCE,
        output_type="np",
        latents=noise.to(unet.device, unet.dtype),
        generator=torch.Generator().manual_seed(seed),
    ).images[0]
    return np.asarray(np.clip(np.round(picture * 255), 0, 255), np.uint8)
