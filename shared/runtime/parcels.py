"""Events that leave together: in one batch for each partition, which costs Kafka's client less than each by itself."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from aiokafka.partitioner import DefaultPartitioner  # type: ignore[import-untyped]

PARTITIONER = DefaultPartitioner()


class Sealed(Protocol):
    """An event as bytes; without a partition of its own it goes where its key belongs."""

    body: bytes
    key: bytes
    headers: Sequence[tuple[str, bytes | None]]
    partition: int | None


KeyT = TypeVar("KeyT", bound=Hashable)
SealedT = TypeVar("SealedT", bound=Sealed)


def grouped(events: Iterable[SealedT], by: Callable[[SealedT], KeyT]) -> Iterable[tuple[KeyT, list[SealedT]]]:
    """Groups of events, each in the order in which they were said."""
    groups: dict[KeyT, list[SealedT]] = {}
    for event in events:
        groups.setdefault(by(event), []).append(event)
    return groups.items()


def place_of(event: Sealed, partitions: Sequence[int]) -> int:
    """The partition it asks for, else the one in which every client of Kafka looks for its key."""
    if event.partition is not None:
        return event.partition
    place: int = PARTITIONER(event.key, partitions, partitions)
    return place


def batches(empty: Callable[[], Any], events: Sequence[SealedT]) -> Iterator[tuple[Any, Sequence[SealedT]]]:
    """Events of one partition in as few of aiokafka's batches as they fit in, each with the events it holds."""
    begun = 0
    while begun < len(events):
        batch, ended = empty(), begun
        while ended < len(events) and _fits(batch, events[ended]):
            ended += 1
        yield batch, events[begun:ended]
        begun = ended


def _fits(batch: Any, event: Sealed) -> bool:
    """Whether it is in there now; the first always is, however long."""
    taken = batch.append(timestamp=None, key=event.key, value=event.body, headers=event.headers)
    return taken is not None
