"""Local copies of what the store has: those that were used longest ago go, once all are more than shall be kept."""

import fcntl
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

Use = Callable[[str], Path]
"""The folder of a copy by its name below the root: a new one, or what is there by now."""


@dataclass(frozen=True)
class LocalCopies:
    """Folders below `root` that match one of `patterns`; at most `most_bytes` of those that nobody uses are kept.

    Who uses one holds a lock on its folder, which ends with his process at the latest: processes may share a root.
    Where the file system has no locks nothing is removed.
    """

    root: Path
    patterns: tuple[str, ...]
    most_bytes: int = 0

    @contextmanager
    def in_use(self) -> Iterator[Use]:
        """What is asked for inside of the block stays until its end; what is too much goes before and after it."""
        self._trim()
        try:
            with ExitStack() as held:
                yield lambda name: _held(self.root / name, held)
        finally:
            self._trim()

    def _trim(self) -> None:
        with suppress(OSError):  # others tidy up as well: what goes meanwhile, and what is too much still, has time
            sizes = {path: _size(path) for path in sorted(self._found(), key=_last_used)}
            excess = sum(sizes.values()) - self.most_bytes
            for path, size in sizes.items():
                if excess > 0 and _removed(path):
                    log.info("a local copy goes, used longest ago", extra={"folder": str(path), "bytes": size})
                    excess -= size

    def _found(self) -> set[Path]:
        found = {path for pattern in self.patterns for path in self.root.glob(pattern)}
        return {path for path in found if path.is_dir() and not path.is_symlink()}


def _held(folder: Path, held: ExitStack) -> Path:
    """The folder, locked; one that another process removes meanwhile is made anew."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as lock, suppress(FileNotFoundError):
            opened = os.open(folder, os.O_RDONLY)
            lock.callback(os.close, opened)
            with suppress(OSError):  # without locks nobody removes anything
                fcntl.flock(opened, fcntl.LOCK_SH)
            if os.path.samestat(os.fstat(opened), folder.stat()):
                os.utime(folder)
                held.push(lock.pop_all())
                return folder


def _removed(folder: Path) -> bool:
    """Whether it went: not while somebody uses it."""
    with ExitStack() as lock, suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        lock.callback(os.close, opened)
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
        return True
    return False


def _last_used(folder: Path) -> int:
    return folder.stat().st_mtime_ns


def _size(folder: Path) -> int:
    """Bytes of the files in it."""
    return sum(path.lstat().st_size for path in folder.rglob("*"))
