"""Mining styles: descriptions of backgrounds that people like surely more than others, with words and examples.

A background is described in parts ("on a marble counter, brick wall, morning light"); a part whose pictures are met
with more liking than all pictures are, beyond chance, is a style and gives it its name.
"""

import heapq
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from services.curator.datasets.selection import Liked
from services.curator.records import EngagedPicture, Option
from services.curator.taste.engagement import EngagementSums, Prior, Rate
from shared.contracts.events import MOST_COUNTED, StyleEvidence, StyleExample

_BREAKS = re.compile(r"[,.;:]|\b(?:with|and|in front of|against|beside|under|before|lit by|behind|by|from)\b")
_FILLERS = frozenset(
    {"a", "an", "the", "on", "in", "at", "of", "some", "its", "is", "are", "there", "standing", "placed"}
)
LONGEST = 100  # letters of a name


def descriptors(captions: Iterable[str]) -> frozenset[str]:
    """The parts of a description without filler words, lower case: `marble counter`, `brick wall`, `morning light`.

    A longer part is also what its last two words say, so that `warm morning light` is seen to be morning light.
    """
    found = set[str]()
    for caption in captions:
        for part in _BREAKS.split(caption.lower()):
            words = [word for word in re.findall(r"[a-z][a-z'-]*", part) if word not in _FILLERS]
            if 1 < len(words) <= 4 and len(" ".join(words)) <= LONGEST:
                found.update((" ".join(words), " ".join(words[-2:])))
    return frozenset(found)


@dataclass(frozen=True)
class LikedPicture:
    """A picture that shows a style, and how well it is liked."""

    rate: Rate
    engaged: EngagedPicture

    @property
    def score(self) -> float:
        """The rate that it surely has."""
        return self.rate.low

    @property
    def rank(self) -> tuple[float, str]:
        """The best liked has the highest; of equals the key decides."""
        return self.score, self.engaged.key

    @property
    def scene(self) -> str:
        """In words."""
        return next(iter(self.engaged.picture.captions), "")

    def said(self) -> StyleExample:
        """As the event has it."""
        picture = self.engaged.picture
        return StyleExample(
            product_id=picture.product_id,
            image=picture.image,
            score=round(self.score, 6),
            request_id=picture.request_id if isinstance(picture, Option) else None,
            caption=self.scene or None,
            plate=(picture.plate or None) if isinstance(picture, Option) else None,
        )


@dataclass(frozen=True, kw_only=True)
class Mined:
    """One style. `examples`: the best liked of each scene first."""

    name: str
    words: tuple[str, ...]
    pictures: int
    counts: EngagementSums
    rate: Rate
    lift: float
    examples: tuple[LikedPicture, ...]

    def evidence(self, dataset_version: str) -> StyleEvidence:
        """As the event has it."""
        return StyleEvidence(
            pictures=self.pictures,
            lift=round(self.lift, 4),
            impressions=min(round(self.counts.impressions), MOST_COUNTED),  # each window may have as many
            wanted=min(round(self.counts.wanted), MOST_COUNTED),
            rate=round(self.rate.rate, 6),
            low=round(self.rate.low, 6),
            high=round(self.rate.high, 6),
            dataset_version=dataset_version,
        )


@dataclass
class _Examples:
    """Of the pictures that pass by, the `keep` best liked, and the best liked of the `keep` best liked scenes."""

    keep: int
    best: list[tuple[tuple[float, str], LikedPicture]] = field(default_factory=list)
    of_scenes: dict[str, LikedPicture] = field(default_factory=dict)

    def add(self, one: LikedPicture) -> None:
        (heapq.heappush if len(self.best) < self.keep else heapq.heappushpop)(self.best, (one.rank, one))
        known = self.of_scenes.get(one.scene)
        self.of_scenes[one.scene] = max(known or one, one, key=_rank)
        if len(self.of_scenes) > self.keep:
            del self.of_scenes[min(self.of_scenes, key=lambda scene: self.of_scenes[scene].rank)]

    def chosen(self, usual: float) -> tuple[LikedPicture, ...]:
        """A picture of each scene that is liked as much as is usual, then the best of the others: a style whose
        pictures all showed its best scene would be that one scene, wherever it is followed."""
        scenes = [one for one in self.of_scenes.values() if one.rate.rate >= usual]
        taken = {one.engaged.key for one in scenes}
        others = [one for _, one in self.best if one.engaged.key not in taken]
        return tuple(one for some in (scenes, others) for one in sorted(some, key=_rank, reverse=True))[: self.keep]


def _rank(one: LikedPicture) -> tuple[float, str]:
    return one.rank


@dataclass
class _Descriptor:
    """What passes by of one part of descriptions."""

    examples: _Examples
    pictures: int = 0
    counts: EngagementSums = field(default_factory=EngagementSums)
    beside: Counter[str] = field(default_factory=Counter)

    def add(self, counts: EngagementSums, parts: frozenset[str], example: LikedPicture) -> None:
        self.pictures += 1
        self.counts += counts
        self.beside.update(parts)
        self.examples.add(example)


@dataclass(frozen=True, kw_only=True)
class MineStyles:
    """Thresholds: at least `min_pictures` show it, and their rate lies above that of all pictures at 95 %.

    `lift` is that rate over the rate of all (Brin et al. 1997); `most` styles are kept, the surest first.
    """

    min_pictures: int = 3
    min_lift: float = 1.0
    most: int = 24
    examples: int = 4

    def __call__(self, met: Iterable[EngagedPicture], liked: Liked, prior: Prior, now: datetime) -> tuple[Mined, ...]:
        """Styles among the pictures that people met; these pass by once."""
        found: dict[str, _Descriptor] = {}
        for one in met:
            counts = liked.counts(one, now)
            example = LikedPicture(prior.rate(counts), one)
            parts = descriptors(one.picture.captions) if counts.impressions > 0 else frozenset[str]()
            for part in parts:
                descriptor = found.setdefault(part, _Descriptor(_Examples(self.examples)))
                descriptor.add(counts, parts - {part}, example)
        styles = [self._style(name, descriptor, prior) for name, descriptor in found.items()]
        sure = [style for style in styles if style is not None]
        return tuple(sorted(sure, key=lambda style: (-style.rate.low, style.name))[: self.most])

    def _style(self, name: str, found: _Descriptor, prior: Prior) -> Mined | None:
        rate = prior.rate_of_group(found.counts, found.pictures)
        if found.pictures < self.min_pictures or prior.mean == 0 or rate.low <= self.min_lift * prior.mean:
            return None
        beside = sorted(found.beside.items(), key=lambda pair: (-pair[1], pair[0]))[:5]
        return Mined(
            name=name,
            words=(name, *(other for other, _ in beside)),
            pictures=found.pictures,
            counts=found.counts,
            rate=rate,
            lift=rate.rate / prior.mean,
            examples=found.examples.chosen(prior.mean),
        )
