"""The untrained tiny BLIP: its tokenizer, its size, patch filters that see from the first step, heads that name."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration, BlipImageProcessor, BlipProcessor

from bundled.training.captioner.sentences import every_word

SIZE, PATCH, WIDTH = 128, 16, 144
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def make_processor(folder: Path) -> BlipProcessor:
    """A word-level tokenizer over the sentences' words, and the picture preparation."""
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join((*SPECIAL, *every_word())))
    images = BlipImageProcessor(size={"height": SIZE, "width": SIZE}, image_mean=[0.5] * 3, image_std=[0.5] * 3)
    return BlipProcessor(images, BertTokenizer(vocab=str(vocabulary)))


def make_model(processor: BlipProcessor, *, width: int = WIDTH, layers: int = 4) -> BlipForConditionalGeneration:
    """A BLIP of about two million weights."""
    tokens = processor.tokenizer
    special = {
        "bos_token_id": tokens.cls_token_id,
        "eos_token_id": tokens.sep_token_id,
        "sep_token_id": tokens.sep_token_id,
        "pad_token_id": tokens.pad_token_id,
    }
    text = {
        "vocab_size": len(tokens),
        "hidden_size": width,
        "encoder_hidden_size": width,
        "intermediate_size": 3 * width,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 48,
        "projection_dim": width,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "label_smoothing": 0.0,
        **special,
    }
    vision = {
        "hidden_size": width, "intermediate_size": 3 * width, "num_hidden_layers": layers, "num_attention_heads": 4,
        "image_size": SIZE, "patch_size": PATCH, "projection_dim": width,
    }  # fmt: skip
    config = BlipConfig(text_config=text, vision_config=vision, projection_dim=width, image_text_hidden_size=width)
    return BlipForConditionalGeneration(config)


def start_from_patches(model: BlipForConditionalGeneration, pictures: NDArray[np.uint8]) -> None:
    """Whitened principal components as patch filters: colours and edges are seen from the first step."""
    side = SIZE // PATCH
    patches_ND = (pictures.astype(np.float32) / 127.5 - 1).reshape(-1, side, PATCH, side, PATCH, 3)
    patches_ND = patches_ND.transpose(0, 1, 3, 5, 2, 4).reshape(-1, 3 * PATCH * PATCH)
    mean_D = patches_ND.mean(0)
    strength, vectors = np.linalg.eigh(np.cov((patches_ND - mean_D).T))
    best = np.argsort(strength)[::-1][: model.config.vision_config.hidden_size]
    filters = vectors[:, best].T / np.sqrt(strength[best] + 0.02)[:, None] * 0.5
    stem = model.vision_model.embeddings.patch_embedding
    with torch.no_grad():
        stem.weight.copy_(torch.from_numpy(filters).float().view_as(stem.weight))
        stem.bias.copy_(torch.from_numpy(-filters @ mean_D).float())


class Naming(nn.Module):
    """Linear heads on the mean of the picture's tokens, for the first lessons only."""

    def __init__(self, width: int, labels: Mapping[str, list[str]]) -> None:
        super().__init__()
        self.labels = labels
        self.heads = nn.ModuleDict({name: nn.Linear(2 * width, len(values)) for name, values in labels.items()})

    def loss(self, tokens_BTD: Tensor, facts: list[Mapping[str, str]]) -> Tensor:
        body = tokens_BTD[:, 1:]
        seen_BD = torch.cat([body.mean(1), body.amax(1)], 1)
        losses = []
        for name, values in self.labels.items():
            wanted_B = torch.tensor([values.index(fact[name]) if fact else -100 for fact in facts])
            losses.append(nn.functional.cross_entropy(self.heads[name](seen_BD), wanted_B, ignore_index=-100))
        return torch.stack(losses).mean()
