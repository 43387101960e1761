"""The curator's catalogue in memory, held to the same contract as the databases."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.curator.key_ranges import EVERY_KEY, KeyRange
from services.curator.records import (
    NEVER,
    Consent,
    EngagedPicture,
    Known,
    Option,
    OptionId,
    Picture,
    Release,
    Review,
    Sample,
    Window,
)
from services.curator.rules import Novelty
from shared.contracts.errors import DependencyDown
from shared.contracts.events import SampleCurated, StyleMined, in_utc


class MemoryCatalogue:
    """Dicts; `down = True` makes every call answer as an outage does."""

    def __init__(self) -> None:
        self.down, self.novelty = False, Novelty()
        self.samples: dict[tuple[str, str], Sample] = {}
        self.windows: dict[tuple[str, datetime, datetime, str, str], Window] = {}
        self.painted: dict[tuple[str, str], Option] = {}
        self.told: dict[Known, SampleCurated] = {}
        self.mined: dict[str, tuple[StyleMined, bool]] = {}
        self.votes: dict[tuple[str, str, str], Review] = {}
        self.withdrawn: dict[str, tuple[int, str]] = {}
        self.refused: dict[str, int] = {}
        self.releases: list[tuple[Release, frozenset[Picture]]] = []
        self.announced: set[tuple[str, int]] = set()

    def consents(self, products: Collection[str]) -> dict[str, Consent]:
        """What the owners have said so far."""
        self._answer()
        return {one: self._consent(one) for one in products}

    def _consent(self, product_id: str) -> Consent:
        return Consent(withdrawn=product_id in self.withdrawn, refused=self.refused.get(product_id, NEVER))

    def verdicts(self, known: Collection[Known]) -> dict[Known, SampleCurated]:
        """What was told before."""
        self._answer()
        return {one: self.told[one] for one in known if one in self.told}

    def put_verdicts(self, told: Mapping[Known, SampleCurated], /) -> dict[Known, SampleCurated]:
        """Remember what is about to be told; what was told first stays."""
        self._answer()
        self.told = {known: curated for known, curated in told.items() if known[0] not in self.withdrawn} | self.told
        return {known: self.told.get(known, curated) for known, curated in told.items()}

    def put_samples(self, samples: Sequence[Sample], /) -> list[Sample]:
        """Remember verdicts one by one; then everything that is fit stands anew."""
        self._answer()
        for sample in samples:
            self._put_sample(sample)
        self._settle()
        return [self.samples.get((one.product_id, one.image.sha256), one) for one in samples]

    def _put_sample(self, sample: Sample) -> None:
        if sample.product_id in self.withdrawn:
            return
        if not sample.may_train:
            self._refuse(sample.product_id, sample.revision)
        key = sample.product_id, sample.image.sha256
        standing = sample if self._consent(sample.product_id).covers(sample.revision) else sample.without_consent()
        if key not in self.samples or self.samples[key].revision <= sample.revision:
            self.samples[key] = standing

    def _settle(self) -> None:
        fit = [one for one in self.samples.values() if one.fit]
        for one in fit:
            others = [other for other in fit if other.product_id != one.product_id]
            self.samples[one.product_id, one.image.sha256] = one.beside(others, self.novelty)

    def _refuse(self, product_id: str, revision: int) -> None:
        self.refused[product_id] = max(revision, self.refused.get(product_id, NEVER))
        for key, one in self.samples.items():
            if one.product_id == product_id and one.revision <= revision:
                self.samples[key] = one.without_consent()

    def put_windows(self, windows: Sequence[Window], /) -> None:
        """Remember windows of engagement."""
        self._answer()
        for window in windows:
            if window.product_id not in self.withdrawn:
                key = window.product_id, window.start, window.end, window.request_id, window.image_sha256
                self.windows[key] = window

    def options(self, ids: Collection[OptionId]) -> set[OptionId]:
        """Which of these options are remembered."""
        self._answer()
        known = {(one.product_id, one.request_id, one.image.sha256) for one in self.painted.values()}
        return known & set(ids)

    def put_options(self, options: Sequence[Option], /) -> None:
        """Remember painted options."""
        self._answer()
        for option in options:
            if option.product_id not in self.withdrawn:
                self.painted[option.request_id, option.image.sha256] = option

    def put_review(self, review: Review, /) -> None:
        """Remember the votes on one output."""
        self._answer()
        if review.product_id not in self.withdrawn:
            self.votes[review.request_id, review.image.sha256, review.rater] = review

    def withdraw(self, product_id: str, reason: str, revision: int) -> None:
        """Remember the opt-out and forget everything else."""
        self._answer()
        if product_id not in self.withdrawn or self.withdrawn[product_id][0] < revision:
            self.withdrawn[product_id] = revision, reason
        self.samples = {key: one for key, one in self.samples.items() if one.product_id != product_id}
        self.windows = {key: one for key, one in self.windows.items() if one.product_id != product_id}
        self.votes = {key: one for key, one in self.votes.items() if one.product_id != product_id}
        self.painted = {key: one for key, one in self.painted.items() if one.product_id != product_id}
        self.told = {key: one for key, one in self.told.items() if key[0] != product_id}
        self._settle()

    def kept(self, keys: KeyRange = EVERY_KEY) -> Iterator[Sample]:
        """All kept samples of a range, ordered by key."""
        self._answer()
        for sample in sorted((one for one in self.samples.values() if one.key in keys), key=lambda one: one.key):
            if self.samples.get((sample.product_id, sample.image.sha256)) == sample and sample.kept:
                yield sample

    def engaged(self) -> Iterator[EngagedPicture]:
        """Kept samples and options that people met."""
        self._answer()
        for sample in list(self.kept()):
            if windows := self._windows(sample.product_id, ""):
                yield _engaged(sample, sample, windows)
        willing, seen = self._willing(), set[str]()
        for option in sorted(self.painted.values(), key=lambda one: (one.key, one.request_id)):
            if option.product_id in willing and option.key not in seen:
                seen.add(option.key)
                mine = [one for one in self.samples.values() if one.product_id == option.product_id and one.may_train]
                facts = max(mine, key=lambda one: (one.revision, one.key))
                yield _engaged(option, facts, self._windows(option.product_id, option.image.sha256))

    def newest_window(self) -> datetime | None:
        """When the last window ended."""
        self._answer()
        return max((in_utc(window.end) for window in self.windows.values()), default=None)

    def _windows(self, product_id: str, image_sha256: str) -> list[Window]:
        mine = [
            one for one in self.windows.values() if (one.product_id, one.image_sha256) == (product_id, image_sha256)
        ]
        mine = [replace(one, start=in_utc(one.start), end=in_utc(one.end)) for one in mine]
        return sorted(mine, key=lambda one: (one.start, one.end))

    def styles(self) -> dict[str, StyleMined]:
        """The newest event of each style."""
        self._answer()
        return {name: event for name, (event, _) in self.mined.items()}

    def put_styles(self, styles: Iterable[StyleMined], /) -> None:
        """Remember what is to be announced."""
        self._answer()
        self.mined.update({event.style: (event, False) for event in styles})

    def unannounced_styles(self) -> list[StyleMined]:
        """Styles of which nobody has heard the newest."""
        self._answer()
        return [event for _, (event, announced) in sorted(self.mined.items()) if not announced]

    def mark_style_announced(self, style: StyleMined, /) -> None:
        """This revision has been announced."""
        self._answer()
        if self.mined[style.style][0].revision == style.revision:
            self.mined[style.style] = (self.mined[style.style][0], True)

    def reviews(self) -> Iterator[Review]:
        """Votes on outputs whose owner consents to training."""
        self._answer()
        willing = self._willing()
        votes = [review for review in self.votes.values() if review.product_id in willing]
        yield from sorted(votes, key=lambda review: (review.image.sha256, review.request_id, review.rater))

    def newcomers(self, dataset: str) -> int:
        """Products that the newest version does not have."""
        could = {one.product_id for one in (self.reviews() if dataset == "judge" else self.kept())}
        return len(could - self.members(dataset))

    def members(self, dataset: str) -> frozenset[str]:
        """The products of the newest version."""
        return frozenset(product_id for product_id, _ in self._newest(dataset))

    def pictures(self, dataset: str) -> frozenset[str]:
        """The keys of the newest version."""
        return frozenset(key for _, key in self._newest(dataset))

    def _newest(self, dataset: str) -> frozenset[Picture]:
        self._answer()
        mine = [(release.sequence, members) for release, members in self.releases if release.dataset == dataset]
        return max(mine, key=lambda pair: pair[0], default=(0, frozenset[Picture]()))[1]

    def _willing(self) -> set[str]:
        return {sample.product_id for sample in self.samples.values() if sample.may_train}

    def reasons(self) -> dict[str, int]:
        """How many samples each reason has."""
        self._answer()
        return dict(sorted(Counter(str(sample.reason) for sample in self.samples.values()).items()))

    def latest(self, dataset: str) -> Release | None:
        """The newest release of a dataset."""
        self._answer()
        mine = [release for release, _ in self.releases if release.dataset == dataset]
        return max(mine, key=lambda release: release.sequence, default=None)

    def gone(self, dataset: str, *, newest_only: bool = False) -> tuple[str, ...]:
        """Products without consent that any version of the dataset had, or the newest one."""
        self._answer()
        every = [members for release, members in self.releases if release.dataset == dataset]
        versions = [{product_id for product_id, _ in members} for members in every]
        had = self.members(dataset) if newest_only else frozenset[str]().union(*versions)
        return tuple(sorted(self.unwilling(had)))

    def unwilling(self, products: Collection[str]) -> frozenset[str]:
        """Those of these products that are without consent by now."""
        self._answer()
        refused = {sample.product_id for sample in self.samples.values()} - self._willing()
        return frozenset(products).intersection(refused.union(self.withdrawn))

    def unwilling_photos(self, pictures: Collection[Picture], /) -> frozenset[Picture]:
        """Those of these that are photos without consent by now."""
        self._answer()
        refused = ((one.product_id, one.key) for one in self.samples.values() if not one.may_train)
        return frozenset(pictures).intersection(refused)

    def put_release(self, release: Release, members: Iterable[Picture], /) -> None:
        """Remember a release."""
        self._answer()
        if all((one.dataset, one.sequence) != (release.dataset, release.sequence) for one, _ in self.releases):
            self.releases.append((release, frozenset(members)))

    def unannounced(self) -> list[Release]:
        """Releases nobody has heard of."""
        self._answer()
        return [one for one, _ in self.releases if (one.dataset, one.sequence) not in self.announced]

    def mark_announced(self, release: Release, /) -> None:
        """The release has been announced."""
        self._answer()
        self.announced.add((release.dataset, release.sequence))

    def _answer(self) -> None:
        if self.down:
            raise DependencyDown("catalogue_down", "the fake catalogue is switched off")


def _engaged(picture: Sample | Option, facts: Sample, windows: list[Window]) -> EngagedPicture:
    return EngagedPicture(
        picture=picture,
        windows=tuple(windows),
        promoted=facts.promoted,
        product=facts.product,
        category=facts.category,
        merchant=facts.merchant,
    )
