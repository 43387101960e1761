"""The small CLIP text encoder and its real byte-pair tokenizer, both built from what captions say.

Every word of the captions is one token; any other text falls apart into known pieces and at last into bytes, so
nothing is unknown.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

POSITIONS = 40
START, END = "<|startoftext|>", "<|endoftext|>"


SUFFIX = "</w>"


def new_tokenizer(captions: Iterable[str], size: int = 1900) -> CLIPTokenizer:
    """Byte-pair merges learnt from captions, in CLIP's own format; `size` counts all tokens."""
    draft = Tokenizer(models.BPE(end_of_word_suffix=SUFFIX, unk_token=END))
    draft.normalizer = normalizers.Lowercase()
    draft.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=alphabet, end_of_word_suffix=SUFFIX, min_frequency=2, show_progress=False
    )
    draft.train_from_iterator(captions, trainer)
    merges = _merges(draft)
    tokens = dict.fromkeys([*alphabet, *(byte + SUFFIX for byte in alphabet), *(a + b for a, b in merges), START, END])
    vocabulary = {token: number for number, token in enumerate(tokens)}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=POSITIONS)


def _merges(draft: Tokenizer) -> list[tuple[str, str]]:
    merges = json.loads(draft.to_str())["model"]["merges"]
    return [tuple(merge) if isinstance(merge, list) else tuple(merge.split(" ")) for merge in merges]


def new_text_encoder(tokenizer: CLIPTokenizer, *, hidden: int = 192, layers: int = 3, heads: int = 6) -> CLIPTextModel:
    """An untrained text encoder for that tokenizer."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=4 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        max_position_embeddings=POSITIONS,
        projection_dim=hidden,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config)


def save_tokenizer(tokenizer: CLIPTokenizer, folder: Path) -> None:
    """Transformers' own files; older readers find vocab.json and merges.txt as well."""
    tokenizer.save_pretrained(folder)
    state = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    (folder / "vocab.json").write_text(json.dumps(state["vocab"], ensure_ascii=False))
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in state["merges"]]
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n")


class FirstWords(nn.Module):
    """Learns words before pictures: a linear head per attribute reads the mean of the last states."""

    def __init__(self, encoder: CLIPTextModel, answers: dict[str, int]) -> None:
        """`answers`: attribute -> number of its values."""
        super().__init__()
        self.encoder = encoder
        self.heads = nn.ModuleDict(
            {name: nn.Linear(encoder.config.hidden_size, count) for name, count in answers.items()}
        )

    def forward(self, ids_BL: Tensor, wanted_BA: Tensor) -> Tensor:
        """Mean cross-entropy over attributes; a negative answer means that the text does not say."""
        state_BD = self.encoder(ids_BL).last_hidden_state[:, -6:].mean(1)
        losses = [
            functional.cross_entropy(head(state_BD), wanted_BA[:, k], ignore_index=-1)
            for k, head in enumerate(self.heads.values())
        ]
        return torch.stack(losses).mean()
