"""What an image model sees in a photo: any checkpoint of transformers with image features, from a folder."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoImageProcessor, AutoModel

from services.curator.pixels.embedding import Embedding
from shared.contracts.errors import NotKnown
from shared.contracts.images import Pixels

WEIGHTS = "model.safetensors"


class ImageEmbedder:
    """CLIP and SigLIP by their image features, DINOv2 and ViT by what they pool. Nothing is fetched.

    `name` is a hash over its weights: embeddings of two checkpoints are never compared.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / WEIGHTS).is_file():
            raise NotKnown("model_not_known", f"there is no {WEIGHTS} in {folder} (CURATOR_EMBEDDER)")
        with (folder / WEIGHTS).open("rb") as weights:
            self.name = hashlib.file_digest(weights, "sha256").hexdigest()[:16]
        self._model = AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True).eval()
        self._processor = AutoImageProcessor.from_pretrained(folder, local_files_only=True)

    @torch.inference_mode()
    def __call__(self, rgb_HW3: Pixels) -> Embedding:
        """Of a photo (H, W, 3) of any size."""
        pixels_1CHW = self._processor(images=rgb_HW3, return_tensors="pt")["pixel_values"]
        features_1D = self._features(pixels_1CHW)
        return Embedding.of(self.name, np.asarray(features_1D[0].float().cpu().numpy()))

    def _features(self, pixels_1CHW: torch.Tensor) -> Any:
        if hasattr(self._model, "get_image_features"):
            found = self._model.get_image_features(pixel_values=pixels_1CHW)
            return found if isinstance(found, torch.Tensor) else found.pooler_output
        return self._model(pixel_values=pixels_1CHW).pooler_output
