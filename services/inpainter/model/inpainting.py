"""The painter: diffusers' inpainting classes in a loop of our own. The only room with torch.

Shapes: B candidates, C channels, H x W working pixels, h x w latent cells (H / 8), T steps, L tokens, D text width.
"""

import hashlib
import math
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from services.inpainter.model.kept import NewestKept
from services.inpainter.model.weights import check_fits, lora_state, pipeline, sampler
from services.inpainter.model.working_size import CELL, product_alone, product_share, working_size
from services.inpainter.ports import InpaintInput, InpaintOutput
from shared.contracts.errors import BadRequest
from shared.model.gpu_memory import gpu_memory
from shared.model.precision import Precision, inference_dtype

ADAPTER = "promoted"
REMEMBERED = 64  # encodings kept of products and texts


class InpaintPainter:
    """SD 1.5, SD 2, SDXL or the bundled mini: any 9-channel inpainting folder or hub id in diffusers' format."""

    def __init__(
        self,
        model: str,
        *,
        name: str | None = None,
        device: str = "cpu",
        dtype: Precision = "auto",
        side: int = 256,
        steps: int = 8,
        guidance: float = 2.0,
        rescale: float = 0.5,
        scheduler: str = "dpm",
        threads: int | None = None,
        batch: int = 1,
    ) -> None:
        """`batch`: candidates in one pass. With 1 a picture is the same bit for bit beside any others; more is faster
        on a GPU, and matrix products of another size round otherwise in their last bits."""
        if threads:
            torch.set_num_threads(threads)
        self._device, self._dtype = torch.device(device), inference_dtype(device, dtype)
        self._pipe = pipeline(model, self._dtype).to(device)
        self._scheduler, self._task = scheduler, ""
        self._pipe.scheduler = sampler(self._pipe.scheduler, scheduler)
        self._base, self._revision = name or model.rstrip("/").split("/")[-1], "base"
        self._side, self._steps, self._guidance, self._rescale = side, steps, guidance, rescale
        self._batch_size = batch
        self.products = NewestKept[Tensor](REMEMBERED)
        self.texts = NewestKept[tuple[Tensor, dict[str, Tensor]]](REMEMBERED)
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Base model @ LoRA revision."""
        return f"{self._base}@{self._revision}"

    def memory(self) -> Mapping[str, float]:
        """Of its GPU, in bytes."""
        return gpu_memory(self._device)

    def paint(self, inputs: Sequence[InpaintInput]) -> list[InpaintOutput]:
        """Paint inputs of one size; those of equal strength go through the UNet together, `batch` at a time."""
        painted: dict[int, InpaintOutput] = {}
        with self._lock, torch.inference_mode():
            for places in _together([given.strength for given in inputs], self._batch_size):
                batch = self._batch([inputs[place] for place in places], inputs[places[0]].strength)
                painted.update(zip(places, batch, strict=True))
        return [painted[place] for place in range(len(inputs))]

    def adopt(self, weights: bytes, revision: str) -> None:
        """Swap the LoRA, between batches. Raises BadRequest when it is broken or does not fit; the old one stays.

        A file without layers takes the LoRA off.
        """
        state, task = lora_state(weights)
        with self._lock:
            check_fits(state, self._pipe.unet)
            self._pipe.unload_lora_weights()
            if state:
                self._pipe.load_lora_weights(state, adapter_name=ADAPTER)
                self._check(state)
            self.texts.clear()
            self._task, self._revision = task, revision

    def rebase(self, folder: str) -> None:
        """Swap the base, between batches; it wears no LoRA. Raises BadRequest for one that cannot be used."""
        try:
            pipe = pipeline(folder, self._dtype).to(self._device)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BadRequest("base_broken", f"the promoted base cannot be loaded: {str(error)[:300]}") from error
        if pipe.unet.config.in_channels != 9:
            raise BadRequest("base_not_inpaint", f"it takes {pipe.unet.config.in_channels} channels, not 9")
        pipe.scheduler = sampler(pipe.scheduler, self._scheduler)
        with self._lock:
            self._pipe = pipe
            self.texts.clear()
            self.products.clear()
            self._task, self._revision = "", f"base-{Path(folder).name}"

    def _check(self, state: dict[str, Tensor]) -> None:
        """diffusers drops keys it does not know with a log line only; here every layer of the file must be in use."""
        wanted = sum(key.endswith("lora_A.weight") for key in state if key.startswith("unet."))
        loaded = sum(name.endswith(f"lora_A.{ADAPTER}") for name, _ in self._pipe.unet.named_modules())
        if loaded != wanted:
            self._pipe.unload_lora_weights()
            self._revision = "base"
            raise BadRequest("lora_incomplete", f"of {wanted} layers in the LoRA only {loaded} could be loaded")

    def _batch(self, inputs: Sequence[InpaintInput], strength: float) -> list[InpaintOutput]:
        size = working_size(inputs[0].mask.shape, self._side)
        starts_BCHW = torch.cat([self._pixels(given.image, size) for given in inputs])
        masks = [product_share(one.mask, size) for one in inputs]
        conditions = [self._condition(given, size) for given in inputs]
        holes_B1hw = torch.cat([hole for hole, _ in conditions])
        masked_BChw = torch.cat([masked for _, masked in conditions])
        starts_BChw = self._encode(starts_BCHW) if strength < 1 else torch.zeros_like(masked_BChw)
        finals_BChw = self._denoise(starts_BChw, holes_B1hw, masked_BChw, inputs, strength)
        after = self._decode(finals_BChw)
        before = self._decode(starts_BChw) if strength < 1 else after
        return [InpaintOutput(b, a, m) for b, a, m in zip(before, after, masks, strict=True)]

    def _denoise(
        self,
        starts_BChw: Tensor,
        holes_B1hw: Tensor,
        masked_BChw: Tensor,
        inputs: Sequence[InpaintInput],
        strength: float,
    ) -> Tensor:
        """From the start with noise for `strength` (SDEdit, Meng 2021), or from noise alone at strength 1."""
        scheduler = self._pipe.scheduler
        taken = self._timesteps(strength)
        noise_BChw = self._noise(starts_BChw.shape, inputs)
        if not len(taken):
            return starts_BChw
        text_2BLD, added = self._text(inputs)
        latents_BChw = noise_BChw * scheduler.init_noise_sigma
        if strength < 1:
            latents_BChw = scheduler.add_noise(starts_BChw, noise_BChw, taken[:1].repeat(len(inputs)))
        for timestep in taken:
            both = scheduler.scale_model_input(torch.cat([latents_BChw] * 2), timestep)
            inputs_2BChw = torch.cat([both, torch.cat([holes_B1hw] * 2), torch.cat([masked_BChw] * 2)], dim=1)
            out = self._pipe.unet(inputs_2BChw, timestep, encoder_hidden_states=text_2BLD, added_cond_kwargs=added)[0]
            guided = guide(*out.chunk(2)[::-1], scale=self._guidance, rescale=self._rescale)
            latents_BChw = scheduler.step(guided, timestep, latents_BChw, return_dict=False)[0]
        return latents_BChw

    def _timesteps(self, strength: float) -> Tensor:
        """About `steps` evaluations whatever the strength: a finer schedule, of which the last share is taken."""
        scheduler = self._pipe.scheduler
        total = min(4 * self._steps, math.ceil(self._steps / max(strength, 0.05)))
        scheduler.set_timesteps(total, device=self._device)
        skipped = total - min(total, round(total * strength))
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(skipped)
        return scheduler.timesteps[skipped:]

    def _noise(self, shape: torch.Size, inputs: Sequence[InpaintInput]) -> Tensor:
        """Each candidate's own seed, made on the CPU: the same picture on every device and in every batch."""
        drawn = [torch.randn(shape[1:], generator=torch.Generator().manual_seed(one.seed)) for one in inputs]
        return torch.stack(drawn).to(self._device, self._dtype)

    def _condition(self, given: InpaintInput, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """The hole (1 = paint here) and the product's latents beside it; encoded once per product and placement."""
        product_HWC, kept_HW = product_alone(given.image, given.mask, size)
        hole_11HW = torch.from_numpy(1 - kept_HW)[None, None].to(self._device, self._dtype)

        def made() -> Tensor:
            return self._encode(torch.from_numpy(product_HWC).permute(2, 0, 1)[None].to(self._device, self._dtype))

        key = hashlib.sha256(product_HWC.tobytes()).digest(), size
        return hole_11HW[..., ::CELL, ::CELL], self.products.get(key, made)

    def _text(self, inputs: Sequence[InpaintInput]) -> tuple[Tensor, dict[str, Tensor]]:
        """Embeddings (2B, L, D), negative ones first, each text encoded once."""
        parts = [self._embedded(one.negative_prompt) for one in inputs] + [self._embedded(one.prompt) for one in inputs]
        width, height = working_size(inputs[0].mask.shape, self._side)
        added = {key: torch.cat([part[1][key] for part in parts]) for key in parts[0][1]}
        if added:
            ids = torch.tensor(
                [[height, width, 0, 0, height, width]] * len(parts), device=self._device, dtype=self._dtype
            )
            added["time_ids"] = ids
        return torch.cat([part[0] for part in parts]), added

    def _embedded(self, text: str) -> tuple[Tensor, dict[str, Tensor]]:
        def made() -> tuple[Tensor, dict[str, Tensor]]:
            found = self._pipe.encode_prompt(
                f"{self._task} {text}".strip(),
                device=self._device,
                num_images_per_prompt=1,
                do_classifier_free_guidance=False,
            )
            pooled = {"text_embeds": found[2]} if len(found) == 4 else {}  # SDXL adds a pooled embedding
            return found[0], pooled

        return self.texts.get((text,), made)

    def _pixels(self, picture: Any, size: tuple[int, int]) -> Tensor:
        """(H, W, 3) uint8 as (1, 3, H, W) in -1..1 at working size."""
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 127.5 - 1
        return torch.from_numpy(small).permute(2, 0, 1)[None].to(self._device, self._dtype)

    def _encode(self, pixels_BCHW: Tensor) -> Tensor:
        vae = self._pipe.vae
        return vae.encode(pixels_BCHW).latent_dist.mode() * vae.config.scaling_factor

    def _decode(self, latents_BChw: Tensor) -> list[Any]:
        vae = self._pipe.vae
        pixels_BCHW = vae.decode(latents_BChw / vae.config.scaling_factor, return_dict=False)[0]
        return list(((pixels_BCHW.float() + 1) * 127.5).clamp(0, 255).permute(0, 2, 3, 1).cpu().numpy())


def guide(wanted: Tensor, unwanted: Tensor, *, scale: float, rescale: float) -> Tensor:
    """Classifier-free guidance with its contrast pulled back to the prediction's own (Lin et al. 2024, section 3.4)."""
    guided = unwanted + scale * (wanted - unwanted)
    axes = tuple(range(1, wanted.ndim))
    tamed = guided * (wanted.std(dim=axes, keepdim=True) / guided.std(dim=axes, keepdim=True).clamp(min=1e-6))
    return rescale * tamed + (1 - rescale) * guided


def _together(strengths: Sequence[float], most: int) -> list[list[int]]:
    """Places of equal strength, at most `most` at a time."""
    groups = []
    for strength in sorted(set(strengths)):
        places = [place for place, one in enumerate(strengths) if one == strength]
        groups += [places[first : first + most] for first in range(0, len(places), most)]
    return groups
