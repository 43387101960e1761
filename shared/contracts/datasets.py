"""What a released dataset is: WebDataset shards plus a manifest, written by the curator and the scene studio.

A shard is a tar; one sample is the members `<key>.webp|jpg|png` (RGB picture), `<key>.mask.png` (one channel, 255 =
product), optionally `<key>.plate.webp` (the scene without the product) or `<key>.original.webp` (judge pairs), and
`<key>.json` (`SampleRecord`).
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from shared.contracts.blobs import Sha256

MANIFEST = "manifest.json"

DatasetKind = Literal["scenes", "packshots", "judge", "product", "engaged"]


class ShardEntry(BaseModel):
    """One finished shard, path relative to the manifest. `recipe`: what it was made from, where that is kept."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: str
    sha256: Sha256
    size: int
    samples: int
    recipe: Sha256 | None = None

    @property
    def recipe_path(self) -> str:
        """Of its recipe, relative to the manifest: a line of JSON for each sample."""
        return f"recipes/{self.path.removesuffix('.tar')}.jsonl"


class DatasetManifest(BaseModel):
    """What a dataset holds, what was left out and why, and what it was made from. Lists finished shards only."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    version: str
    kind: DatasetKind
    created: datetime
    shards: tuple[ShardEntry, ...]
    counts: dict[str, int] = {}
    filters: dict[str, Any] = {}
    lineage: dict[str, Any] = {}
    withdrawn: tuple[str, ...] = ()


class SampleRecord(BaseModel):
    """The JSON member of a sample. `captions` are texts a person might type for this background."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str
    captions: tuple[str, ...]
    kind: DatasetKind
    split: Literal["train", "held"] = "train"
    attributes: dict[str, Any] = {}
    product_id: str | None = None
    defect: str | None = None
    score: float | None = None
