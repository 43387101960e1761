"""Packing a dataset: its items in portions, each made into members, all cut into shards; whoever does the work."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

from services.curator.books import ReleaseBook
from services.curator.datasets.contents import MemberReader, product_items
from services.curator.datasets.recipes import DatasetItem
from services.curator.datasets.selection import Splits
from services.curator.datasets.shards import Member, Shard
from services.curator.key_ranges import KeyRange, key_ranges
from services.curator.records import Picture
from shared.contracts.blobs import BlobStore, digest
from shared.contracts.datasets import DatasetKind, ShardEntry
from shared.contracts.errors import Permanent

PORTION = 100  # items that are made at once: seconds of work, and megabytes

H = TypeVar("H")
Piece = tuple[H, int, int]
"""Members of one portion: where they are, the first, and the one past the last."""


@dataclass(frozen=True)
class Portion:
    """A part of a dataset's items: those of a range of keys, read by whoever makes them, or those that are told."""

    keys: KeyRange | None = None
    items: tuple[DatasetItem, ...] = ()

    def read(self, book: ReleaseBook) -> Iterator[DatasetItem]:
        """Its items, in their order."""
        return iter(self.items) if self.keys is None else product_items(book.kept(self.keys))


def ranges(kept: int) -> Iterator[Portion]:
    """All kept samples, of which there are about so many; keys are hashes, so that equal ranges hold equally many."""
    return (Portion(keys) for keys in key_ranges(max(1, kept // PORTION)))


def told(items: Iterable[DatasetItem]) -> Iterator[Portion]:
    """Items that somebody has read."""
    left = iter(items)
    while page := tuple(islice(left, PORTION)):
        yield Portion(items=page)


@dataclass(frozen=True)
class Supplies:
    """What making members takes."""

    book: ReleaseBook
    reader: MemberReader


@dataclass(frozen=True)
class Made:
    """What is remembered of a portion: every item's picture, what was left out, and how large each member is."""

    pictures: list[Picture] = field(default_factory=list)
    splits: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    sizes: list[int] = field(default_factory=list)


def make(portion: Portion, kind: DatasetKind, splits: Splits, supplies: Supplies) -> tuple[Made, list[Member]]:
    """The members of a portion. Those that can never be made are left out and counted: one keeps no other back."""
    made, members = Made(), list[Member]()
    for item in portion.read(supplies.book):
        split = splits[item.product_id]
        made.pictures.append((item.product_id, item.key))
        made.splits[split] += 1
        try:
            members.append(supplies.reader.member(item, kind, split))
        except Permanent as error:
            made.missing[f"left_out.{error.reason}"] += 1
    made.sizes.extend(member.size for member in members)
    return made, members


def edges(portion: Portion, book: ReleaseBook) -> tuple[str, ...]:
    """The products of a portion that may decide who is held out."""
    return Splits.edges(item.product_id for item in portion.read(book))


def cut(made: Iterable[tuple[H, Sequence[int]]], limit: int) -> Iterator[list[Piece[H]]]:
    """What belongs into each shard of about `limit` bytes: members in their order, by the sizes of every portion's."""
    held, size = list[Piece[H]](), 0
    for where, sizes in made:
        first = 0
        for place, one in enumerate(sizes):
            if (held or place > first) and size + one > limit:
                yield held + _piece(where, first, place)
                held, first, size = [], place, 0
            size += one
        held += _piece(where, first, len(sizes))
    if held:
        yield held


def _piece(where: H, first: int, past: int) -> list[Piece[H]]:
    return [(where, first, past)] if past > first else []


def packed(pieces: Iterable[Piece[list[Member]]]) -> Shard:
    """A shard of the pieces, in their order."""
    return Shard.of([member for members, first, past in pieces for member in members[first:past]])


def entry_of(number: int, shard: Shard) -> ShardEntry:
    """What a manifest says of a shard."""
    return ShardEntry(
        path=f"shard-{number:05d}.tar",
        sha256=digest(shard.data),
        size=len(shard.data),
        samples=shard.samples,
        recipe=digest(shard.recipe),
    )


class Hands(Protocol):
    """Who does the work of a release. Whoever it is, the same bytes come out."""

    def products(self, portions: Iterable[Portion]) -> Iterator[str]:
        """The `edges` of all portions."""
        ...

    def make(self, portions: Iterable[Portion], kind: DatasetKind, splits: Splits) -> Iterator[tuple[Made, Any]]:
        """What is remembered of each portion, in turn, and where its members are."""
        ...

    def pack(self, cuts: Iterable[list[Piece[Any]]], room: Path) -> Iterator[tuple[ShardEntry, Any]]:
        """A shard of each cut, and where it lies until it is put. `room` is a folder for it."""
        ...

    def put(self, prefix: str, shards: Iterable[tuple[ShardEntry, Any]]) -> None:
        """Store shards and their recipes."""
        ...


@dataclass(frozen=True)
class OwnHands:
    """This process. Shards lie in the folder: a dataset may be larger than memory, its version is known at the end."""

    supplies: Supplies

    def products(self, portions: Iterable[Portion]) -> Iterator[str]:
        """One portion after the other."""
        for portion in portions:
            yield from edges(portion, self.supplies.book)

    def make(
        self, portions: Iterable[Portion], kind: DatasetKind, splits: Splits
    ) -> Iterator[tuple[Made, list[Member]]]:
        """In memory: those of a portion, and of the shard that it goes into."""
        for portion in portions:
            yield make(portion, kind, splits, self.supplies)

    def pack(self, cuts: Iterable[list[Piece[list[Member]]]], room: Path) -> Iterator[tuple[ShardEntry, Path]]:
        """Into the folder."""
        (room / "recipes").mkdir()
        for number, pieces in enumerate(cuts):
            shard = packed(pieces)
            entry = entry_of(number, shard)
            (room / entry.path).write_bytes(shard.data)
            (room / entry.recipe_path).write_bytes(shard.recipe)
            yield entry, room

    def put(self, prefix: str, shards: Iterable[tuple[ShardEntry, Path]]) -> None:
        """One after the other."""
        for entry, room in shards:
            put_shard(
                self.supplies.reader.blobs,
                prefix,
                entry,
                (room / entry.path).read_bytes(),
                (room / entry.recipe_path).read_bytes(),
            )


def put_shard(blobs: BlobStore, prefix: str, entry: ShardEntry, data: bytes, recipe: bytes) -> None:
    """Store a shard and its recipe; repeated, it stores the same."""
    blobs.put(prefix + entry.path, data, "application/x-tar")
    blobs.put(prefix + entry.recipe_path, recipe, "application/jsonl")
