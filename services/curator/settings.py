"""What the curator reads from its environment (CURATOR_*). Read by app.py and the migrations only."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.curator.policy import TrainedDataset


class CuratorSettings(BaseSettings):
    """`CURATOR_*`. Few samples make a release in the embedded run, thousands in earnest."""

    model_config = SettingsConfigDict(env_prefix="CURATOR_", extra="ignore", frozen=True)

    database: str = Field(default="sqlite:///var/catalogue.sqlite", description="SQLAlchemy DSN")
    min_side: int = Field(default=256, ge=64, description="pixels; smaller photos are dropped")
    max_distance: int = Field(default=5, ge=0, le=7, description="bits of 64 within which two pictures are one")
    release_every: int = Field(default=500, ge=1, description="new members that make a dataset due")
    release_check_s: float = Field(default=30.0, gt=0.0, description="pause between looks at what is due")
    sample_side: int = Field(default=1024, ge=64, description="longest side of released pictures, pixels")
    min_impressions: int = Field(default=100, ge=0, description="views before engagement says anything")
    top_share: float = Field(default=0.2, gt=0.0, le=1.0, description="best share of the promoted that is `engaged`")
    train: tuple[TrainedDataset, ...] = Field(
        default=("product", "engaged"), description="datasets whose release asks for training"
    )
    model: str = Field(default="mini-inpainter", description="model that `product` and `engaged` train")
    steps: int | None = Field(
        default=None, ge=1, le=10_000_000, description="training steps; the trainer's recipe when absent"
    )
