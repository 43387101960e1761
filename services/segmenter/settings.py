"""The segmenter's dials, from SEGMENTER_* variables; read by app.py alone."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]


class SegmenterSettings(BaseSettings):
    """`model`: the bundled mini folder, or a published SAM checkpoint (sam_vit_b_*.pth, vit_l, vit_h)."""

    model_config = SettingsConfigDict(env_prefix="SEGMENTER_")

    model: str = Field(default=str(ROOT / "models" / "mini-segmenter"))
    device: str = "cpu"
    threads: int = Field(default=1, ge=1, description="torch threads; several processes on few cores want one each")
    least_confidence: float = Field(default=0.35, ge=0.0, le=1.0)
    private_hosts: tuple[str, ...] = Field(
        default=(),
        description="host names or networks of one's own that image URLs may point to, by http and any port too",
    )
    fetch_hosts: tuple[str, ...] = Field(
        default=(), description="when not empty, the only hosts fetched from; `.example.com` means all under it as well"
    )
    fetch_http: bool = Field(default=False, description="fetch http:// from the public web as well, not https:// alone")
    fetch_ports: tuple[int, ...] = Field(default=(), description="ports besides 443, and 80 with fetch_http")
    fetch_timeout_s: float = Field(default=20.0, gt=0.0, description="for all of one fetch, redirects included")
