"""The curator's catalogue in memory, held to the same contract as the databases."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from services.curator.engagement import Counts
from services.curator.records import Match, Release, Review, Sample, Window
from shared.contracts.errors import DependencyDown

NEAR = 7


class MemoryCatalogue:
    """Dicts; `down = True` makes every call answer as an outage does."""

    def __init__(self) -> None:
        self.down = False
        self.samples: dict[tuple[str, str], Sample] = {}
        self.windows: dict[tuple[str, datetime, datetime], Window] = {}
        self.votes: dict[tuple[str, str], Review] = {}
        self.withdrawn: dict[str, str] = {}
        self.releases: list[Release] = []
        self.announced: set[tuple[str, int]] = set()

    def is_withdrawn(self, product_id: str) -> bool:
        """Whether the owner has opted out, ever."""
        self._answer()
        return product_id in self.withdrawn

    def nearest(self, sample: Sample, /) -> Match:
        """Compares with every kept sample of other products."""
        self._answer()
        others = [other for other in self.samples.values() if other.kept and other.product_id != sample.product_id]
        if any(other.image.sha256 == sample.image.sha256 for other in others):
            return Match(twin=True, distance=0)
        hashes = [other.phash for other in others if other.phash is not None]
        if sample.phash is None:
            return Match()
        distances = [(phash ^ sample.phash).bit_count() for phash in hashes]
        return Match(distance=min((bits for bits in distances if bits <= NEAR), default=None))

    def put_sample(self, sample: Sample, /) -> None:
        """Remember a verdict."""
        self._answer()
        if sample.product_id not in self.withdrawn:
            self.samples[sample.product_id, sample.image.sha256] = sample

    def put_window(self, window: Window, /) -> None:
        """Remember a window of engagement."""
        self._answer()
        if window.product_id not in self.withdrawn:
            self.windows[window.product_id, window.start, window.end] = window

    def put_review(self, review: Review, /) -> None:
        """Remember the votes on one output."""
        self._answer()
        if review.product_id not in self.withdrawn:
            self.votes[review.request_id, review.image.sha256] = review

    def withdraw(self, product_id: str, reason: str) -> None:
        """Remember the opt-out and forget everything else."""
        self._answer()
        self.withdrawn.setdefault(product_id, reason)
        self.samples = {key: one for key, one in self.samples.items() if one.product_id != product_id}
        self.windows = {key: one for key, one in self.windows.items() if one.product_id != product_id}
        self.votes = {key: one for key, one in self.votes.items() if one.product_id != product_id}

    def kept(self) -> list[Sample]:
        """All kept samples, ordered by key."""
        self._answer()
        return sorted((sample for sample in self.samples.values() if sample.kept), key=lambda sample: sample.key)

    def engagement(self) -> Mapping[str, Counts]:
        """Sums over all windows, by product."""
        self._answer()
        sums: dict[str, Counter[str]] = {}
        for window in self.windows.values():
            counts = sums.setdefault(window.product_id, Counter())
            counts.update(
                impressions=window.impressions, clicks=window.clicks, saves=window.saves, long_clicks=window.long_clicks
            )
        return {product_id: Counts(**counts) for product_id, counts in sums.items()}

    def reviews(self) -> list[Review]:
        """Votes on outputs whose owner consents to training."""
        self._answer()
        willing = {sample.product_id for sample in self.samples.values() if sample.may_train}
        votes = [review for review in self.votes.values() if review.product_id in willing]
        return sorted(votes, key=lambda review: (review.product_id, review.image.sha256, review.request_id))

    def reasons(self) -> dict[str, int]:
        """How many samples each reason has."""
        self._answer()
        return dict(sorted(Counter(str(sample.reason) for sample in self.samples.values()).items()))

    def latest(self, dataset: str) -> Release | None:
        """The newest release of a dataset."""
        self._answer()
        mine = [release for release in self.releases if release.dataset == dataset]
        return max(mine, key=lambda release: release.sequence, default=None)

    def gone(self, dataset: str) -> tuple[str, ...]:
        """Withdrawn products that any version of the dataset had."""
        self._answer()
        had = {product_id for release in self.releases if release.dataset == dataset for product_id in release.members}
        return tuple(sorted(had.intersection(self.withdrawn)))

    def put_release(self, release: Release, /) -> None:
        """Remember a release."""
        self._answer()
        if all((one.dataset, one.sequence) != (release.dataset, release.sequence) for one in self.releases):
            self.releases.append(release)

    def unannounced(self) -> list[Release]:
        """Releases nobody has heard of."""
        self._answer()
        return [release for release in self.releases if (release.dataset, release.sequence) not in self.announced]

    def mark_announced(self, release: Release, /) -> None:
        """The release has been said."""
        self._answer()
        self.announced.add((release.dataset, release.sequence))

    def _answer(self) -> None:
        if self.down:
            raise DependencyDown("catalogue_down", "the fake catalogue is switched off")
