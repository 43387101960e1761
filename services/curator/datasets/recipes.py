"""How a shard was made: a line of JSON for each sample, from which the sample is made again, byte for byte."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from services.curator.datasets.selection import Split
from services.curator.records import EngagedPicture, Review, Sample


@dataclass(frozen=True)
class DatasetItem:
    """One member to be: whose it is, and what to read."""

    product_id: str
    key: str
    source: Sample | EngagedPicture | Review
    score: float | None = None


@dataclass(frozen=True)
class Step:
    """One line of a recipe."""

    item: DatasetItem
    split: Split


_LINE = TypeAdapter(Step)


def line_of(item: DatasetItem, split: Split) -> bytes:
    """What decides the bytes of a member, and nothing else: the same member has the same line."""
    return _LINE.dump_json(Step(replace(item, source=_bare(item.source)), split)) + b"\n"


def steps_of(recipe: bytes) -> Iterator[Step]:
    """The lines of a recipe."""
    return (_LINE.validate_json(line) for line in recipe.splitlines())


def _bare(source: Sample | EngagedPicture | Review) -> Sample | EngagedPicture | Review:
    if isinstance(source, Sample):
        return _bare_sample(source)
    if isinstance(source, EngagedPicture):
        picture = source.picture
        shown = _bare_sample(picture) if isinstance(picture, Sample) else picture
        return replace(source, picture=shown, windows=(), category="", merchant="")
    return source


def _bare_sample(sample: Sample) -> Sample:
    return replace(sample, revision=0, phash=None, embedding=None, category="", merchant="")
