"""Captions as token ids, cut as the diffusers pipelines cut them."""

from torch import Tensor
from transformers import CLIPTokenizer


def token_ids(tokenizer: CLIPTokenizer, texts: list[str]) -> Tensor:
    """(B, L) ids, padded and cut exactly as the diffusers pipelines do it."""
    return tokenizer(
        texts, padding="max_length", max_length=tokenizer.model_max_length, truncation=True, return_tensors="pt"
    ).input_ids
