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
    promoted_only: bool = Field(default=True, description="only promoted pictures are `engaged`")
    half_life_days: float = Field(default=28.0, gt=0.0, description="after which engagement counts half")
    category_share: float = Field(default=0.5, gt=0.0, le=1.0, description="most of `engaged` that one category has")
    merchant_share: float = Field(default=0.25, gt=0.0, le=1.0, description="most of `engaged` that one merchant has")
    min_style_pictures: int = Field(default=3, ge=1, description="engaged pictures that make a style")
    min_style_lift: float = Field(
        default=1.0, ge=1.0, description="its rate over that of all pictures, at the lower end of its interval"
    )
    train: tuple[TrainedDataset, ...] = Field(
        default=("product", "engaged", "judge"), description="datasets whose release asks for training"
    )
    model: str = Field(default="mini-inpainter", description="model that `product` and `engaged` train")
    judge: str = Field(default="mini-judge", description="model that `judge` trains")
    steps: int | None = Field(
        default=None, ge=1, le=10_000_000, description="training steps; the trainer's recipe when absent"
    )
