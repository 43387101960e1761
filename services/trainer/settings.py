"""What the trainer reads from its environment (TRAINER_*). Read by app.py only."""

import os
import socket
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class TrainerSettings(BaseSettings):
    """`TRAINER_*`. A request's own dials win over `steps`, `batch`, `rank` and `size`; the recipe fills the rest."""

    model_config = SettingsConfigDict(env_prefix="TRAINER_", extra="ignore", frozen=True)

    work: Path = Field(default=Path("var/trainer"), description="local folder for datasets and running jobs")
    kept_gb: float = Field(
        default=20.0, ge=0.0, description="gigabytes of datasets and models kept in `work` for the next job"
    )
    models: Path = Field(default=Path("models"), description="folder of bundled base models")
    bases: dict[str, str] = Field(
        default={}, description="model name -> folder or hub id; no other base is loaded but <models>/<name>"
    )
    steps: int | None = Field(default=None, ge=1, description="of a training")
    batch: int | None = Field(default=None, ge=1, description="samples in one step")
    rank: int | None = Field(default=None, ge=1, le=256, description="of the LoRA")
    size: int | None = Field(default=None, ge=64, description="pixels")
    learning_rate: float | None = Field(default=None, gt=0.0, le=1.0, description="where a request names none")
    device: str = Field(default="cpu", description="a torch device: cpu, cuda, cuda:1, mps")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto", description="auto: bfloat16 where the device computes it faster, else float32"
    )
    threads: int | None = Field(default=None, ge=1, description="CPU threads of torch; by the cores if absent")
    processes: int = Field(
        default=1, ge=1, le=64, description="processes that share every batch of a stage that paints; one per GPU"
    )
    at_once: int | None = Field(
        default=None, ge=1, description="samples in one pass of the UNet; a larger batch is accumulated"
    )
    frozen: Literal["float32", "bfloat16"] = Field(
        default="float32", description="what a base that only wears a LoRA is kept in; bfloat16 takes half the memory"
    )
    checkpointing: bool | None = Field(
        default=None, description="compute activations twice rather than keep them; by the UNet's size if absent"
    )
    tensorboard: Path | None = Field(default=None, description="folder for the curves of TensorBoard, a run each")
    task: str = Field(
        default="",
        max_length=100,
        description="words before every caption, such as `Generate background for this product:`",
    )
    judge: Path = Field(
        default=Path("models/mini-judge"),
        description="folder of the judge that compares models until one of its name is promoted",
    )
    probe: Path = Field(default=Path("models/mini-probe"), description="folder of the probe that compares models")
    paints: int = Field(
        default=8, ge=0, le=64, description="held-out samples that the new model and the one in use both paint"
    )
    min_gain: float = Field(default=0.0, ge=0.0, lt=1.0, description="share by which held-out loss must fall")
    lease_s: float = Field(default=60.0, gt=0.0, description="a silent worker's job is free after this long")
    max_failures: int = Field(default=3, ge=1, description="after which a job is given up, with `training.failed`")
    retry_after_s: float = Field(default=60.0, ge=0.0, description="pause before a failed job is tried again")
    scan_s: float = Field(default=5.0, gt=0.0, description="pause between looks at the ledger")
    holder: str = Field(
        default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}", description="this worker's name in the ledger"
    )
