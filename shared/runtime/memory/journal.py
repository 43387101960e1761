"""What a log in memory leaves on disk: one line for each message and each commit, so that a restart loses nothing.

Lines are flushed as they are written: they outlive the process, though not a power cut. A last line that was cut off
is left out. When a journal is opened it is written anew without what is over: old messages, outdated commits.
"""

import fcntl
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from aiokafka import TopicPartition  # type: ignore[import-untyped]

from shared.contracts.errors import BadRequest
from shared.contracts.topics import TOPICS
from shared.runtime.records import DEAD_SUFFIX, RETRY_SUFFIX, Headers

_KEPT_MS = {topic.name: topic.retention_ms for topic in TOPICS}
_FOR_EVER = -1
PATIENCE_S, LOOK_S = 10.0, 0.1
_SIDES_MS = 30 * 24 * 60 * 60 * 1000


@dataclass(frozen=True)
class JournalEntry:
    """One message; `at` in milliseconds since 1970."""

    topic: str
    offset: int
    at: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int = 0


@dataclass
class JournalContents:
    """What a journal holds: messages in order, what each group has committed, and the next offset of each topic."""

    entries: list[JournalEntry] = field(default_factory=list)
    commits: dict[tuple[str, TopicPartition], int] = field(default_factory=dict)
    nexts: dict[str, int] = field(default_factory=dict)


class Journal:
    """A file of a log; `kept` is what was there when it was opened.

    One writer at a time: another waits `patience_s`, as the one before may still be ending, and gets BadRequest.
    """

    def __init__(self, path: Path, *, patience_s: float = PATIENCE_S) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(path, time.monotonic() + patience_s)
        self.kept = _without_old(_read(path), int(time.time() * 1000))
        written = path.with_suffix(".writing")
        written.write_text("".join(map(_line, _rows(self.kept))))
        written.replace(path)
        self._file = path.open("a")

    def append(self, entry: JournalEntry) -> None:
        """Keep a message."""
        self._write(_entry_row(entry))

    def commit(self, group: str, place: TopicPartition, offset: int) -> None:
        """Keep how far a group has got: everything of a partition below `offset` is done."""
        self._write(_commit_row(group, place, offset))

    def close(self) -> None:
        """No more lines."""
        self._file.close()
        self._lock.close()

    def _write(self, row: dict[str, Any]) -> None:
        self._file.write(_line(row))
        self._file.flush()


def _lock(path: Path, limit: float) -> TextIO:
    """A file beside it whose lock ends with its holder, however that ends; the journal itself is replaced."""
    lock = path.with_suffix(".lock").open("w")
    while not _taken(lock):
        if time.monotonic() > limit:
            lock.close()
            words = f"another process keeps {path.parent}: stop that one, or take another folder"
            raise BadRequest("state_in_use", words)
        time.sleep(LOOK_S)
    return lock


def _taken(lock: TextIO) -> bool:
    """Whether it is ours now, or the file system has no locks."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _read(path: Path) -> JournalContents:
    kept = JournalContents()
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            _take(kept, json.loads(line))
        except (ValueError, KeyError, TypeError):
            continue  # cut off when the process ended
    return kept


def _take(kept: JournalContents, row: dict[str, Any]) -> None:
    if "group" in row:
        kept.commits[row["group"], TopicPartition(row["topic"], _partition(row))] = int(row["done"])
        return
    topic = row["topic"]
    if "next" in row:
        kept.nexts[topic] = int(row["next"])
        return
    headers = [(name, _bytes(value)) for name, value in row["headers"]]
    key, value = _bytes(row["key"]), _bytes(row["value"])
    kept.entries.append(JournalEntry(topic, row["offset"], row["at"], key, value, headers, _partition(row)))
    kept.nexts[topic] = row["offset"] + 1


def _partition(row: dict[str, Any]) -> int:
    return int(row.get("partition", 0))  # an older journal says none


def _without_old(kept: JournalContents, now_ms: int) -> JournalContents:
    entries = [entry for entry in kept.entries if _lives(entry, now_ms)]
    return JournalContents(entries, kept.commits, kept.nexts)


def _lives(entry: JournalEntry, now_ms: int) -> bool:
    name = entry.topic.removesuffix(RETRY_SUFFIX).removesuffix(DEAD_SUFFIX)
    life = _KEPT_MS.get(entry.topic, _SIDES_MS if name in _KEPT_MS else _FOR_EVER)
    return life == _FOR_EVER or now_ms - entry.at < life


def _rows(kept: JournalContents) -> Iterator[dict[str, Any]]:
    yield from map(_entry_row, kept.entries)
    yield from ({"topic": topic, "next": offset} for topic, offset in kept.nexts.items())
    yield from (_commit_row(group, place, done) for (group, place), done in kept.commits.items())


def _commit_row(group: str, place: TopicPartition, done: int) -> dict[str, Any]:
    return {"group": group, "topic": place.topic, "partition": place.partition, "done": done}


def _entry_row(entry: JournalEntry) -> dict[str, Any]:
    return {
        "topic": entry.topic,
        "partition": entry.partition,
        "offset": entry.offset,
        "at": entry.at,
        "key": _text(entry.key),
        "value": _text(entry.value),
        "headers": _texts(entry.headers),
    }


def _texts(headers: Iterable[tuple[str, bytes | None]]) -> list[tuple[str, str | None]]:
    return [(name, _text(value)) for name, value in headers]


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "surrogateescape")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogateescape")


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row) + "\n"
