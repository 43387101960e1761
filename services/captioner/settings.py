"""What the captioner reads from its environment (`CAPTIONER_*`)."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class CaptionerSettings(BaseSettings):
    """Which model looks, and on what."""

    model_config = SettingsConfigDict(env_prefix="CAPTIONER_", frozen=True, extra="ignore")

    model: str = Field(default="models/mini-captioner", description="folder or hub id of an image-text-to-text model")
    revision: str | None = Field(default=None, description="of a hub model; pin it")
    device: str = Field(default="cpu", description="a torch device: cpu, cuda, cuda:1, mps")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        default="auto", description="auto: float32 on a CPU, half precision on a GPU"
    )
    threads: int = Field(default=1, ge=1, description="torch threads; one per worker where cores are shared")
