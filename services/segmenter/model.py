"""The segment-anything model: the only room with torch. Photo and prompts in, candidate masks out, no tensor leaves.

Kirillov et al., Segment Anything, 2023. The same class runs the published SAM ViT-B, L and H checkpoints and the
bundled mini model: `Sam` of the segment-anything package, small, in a folder of config.json and model.safetensors.

Shapes in names: B pictures, P prompts, N points, C channels, K masks per prompt, H rows, W columns.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from safetensors.torch import load_file
from segment_anything import sam_model_registry
from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

from services.segmenter.candidates import MaskCandidate
from services.segmenter.saliency import Prompt
from shared.contracts.errors import NotKnown
from shared.contracts.images import Pixels
from shared.model.gpu_memory import gpu_memory

WEIGHTS, CONFIG = "model.safetensors", "config.json"
EMBEDDED = 8  # photos whose embeddings are kept, 5 MB each for published SAMs: somebody may click on them again

MINI: dict[str, Any] = {
    "img_size": 256,
    "patch_size": 16,
    "embed_dim": 128,
    "depth": 6,
    "num_heads": 4,
    "window_size": 8,
    "global_attn_indexes": [2, 5],
    "prompt_dim": 128,
    "decoder_mlp_dim": 256,
    "decoder_heads": 4,
}


class SamSegmenter:
    """Candidate masks for prompted photos, from one loaded SAM model."""

    def __init__(self, weights: str, *, device: str = "cpu", threads: int = 1) -> None:
        """`weights`: a mini folder, or a published checkpoint `*vit_[bhl]*.pth` or `.safetensors`. Raises NotKnown."""
        torch.set_num_threads(threads)
        path = Path(weights)
        self._sam = load_sam(path).to(device).eval()
        self._device = torch.device(device)
        self._embedded = lru_cache(EMBEDDED)(self._embedding)
        self.version = f"{path.stem}-{_fingerprint(path)}"

    def memory(self) -> Mapping[str, float]:
        """Of its GPU, in bytes."""
        return gpu_memory(self._device)

    def candidates(self, rgb: Pixels, prompts: tuple[Prompt, ...]) -> tuple[MaskCandidate, ...]:
        """Three candidates per prompt; probabilities (H, W) of `rgb`'s size, and the model's guess of their IoU."""
        with torch.inference_mode():
            embedding_BCHW, size = self._embedded(rgb.tobytes(), rgb.shape)
            found = [self._masks(embedding_BCHW, size, rgb.shape[:2], prompt) for prompt in prompts]
        return tuple(candidate for some in found for candidate in some)

    def _embedding(self, pixels: bytes, shape: tuple[int, ...]) -> tuple[torch.Tensor, tuple[int, int]]:
        """What the encoder makes of a photo, and the photo's size at the model: most of the work, whatever is asked."""
        picture_CHW = self._picture(np.frombuffer(pixels, np.uint8).reshape(shape))
        height, width = picture_CHW.shape[-2:]
        return self._sam.image_encoder(self._sam.preprocess(picture_CHW)[None]), (height, width)

    def _picture(self, rgb: Pixels) -> torch.Tensor:
        """The photo at the model's size: its longer side as long as the model's picture."""
        scale = self._sam.image_encoder.img_size / max(rgb.shape[:2])
        size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        return torch.from_numpy(small).to(self._device).permute(2, 0, 1).float()

    def _masks(
        self, embedding_BCHW: torch.Tensor, input_size: Any, original_size: tuple[int, int], prompt: Prompt
    ) -> list[MaskCandidate]:
        """Decode one prompt. Its coordinates are fractions, so that one prompt fits every size of picture."""
        sparse, dense = self._sam.prompt_encoder(*self._prompt(prompt, input_size), None)
        logits_PKHW, iou_PK = self._sam.mask_decoder(
            image_embeddings=embedding_BCHW,
            image_pe=self._sam.prompt_encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=True,
        )
        logits_KHW = self._sam.postprocess_masks(logits_PKHW.float(), tuple(input_size), tuple(original_size))[0]
        probabilities = torch.sigmoid(logits_KHW).cpu().numpy().astype(np.float32)
        return [
            MaskCandidate(p, float(q), prompt.name) for p, q in zip(probabilities, iou_PK[0].clamp(0, 1), strict=True)
        ]

    def _prompt(self, prompt: Prompt, input_size: Any) -> tuple[tuple[torch.Tensor, torch.Tensor], torch.Tensor]:
        """Points with labels and the box, in pixels of the model's picture."""
        height, width = input_size
        scale = torch.tensor([width, height], dtype=torch.float32, device=self._device)
        points_PN2 = torch.tensor([prompt.points], dtype=torch.float32, device=self._device) * scale
        labels_PN = torch.tensor([prompt.labels], dtype=torch.int64, device=self._device)
        box_P4 = torch.tensor([prompt.box], dtype=torch.float32, device=self._device) * scale.repeat(2)
        return (points_PN2, labels_PN), box_P4


def load_sam(path: Path) -> Sam:
    """A Sam from a mini folder or a published checkpoint; weights hold no code (safetensors or weights_only)."""
    if not path.exists():
        raise NotKnown("segmenter_weights", f"there are no segmenter weights at {path}")
    if path.is_dir():
        sam = build_mini(json.loads((path / CONFIG).read_text()))
        state = load_file(path / WEIGHTS)
    else:
        sam = sam_model_registry[_published(path)](checkpoint=None)
        state = load_file(path) if path.suffix == ".safetensors" else torch.load(path, weights_only=True)
    sam.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    return sam


def build_mini(config: dict[str, Any]) -> Sam:
    """A small Sam from the published classes, untrained."""
    size, patch, dim = config["img_size"], config["patch_size"], config["prompt_dim"]
    grid = size // patch
    encoder = ImageEncoderViT(
        img_size=size,
        patch_size=patch,
        embed_dim=config["embed_dim"],
        depth=config["depth"],
        num_heads=config["num_heads"],
        norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
        window_size=config["window_size"],
        global_attn_indexes=tuple(config["global_attn_indexes"]),
        out_chans=dim,
    )
    prompts = PromptEncoder(
        embed_dim=dim, image_embedding_size=(grid, grid), input_image_size=(size, size), mask_in_chans=16
    )
    transformer = TwoWayTransformer(
        depth=2, embedding_dim=dim, num_heads=config["decoder_heads"], mlp_dim=config["decoder_mlp_dim"]
    )
    decoder = MaskDecoder(transformer_dim=dim, transformer=transformer, iou_head_hidden_dim=dim)
    return Sam(encoder, prompts, decoder)


def _published(path: Path) -> str:
    """Which published size a checkpoint is, read from its name, such as sam_vit_b_01ec64.pth."""
    for name in ("vit_b", "vit_l", "vit_h"):
        if name in path.name:
            return name
    raise NotKnown("segmenter_weights", f"{path.name} does not say which SAM it is: vit_b, vit_l or vit_h")


def _fingerprint(path: Path) -> str:
    """Eight hex digits of the weights: another training is another segmenter."""
    with (path / WEIGHTS if path.is_dir() else path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:8]
