"""What the inpainter reads from its environment (`INPAINTER_*`). Read by app.py only."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class InpainterSettings(BaseSettings):
    """Which model paints, from which plates, and the few settings of taste."""

    model_config = SettingsConfigDict(env_prefix="INPAINTER_", frozen=True, extra="ignore")

    model: str = Field(default="models/mini-inpainter", description="folder or hub id of a 9-channel inpainting model")
    model_name: str = Field(default="mini-inpainter", description="promoted models of this name are adopted")
    base: str | None = Field(
        default=None,
        description="the model as the trainer names it, where that differs: LoRAs of other bases are not ours",
    )
    judge_name: str = Field(default="mini-judge", description="promoted judges of this name are adopted")
    work: Path = Field(default=Path("var/inpainter"), description="local folder for promoted models")
    kept_gb: float = Field(
        default=10.0, ge=0.0, description="gigabytes of promoted models kept in `work` once they are loaded"
    )
    plates: Path = Field(default=Path("models/mini-plates"), description="folder with plates.json")
    judge: Path = Field(default=Path("models/mini-judge"), description="folder of the judge, a reward model")
    probe: Path = Field(default=Path("models/mini-probe"), description="folder of the probe that measures adherence")
    device: str = Field(default="cpu", description="a torch device: cpu, cuda, cuda:1, mps")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        default="auto", description="auto: float32 on a CPU, half precision on a GPU"
    )
    threads: int = Field(default=1, ge=1, description="torch threads; one per worker where cores are shared")
    batch: int = Field(
        default=1, ge=1, le=32, description="candidates painted in one pass; 1 paints them the same in any company"
    )
    side: int = Field(default=192, ge=64, le=2048, description="pixels of the long side the model paints at")
    steps: int = Field(default=6, ge=1, le=100, description="of denoising; a large model wants 20 or more")
    guidance: float = Field(default=2.0, ge=1.0, le=20.0, description="how hard the prompt pulls; 1: not at all")
    rescale: float = Field(default=0.5, ge=0.0, le=1.0, description="of the guidance's contrast (Lin et al. 2024)")
    scheduler: Literal["dpm", "ddim"] = Field(default="dpm", description="dpm: DPM-Solver++ (Lu et al. 2022)")
    strength: float = Field(default=0.3, ge=0.0, le=1.0, description="how far plates are left where a scene is silent")
    strength_missing: float = Field(
        default=0.45, ge=0.0, le=1.0, description="the same where no plate shows what was asked; 0.9 for a large model"
    )
    extra_candidates: int = Field(
        default=1, ge=0, le=8, description="made beyond the asked count, for the judge to drop"
    )
    judge_gate: float = Field(default=0.15, ge=0.0, le=1.0, description="below it a candidate is refused")
    taste_share: float = Field(
        default=0.5, ge=0.0, le=1.0, description="of an empty scene's candidates, how many follow what people like"
    )
    taste_weight: float = Field(
        default=0.3,
        ge=0.0,
        le=2.0,
        description="times how surely a style is liked (0 to 1), added to its candidates' worth in the ranking, where "
        "they also win over less liked ones that the judge cannot tell from them",
    )
