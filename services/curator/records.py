"""What the catalogue remembers: samples, windows of engagement, withdrawals, reviews, releases. Plain values."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.curator.pixels.embedding import Embedding
from services.curator.rules import Novelty
from services.curator.verdicts import Reason
from shared.contracts.blobs import BlobRef

NEVER = -1  # smaller than every revision

FIT: tuple[Reason, ...] = ("kept", "duplicate", "near_duplicate")

Picture = tuple[str, str]
"""A product, and the key of one of its pictures in datasets."""

Known = tuple[str, str]
"""A product, and a hash over all that is known of one of its photos."""

OptionId = tuple[str, str, str]
"""Product, request and picture (its sha256)."""


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What an owner has said against training. `refused`: the newest revision of the product that said no."""

    withdrawn: bool = False
    refused: int = NEVER

    def covers(self, revision: int) -> bool:
        """Whether a yes of this revision stands: it is newer than every no. An opt-out stands against all."""
        return not self.withdrawn and revision > self.refused


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One judged photo. `captions` speak of its background, short first; no `phash` when its pixels were not seen.

    `may_train` is what this revision of the product says; whether it stands is for `Consent`.
    """

    product_id: str
    image: BlobRef
    mask: BlobRef | None
    captions: tuple[str, ...]
    product: str
    promoted: bool
    may_train: bool
    reason: Reason
    scores: dict[str, float] = field(default_factory=dict)
    phash: int | None = None
    revision: int = 0
    category: str = ""
    merchant: str = ""
    embedding: Embedding | None = None

    def without_consent(self) -> "Sample":
        """Dropped; what was measured on the photo is forgotten."""
        return replace(self, may_train=False, reason="no_consent", scores={}, phash=None, embedding=None)

    @property
    def kept(self) -> bool:
        """Fit for training."""
        return self.reason == "kept"

    @property
    def fit(self) -> bool:
        """Nothing but a picture like it keeps it from training."""
        return self.reason in FIT

    @property
    def place(self) -> tuple[int, str]:
        """Of samples that are alike the one with the lowest place stays: the largest picture, then the first key."""
        return -(self.image.width or 0) * (self.image.height or 0), self.key

    def beside(self, better: Iterable["Sample"], novelty: Novelty) -> "Sample":
        """This sample as it stands beside those of other products that are alike and have a lower place."""
        said = [(reason, one) for one in better if one.place < self.place and (reason := self._like(one, novelty))]
        twin = any(reason == "duplicate" for reason, _ in said)
        bits = [0] if twin else [bits for _, one in said if (bits := self.distance(one)) is not None]
        cosines = [] if twin else [cosine for _, one in said if (cosine := self.cosine(one)) is not None]
        scores = {name: value for name, value in self.scores.items() if name not in ("distance", "cosine")}
        found = ({"distance": float(min(bits))} if bits else {}) | ({"cosine": max(cosines)} if cosines else {})
        reason = "duplicate" if twin else "near_duplicate" if said else "kept"
        return replace(self, reason=reason, scores=scores | found)

    def _like(self, other: "Sample", novelty: Novelty) -> Reason | None:
        twin = other.image.sha256 == self.image.sha256
        return novelty(twin=twin, distance=self.distance(other), cosine=self.cosine(other))

    def cosine(self, other: "Sample") -> float | None:
        """Of what a model sees in both; None where none has seen both."""
        return None if self.embedding is None or other.embedding is None else self.embedding.cosine(other.embedding)

    def distance(self, other: "Sample") -> int | None:
        """In how many bits the perceptual hashes differ; None where one was never seen."""
        if self.phash is None or other.phash is None:
            return None
        return (self.phash ^ other.phash).bit_count()

    @property
    def key(self) -> str:
        """The name of this sample in shards: stable, and without dots, which WebDataset splits at."""
        return sample_key(self.product_id, self.image.sha256)


def sample_key(product_id: str, image_sha256: str) -> str:
    """The key of a product's sample."""
    return hashlib.sha256(f"{product_id}\n{image_sha256}".encode()).hexdigest()[:20]


@dataclass(frozen=True, kw_only=True)
class Option:
    """A background that was painted for a product. `mask`: None where the photo's does not lie over it."""

    product_id: str
    request_id: str
    image: BlobRef
    mask: BlobRef | None
    captions: tuple[str, ...]
    plate: str = ""
    model: str = ""

    @property
    def key(self) -> str:
        """Its name in shards, as `Sample.key`."""
        return sample_key(self.product_id, self.image.sha256)


@dataclass(frozen=True, kw_only=True)
class Window:
    """Engagement of one picture between two times; the same window told again replaces itself.

    `request_id` and `image_sha256` name an option; both are empty for the product's own photos.
    """

    product_id: str
    start: datetime
    end: datetime
    impressions: int
    clicks: int
    saves: int
    long_clicks: int
    request_id: str = ""
    image_sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class EngagedPicture:
    """A kept sample or an option of a willing owner, with all windows in which people met it."""

    picture: Sample | Option
    windows: tuple[Window, ...]
    promoted: bool
    product: str = ""
    category: str = ""
    merchant: str = ""

    @property
    def key(self) -> str:
        """Of the picture, in shards."""
        return self.picture.key

    @property
    def product_id(self) -> str:
        """Whose it is."""
        return self.picture.product_id


@dataclass(frozen=True, kw_only=True)
class Review:
    """Votes on one output, of all raters or of the one that is named."""

    product_id: str
    request_id: str
    image: BlobRef
    raters: int
    product_defects: int
    background_defects: int
    rater: str = ""

    def __add__(self, other: "Review") -> "Review":
        """The votes of both."""
        return replace(
            self,
            raters=self.raters + other.raters,
            product_defects=self.product_defects + other.product_defects,
            background_defects=self.background_defects + other.background_defects,
        )

    @property
    def score(self) -> float:
        """Share of raters who found no defect, at most: one rater may have seen both kinds."""
        return 1.0 - max(self.product_defects, self.background_defects) / self.raters

    @property
    def defect(self) -> str | None:
        """What at least half of the raters saw, the product's defects first."""
        if 2 * self.product_defects >= self.raters:
            return "product"
        return "background" if 2 * self.background_defects >= self.raters else None


@dataclass(frozen=True, kw_only=True)
class Release:
    """One version of a dataset. `content` is the hash that tells versions apart."""

    dataset: str
    sequence: int
    content: str
    manifest: BlobRef
    samples: int
    counts: dict[str, int]

    @property
    def version(self) -> str:
        """Sequence first, so that versions sort by age."""
        return version_name(self.sequence, self.content)


def version_name(sequence: int, content: str) -> str:
    """The name of a version, such as `0003-1f2e3d4c5b6a`."""
    return f"{sequence:04d}-{content[:12]}"
