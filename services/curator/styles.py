"""Mining styles: descriptions of backgrounds that people engage with, each with its words, examples and a plate.

A background is described in parts ("on a marble counter, brick wall, morning light"); parts that come up again and
again among engaged pictures, more often than among all, are styles.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from services.curator.records import Sample
from shared.contracts.blobs import BlobRef, BlobStore
from shared.contracts.styles import Plate

_BREAKS = re.compile(r"[,.;:]|\b(?:with|and|in front of|against|beside|under|before|lit by|behind)\b")
_FILLERS = frozenset(
    {"a", "an", "the", "on", "in", "at", "of", "some", "its", "is", "are", "there", "standing", "placed"}
)


class StyleExample(BaseModel):
    """A picture that shows the style."""

    model_config = ConfigDict(frozen=True)

    product_id: str
    image: BlobRef
    score: float


class Style(BaseModel):
    """One mined style. `support`: engaged products that have it; `lift`: how much more often than among all."""

    model_config = ConfigDict(frozen=True)

    name: str
    words: tuple[str, ...]
    support: int
    lift: float
    examples: tuple[StyleExample, ...]
    plate: Plate


class StyleBook(BaseModel):
    """The content of `styles/<version>.json`."""

    model_config = ConfigDict(frozen=True)

    version: str
    dataset_version: str
    styles: tuple[Style, ...]


def descriptors(captions: Iterable[str]) -> frozenset[str]:
    """The parts of a description without filler words, lower case: `marble counter`, `brick wall`, `morning light`."""
    found = set()
    for caption in captions:
        for part in _BREAKS.split(caption.lower()):
            words = [word for word in re.findall(r"[a-z][a-z'-]*", part) if word not in _FILLERS]
            if 1 < len(words) <= 4:
                found.add(" ".join(words))
    return frozenset(found)


@dataclass(frozen=True, kw_only=True)
class MineStyles:
    """Thresholds: a style has at least `min_support` engaged products and `min_lift` (Brin et al. 1997) over all."""

    min_support: int = 3
    min_lift: float = 1.0
    most: int = 24
    examples: int = 4

    def __call__(self, engaged: Sequence[tuple[Sample, float]], kept: Iterable[Sample]) -> tuple[Style, ...]:
        """Styles, the most frequent first. `engaged`: samples with their score, the best first."""
        described = [(sample, score, descriptors(sample.captions)) for sample, score in engaged]
        among_engaged = Counter(part for _, _, parts in described for part in parts)
        among_all, all_samples = Counter[str](), 0
        for sample in kept:
            among_all.update(descriptors(sample.captions))
            all_samples += 1
        lifts = {
            part: (count / len(described)) / (max(among_all[part], count) / max(all_samples, 1))
            for part, count in among_engaged.items()
        }
        ranked = sorted(
            (
                part
                for part, count in among_engaged.items()
                if count >= self.min_support and lifts[part] >= self.min_lift
            ),
            key=lambda part: (-among_engaged[part], -lifts[part], part),
        )
        return tuple(self._style(part, described, lifts[part]) for part in ranked[: self.most])

    def _style(self, part: str, described: list[tuple[Sample, float, frozenset[str]]], lift: float) -> Style:
        showing = [(sample, score, parts) for sample, score, parts in described if part in parts]
        beside = Counter(other for _, _, parts in showing for other in parts if other != part)
        words = (part, *(other for other, _ in sorted(beside.items(), key=lambda pair: (-pair[1], pair[0]))[:5]))
        examples = tuple(
            StyleExample(product_id=sample.product_id, image=sample.image, score=round(score, 6))
            for sample, score, _ in showing[: self.examples]
        )
        return Style(
            name=part, words=words, support=len(showing), lift=round(lift, 4), examples=examples,
            plate=_plate(part, words, showing[0][0]),
        )  # fmt: skip


def _plate(name: str, words: tuple[str, ...], best: Sample) -> Plate:
    """An entry as in `plates.json`; its file is the best example's key, with the product still in it."""
    return Plate(
        id=f"mined-{name.replace(' ', '-')}", style=name, file=best.image.key, width=best.image.width or 0,
        height=best.image.height or 0, words=words, captions=best.captions,
    )  # fmt: skip


def put_styles(blobs: BlobStore, styles: tuple[Style, ...], *, dataset_version: str) -> BlobRef:
    """Write `styles/<version>.json`; the version is the hash of the styles, so the same ones are written once."""
    content = json.dumps([style.model_dump(mode="json") for style in styles], sort_keys=True)
    version = hashlib.sha256(content.encode()).hexdigest()[:12]
    book = StyleBook(version=version, dataset_version=dataset_version, styles=styles)
    return blobs.put(f"styles/{version}.json", book.model_dump_json(indent=1).encode(), "application/json")
