"""What a run learns from, encoded once and kept on disk: latents of pictures and of what a product mask shows of them.

Holes that are drawn at random are drawn anew each time, so the pixels are kept for them, not the latents.
Shapes: B samples, C channels, H W pixels, h w latent cells.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from services.trainer.model.lessons import masks
from services.trainer.model.lessons.buckets import Frame
from services.trainer.model.lessons.data import Example, to_tensor
from services.trainer.model.lessons.latents import latents_of
from services.trainer.model.lessons.shelf import Shelf
from services.trainer.stages import Hidden
from shared.model.precision import Precision

CELL = 8  # pixels of a latent cell's side


@dataclass(frozen=True)
class CachedCrop:
    """One crop of one sample: where its rows are, and whose it is."""

    frame: Frame
    row: int
    captions: tuple[str, ...]
    key: str
    product_id: str | None


@dataclass
class LatentCache:
    """`hidden` says what the stage hides; None keeps latents alone, for text to image."""

    folder: Path
    vae: AutoencoderKL
    hidden: Hidden | None
    device: torch.device
    precision: Precision = "auto"
    with_pictures: bool = False  # keep the pixels, whatever is hidden
    entries: list[CachedCrop] = field(default_factory=list)
    _shelves: dict[tuple[str, Frame], Shelf] = field(default_factory=dict)
    _grey: dict[Frame, Tensor] = field(default_factory=dict)

    def put(self, crops: list[Example], rng: np.random.Generator) -> None:
        """Encode crops of one frame in one pass and put them down."""
        pictures_BCHW = torch.stack([to_tensor(crop.image) for crop in crops])
        height, width = crops[0].mask.shape
        holes_B1HW = self._holes([crop.mask for crop in crops], rng) if self._fixed else None
        shown_BCHW = pictures_BCHW * (1 - holes_B1HW) if holes_B1HW is not None else pictures_BCHW[:0]
        both_BCHW = torch.cat([pictures_BCHW, shown_BCHW])
        latents_BCHW = latents_of(self.vae, both_BCHW, device=self.device, precision=self.precision)
        for k, crop in enumerate(crops):
            planes = {"latents": (latents_BCHW[k], "float16")}
            if holes_B1HW is not None:
                planes["masked"] = (latents_BCHW[len(crops) + k], "float16")
                planes["hole"] = (small(holes_B1HW)[k], "uint8")
            if self.with_pictures or (self.hidden is not None and not self._fixed):
                planes["pixels"] = (torch.from_numpy(crop.image), "uint8")
                planes["product"] = (torch.from_numpy(crop.mask), "uint8")
            rows = [self._shelf(name, (width, height), plane, dtype) for name, (plane, dtype) in planes.items()]
            self.entries.append(CachedCrop((width, height), rows[0], crop.captions, crop.key, crop.product_id))

    def batch(self, entries: list[CachedCrop], rng: np.random.Generator) -> dict[str, Tensor]:
        """`latents`, and for inpainting `masked` (B,4,h,w) and `mask` (B,1,h,w; 1 = to paint), of one frame."""
        frame, rows = entries[0].frame, [entry.row for entry in entries]
        planes = {"latents": self._taken("latents", frame, rows)}
        if self._fixed:
            return planes | {"masked": self._taken("masked", frame, rows), "mask": self._taken("hole", frame, rows)}
        if self.hidden is None:
            return planes
        holes_B1HW = self._holes(list(self._shelves["product", frame].take(rows)), rng)
        return planes | {"masked": self._masked(frame, rows, holes_B1HW), "mask": small(holes_B1HW)}

    def pictures(self, entry: CachedCrop) -> tuple[np.ndarray, np.ndarray]:
        """The pixels (H, W, 3) and product mask (H, W) of an entry whose pixels were kept."""
        return tuple(self._shelves[name, entry.frame].take([entry.row])[0] for name in ("pixels", "product"))

    def forget(self, products: Collection[str]) -> int:
        """Draw nothing more of these products; returns how many entries went."""
        before = len(self.entries)
        self.entries = [entry for entry in self.entries if entry.product_id not in products]
        return before - len(self.entries)

    def by_frame(self) -> Iterator[tuple[Frame, list[CachedCrop]]]:
        """The buckets and what is in them, in one order on every machine."""
        for frame in sorted({entry.frame for entry in self.entries}):
            yield frame, [entry for entry in self.entries if entry.frame == frame]

    @property
    def _fixed(self) -> bool:
        """Whether no hole is drawn at random, so that all can be encoded beforehand."""
        return self.hidden is not None and self.hidden.random <= 0

    def _holes(self, products: list[np.ndarray], rng: np.random.Generator) -> Tensor:
        assert self.hidden is not None
        shares = {"product": self.hidden.product, "all_": self.hidden.everything}
        return torch.stack([torch.from_numpy(masks.drawn(one, rng, **shares)).float()[None] for one in products])

    def _masked(self, frame: Frame, rows: list[int], holes_B1HW: Tensor) -> Tensor:
        """Encode what the holes leave; where they leave nothing, that is the same grey picture each time."""
        masked_BChw = self._nothing(frame).repeat(len(rows), 1, 1, 1)
        seen = [k for k in range(len(rows)) if float(holes_B1HW[k].min()) < 1]
        if seen:
            pixels = self._shelves["pixels", frame].take([rows[k] for k in seen])
            shown_BCHW = torch.stack([to_tensor(picture) for picture in pixels]) * (1 - holes_B1HW[seen])
            masked_BChw[seen] = latents_of(self.vae, shown_BCHW, device=self.device, precision=self.precision)
        return masked_BChw

    def _nothing(self, frame: Frame) -> Tensor:
        if frame not in self._grey:
            grey_1CHW = torch.zeros(1, 3, frame[1], frame[0])
            self._grey[frame] = latents_of(self.vae, grey_1CHW, device=self.device, precision=self.precision)
        return self._grey[frame]

    def _shelf(self, name: str, frame: Frame, plane: Tensor, dtype: str) -> int:
        if (name, frame) not in self._shelves:
            path = self.folder / f"{name}-{frame[0]}x{frame[1]}"
            self._shelves[name, frame] = Shelf(path, tuple(plane.shape), dtype)
        return self._shelves[name, frame].put(plane.numpy())

    def _taken(self, name: str, frame: Frame, rows: list[int]) -> Tensor:
        return torch.from_numpy(self._shelves[name, frame].take(rows)).float()


def small(holes_B1HW: Tensor) -> Tensor:
    """Pixel holes as latent cells: the nearest pixel, as the diffusers pipelines shrink their mask."""
    return holes_B1HW[:, :, ::CELL, ::CELL]
