"""The segmenter's dials, from SEGMENTER_* variables; read by app.py alone."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]


class SegmenterSettings(BaseSettings):
    """`model`: the bundled mini folder, or a published SAM checkpoint (sam_vit_b_*.pth, vit_l, vit_h)."""

    model_config = SettingsConfigDict(env_prefix="SEGMENTER_")

    model: str = Field(
        default=str(ROOT / "models" / "mini-segmenter"),
        description="a bundled folder, or a published SAM checkpoint (sam_vit_b_*.pth, vit_l, vit_h)",
    )
    device: str = Field(default="cpu", description="a torch device: cpu, cuda, cuda:1, mps")
    threads: int = Field(default=1, ge=1, description="torch threads; several processes on few cores want one each")
    least_confidence: float = Field(default=0.35, ge=0.0, le=1.0, description="a mask below it is refused")
