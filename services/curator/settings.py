"""What the curator reads from its environment (CURATOR_*). Read by app.py and the migrations only."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.curator.policy import TrainedDataset


class RuleSettings(BaseSettings):
    """`CURATOR_*`: the limit of every rule; where each number comes from stands in `services/curator/rules.py`."""

    model_config = SettingsConfigDict(env_prefix="CURATOR_", extra="ignore", frozen=True)

    min_confidence: float = Field(default=0.8, ge=0.0, le=1.0, description="of the mask (SAM's own filter: 0.88)")
    min_area: float = Field(default=0.02, ge=0.0, le=1.0, description="product / photo: 73 px of 512 at the least")
    max_area: float = Field(default=0.8, ge=0.0, le=1.0, description="product / photo: above it there is no scene")
    max_sides: int = Field(default=1, ge=0, le=4, description="sides of the frame that may cut the product")
    min_words: int = Field(default=2, ge=0, description="in the description of the background")
    min_side: int = Field(default=256, ge=64, description="pixels; smaller photos are dropped")
    min_sharpness: float = Field(
        default=40.0, ge=0.0, description="variance of the Laplacian at 512 px; shop photos: 195 and more"
    )
    min_brightness: float = Field(default=0.06, ge=0.0, le=1.0, description="mean; dark scenes are a style")
    max_brightness: float = Field(default=0.96, ge=0.0, le=1.0, description="mean")
    min_contrast: float = Field(default=0.12, ge=0.0, le=1.0, description="from the 2nd to the 98th percentile")
    max_text: float = Field(default=0.01, ge=0.0, le=1.0, description="share under drawn letters; 0 in 60 scenes")
    max_words: float = Field(
        default=0.002,
        ge=0.0,
        le=1.0,
        description="share under lines that were read; a web address in small print: 0.003",
    )
    max_dividers: int = Field(default=0, ge=0, description="gutters and seams of a collage; 0 in all our own pictures")
    max_parts: int = Field(default=3, ge=1, description="pieces of one product: a pair of shoes and a handle")
    max_distance: int = Field(
        default=5, ge=0, le=7, description="bits of 64 within which two pictures are one; other scenes: 20 and more"
    )
    same_cosine: float = Field(
        default=0.98, ge=0.0, le=1.0, description="of embeddings, from which on two pictures are one, whatever the bits"
    )
    other_cosine: float = Field(
        default=0.7, ge=-1.0, le=1.0, description="of embeddings, below which two pictures are two, whatever the bits"
    )


class CuratorSettings(RuleSettings):
    """`CURATOR_*`. Few samples make a release in the embedded run, thousands in earnest."""

    database: str = Field(default="sqlite:///var/catalogue.sqlite", description="SQLAlchemy DSN")
    release_every: int = Field(default=500, ge=1, description="new members that make a dataset due")
    release_check_s: float = Field(default=30.0, gt=0.0, description="pause between looks at what is due")
    read_words: bool = Field(
        default=False,
        description="drop photos with text over them by an OCR model (backdrop[ocr]); 0.2 s of a core each",
    )
    embedder: Path | None = Field(
        default=None, description="folder of a transformers image model (CLIP, DINOv2, …) that sees look-alikes"
    )
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
