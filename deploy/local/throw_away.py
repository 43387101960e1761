"""Places of a stack that is gone afterwards: with its owner, or with the next such stack where the owner was killed."""

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from deploy.local.places import Places, apart
from deploy.local.processes import started, stop

PREFIX, OWNER = "backdrop-apart-", "owner"
STOP_S = 5.0  # nobody wants their data


@contextmanager
def places_apart() -> Iterator[Places]:
    """Places in a new folder, which is gone afterwards."""
    sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o755)  # PostgreSQL may run as another user
    with owned(folder):
        try:
            yield apart(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Say by a lock that somebody lives who will clear it; the lock ends with this process, however that ends."""
    with (folder / f"{OWNER}.new").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / f"{OWNER}.new").rename(folder / OWNER)  # under this name it was never without its lock
        yield


def sweep(within: Path) -> None:
    """Stop what runs in folders whose owner is dead, and remove them."""
    for owner in within.glob(f"{PREFIX}*/{OWNER}"):
        # it lives, is another user's, or is gone by now
        with contextlib.suppress(OSError, psutil.Error), owner.open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _clear(owner.parent)


def _clear(folder: Path) -> None:
    places = Places(var=folder)
    for name in started(places):
        stop(name, places, patience_s=STOP_S)
    shutil.rmtree(folder, ignore_errors=True)
