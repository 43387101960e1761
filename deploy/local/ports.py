"""Free ports, each for one taker: held while its process lives, outside the range that outgoing connections use."""

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from pathlib import Path

HOST = "127.0.0.1"
LOWEST, HIGHEST = 10_000, 60_000
RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
CHANCE = random.Random()  # of its own: tests seed the common one alike in every process

_held: dict[int, TextIOWrapper] = {}


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on, and that no process which asked here gets while this one lives. Raises OSError."""
    chosen = [port for _, port in zip(range(count), _takeable(_candidates()), strict=False)]
    if len(chosen) < count:
        raise OSError(f"no {count} free ports between {LOWEST} and {HIGHEST} on {HOST}")
    return chosen


def _candidates() -> list[int]:
    """In an order of their own; where the system leaves none to listeners, all of them."""
    ports, outgoing = range(LOWEST, HIGHEST), _outgoing()
    quiet = [port for port in ports if port not in outgoing]
    return CHANCE.sample(quiet or ports, len(quiet or ports))


def _outgoing() -> range:
    """What the system gives to connections that go out: a server's port may be gone before it listens."""
    try:
        first, last = RANGE.read_text().split()
    except (OSError, ValueError):
        return range(32_768, 61_000)
    return range(int(first), int(last) + 1)


def _takeable(ports: Iterable[int]) -> Iterator[int]:
    return (port for port in ports if _take(port))


def _take(port: int) -> bool:
    """Hold it by a lock that ends with this process, however it ends."""
    folder = Path(tempfile.gettempdir()) / f"backdrop-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    lock = (folder / str(port)).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with socket.socket() as probe:
            probe.bind((HOST, port))
    except OSError:
        lock.close()
        return False
    _held[port] = lock
    return True
