"""A real diffusers inpainting pipeline with random weights, small enough to build and run in a test."""

import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionXLInpaintPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

SCHEDULE = {
    "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True, "timestep_spacing": "trailing", "clip_sample": False, "steps_offset": 1,
}  # fmt: skip


def write_tiny_inpainter(folder: Path) -> Path:
    """Write the pipeline's folder (about 1 MB) and return it."""
    torch.manual_seed(0)
    StableDiffusionInpaintPipeline(
        vae=_vae(),
        text_encoder=_text(),
        tokenizer=_tokenizer(folder),
        unet=tiny_unet(),
        scheduler=DDIMScheduler(**SCHEDULE),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)
    return folder


def tiny_unet() -> UNet2DConditionModel:
    """9 channels in, 4 out, two levels, one with cross attention."""
    return UNet2DConditionModel(
        sample_size=8,
        in_channels=9,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(8, 16),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=2,
        norm_num_groups=4,
    )


def write_tiny_sdxl(folder: Path) -> Path:
    """The same of SDXL's classes: two text encoders, a pooled state and the sizes as added conditions."""
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=8,
        in_channels=9,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(8, 16),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=2,
        norm_num_groups=4,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 16,
        use_linear_projection=True,
    )
    StableDiffusionXLInpaintPipeline(
        vae=_vae(),
        text_encoder=_text(),
        text_encoder_2=CLIPTextModelWithProjection(_text_config()),
        tokenizer=_tokenizer(folder),
        tokenizer_2=_tokenizer(folder),
        unet=unet,
        scheduler=DDIMScheduler(**SCHEDULE),
    ).save_pretrained(folder)
    return folder


def _vae() -> AutoencoderKL:
    """Three halvings, as every SD autoencoder has."""
    return AutoencoderKL(
        block_out_channels=(4, 4, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        norm_num_groups=4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=4,
        sample_size=64,
        mid_block_add_attention=False,
    )


def _text() -> CLIPTextModel:
    return CLIPTextModel(_text_config())


def _text_config() -> CLIPTextConfig:
    return CLIPTextConfig(
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        vocab_size=64,
        max_position_embeddings=16,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
        projection_dim=16,
    )


def _tokenizer(folder: Path) -> CLIPTokenizer:
    letters = "abcdefghijklmnopqrstuvwxyz,"
    words = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    source = folder.parent / f"{folder.name}-words"
    source.mkdir(parents=True, exist_ok=True)
    (source / "vocab.json").write_text(json.dumps({word: place for place, word in enumerate(words)}))
    (source / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(
        str(source / "vocab.json"), str(source / "merges.txt"), model_max_length=16, pad_token="<|endoftext|>"
    )
