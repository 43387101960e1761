"""Packing by the processes of a Ray cluster (`backdrop[ray]`): shards lie in Ray's store until they are put.

Every task is a function of its portion and the blobs, so that Ray may repeat it on another machine when one dies.
"""

import functools
import os
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Self, TypeVar

import ray
from ray import cloudpickle
from ray.exceptions import RayError, RayTaskError

from services.curator.datasets.packing import Made, Piece, Portion, Supplies, edges, entry_of, make, packed, put_shard
from services.curator.datasets.selection import Splits
from services.curator.datasets.shards import Member
from shared.contracts.datasets import DatasetKind, ShardEntry
from shared.contracts.errors import DependencyDown

AHEAD = 2  # tasks for each processor that wait or run
TRIES = 3  # of a task whose database or store did not answer
HERE = "127.0.0.1"
PATIENCE_S = 20.0
STARTS = 5
QUIET = {"log_to_driver": False, "logging_level": "error", "ignore_reinit_error": True}

T = TypeVar("T")


class RayHands:
    """Many processes, of a cluster or of this machine. `supplies` is called once in each of them.

    `address`: of a cluster, as `ray start` says it; None starts processes here, which nobody else can reach. `cores`:
    of this machine, all when None.
    """

    def __init__(
        self, supplies: Callable[[], Supplies], *, address: str | None = None, cores: int | None = None
    ) -> None:
        _join(address, cores)
        self._supplies = cloudpickle.dumps(supplies)
        self._ahead = max(1, AHEAD * int(ray.cluster_resources().get("CPU", 1)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        ray.shutdown()

    def products(self, portions: Iterable[Portion]) -> Iterator[str]:
        """The edges of all portions, read by whoever has time."""
        for found in self._ordered(EDGES.remote(self._supplies, one) for one in portions):
            yield from _got(found)

    def make(self, portions: Iterable[Portion], kind: DatasetKind, splits: Splits) -> Iterator[tuple[Made, Any]]:
        """Only what is remembered comes here; members go from who made them to who packs them."""
        for made, members in self._ordered(MAKE.remote(self._supplies, one, kind, splits) for one in portions):
            yield _got(made), members

    def pack(self, cuts: Iterable[list[Piece[Any]]], room: Path) -> Iterator[tuple[ShardEntry, Any]]:
        """Shards stay with who packed them: the folder is not needed."""
        begun = (
            PACK.remote(number, [(first, past) for _, first, past in pieces], *[members for members, _, _ in pieces])
            for number, pieces in enumerate(cuts)
        )
        for entry, data, recipe in self._ordered(begun):
            yield _got(entry), (data, recipe)

    def put(self, prefix: str, shards: Iterable[tuple[ShardEntry, Any]]) -> None:
        """By whoever has a shard."""
        for done in self._ordered(PUT.remote(self._supplies, prefix, entry, *held) for entry, held in shards):
            _got(done)

    def _ordered(self, begun: Iterable[T]) -> Iterator[T]:
        """What was begun, in its order, and only so far ahead of who asks that memory stays flat."""
        waiting = deque[T]()
        for one in begun:
            waiting.append(one)
            if len(waiting) > self._ahead:
                yield waiting.popleft()
        yield from waiting


def _join(address: str | None, cores: int | None) -> None:
    """Ray tells its makers nothing of what runs here, and keeps its own log to itself."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        if address is None:
            _start(cores)
        else:
            _knock(address)
            ray.init(address=address, **QUIET)
    except Exception as error:  # Ray raises no narrower class when its processes are late
        words = f"no Ray answers at {address or 'this machine'}: {str(error).splitlines()[0]}"
        raise DependencyDown("ray_down", words) from error


def _start(cores: int | None) -> None:
    """Ray gives its own processes half a minute, which is short on a busy machine."""
    for left in reversed(range(STARTS)):
        try:
            ray.init(num_cpus=cores, include_dashboard=False, _node_ip_address=HERE, **QUIET)
            return
        except Exception:
            ray.shutdown()
            if not left:
                raise


def _knock(address: str) -> None:
    """Ray itself tries for minutes where nobody answers."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), PATIENCE_S).close()


def _got(found: Any) -> Any:
    """What a task returned, or what it raised as if it had been raised here."""
    try:
        return ray.get(found)
    except RayTaskError as error:
        raise error.cause from error
    except RayError as error:
        raise DependencyDown("ray_down", f"Ray gave up: {str(error).splitlines()[0]}") from error


@functools.cache
def _opened(supplies: bytes) -> Supplies:
    """Of this process: connections last from task to task."""
    found = cloudpickle.loads(supplies)()
    assert isinstance(found, Supplies)
    return found


def _edges(supplies: bytes, portion: Portion) -> tuple[str, ...]:
    return edges(portion, _opened(supplies).book)


def _make(supplies: bytes, portion: Portion, kind: DatasetKind, splits: Splits) -> tuple[Made, list[Member]]:
    return make(portion, kind, splits, _opened(supplies))


def _pack(number: int, places: list[tuple[int, int]], *made: list[Member]) -> tuple[ShardEntry, bytes, bytes]:
    shard = packed((members, first, past) for (first, past), members in zip(places, made, strict=True))
    return entry_of(number, shard), shard.data, shard.recipe


def _put(supplies: bytes, prefix: str, entry: ShardEntry, data: bytes, recipe: bytes) -> None:
    put_shard(_opened(supplies).reader.blobs, prefix, entry, data, recipe)


def _task(function: Callable[..., Any], returns: int = 1) -> Any:
    again = {"max_retries": TRIES, "retry_exceptions": [DependencyDown]}
    return ray.remote(num_returns=returns, **again)(function)


EDGES, MAKE, PACK, PUT = _task(_edges), _task(_make, 2), _task(_pack, 3), _task(_put)
