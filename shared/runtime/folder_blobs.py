"""The BlobStore port over a folder: for the embedded mode, notebooks and tests."""

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from shared.contracts.blobs import BlobRef, check_key, check_weight, digest
from shared.contracts.errors import BackdropError, DependencyDown, NotKnown, Permanent

CONTENT_TYPES = ".content-types"
REFUSALS = {errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP}


class FolderBlobs:
    """Files under `root/bucket/<key>`. Writes go to a temporary file first, so a reader sees all of it or none."""

    def __init__(self, root: Path, bucket: str) -> None:
        self.bucket = bucket
        self._folder = root / bucket
        self._types = root / CONTENT_TYPES / bucket
        self._folder.mkdir(parents=True, exist_ok=True)

    def get(self, key: str, most: int | None = None) -> bytes:
        """The bytes at `key`, at most so many."""
        try:
            path = self._path(key)
            check_weight(key, path.stat().st_size, most)
            return path.read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise NotKnown("blob_missing", f"there is nothing at {key}") from error
        except OSError as error:
            raise _meaning(error, key) from error

    def put(self, key: str, data: bytes, content_type: str) -> BlobRef:
        """Store `data`, replacing what was there."""
        self._write(key, data, content_type, replace=True)
        return self._reference(key, data, content_type)

    def put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:
        """Store `data` unless `key` exists; of several writers at once exactly one gets True."""
        return self._write(key, data, content_type, replace=False)

    def find(self, key: str) -> BlobRef | None:
        """The reference of what is at `key`, or None."""
        try:
            data = self.get(key)
        except NotKnown:
            return None
        return self._reference(key, data, self._content_type(key))

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with `prefix`, sorted; only the folder that the prefix names is looked through."""
        folder = prefix.rpartition("/")[0]
        within = self._path(folder) if folder else self._folder
        found = (path for path in within.rglob("*") if path.is_file() and not path.name.startswith(".writing-"))
        names = (path.relative_to(self._folder).as_posix() for path in found)
        yield from sorted(name for name in names if name.startswith(prefix))

    def trouble(self) -> str | None:
        """What keeps the store from working, in words; None when it works."""
        return None if os.access(self._folder, os.W_OK) else f"cannot write to {self._folder}"

    def _path(self, key: str) -> Path:
        check_key(key)
        return self._folder / key

    def _write(self, key: str, data: bytes, content_type: str, *, replace: bool) -> bool:
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._remember_type(key, content_type)
            return _write_atomically(path, data, replace=replace)
        except OSError as error:
            raise _meaning(error, key) from error

    def _remember_type(self, key: str, content_type: str) -> None:
        note = self._types / f"{key}.json"
        note.parent.mkdir(parents=True, exist_ok=True)
        _write_atomically(note, json.dumps({"content_type": content_type}).encode(), replace=True)

    def _content_type(self, key: str) -> str:
        try:
            return str(json.loads((self._types / f"{key}.json").read_bytes())["content_type"])
        except FileNotFoundError:
            return "application/octet-stream"

    def _reference(self, key: str, data: bytes, content_type: str) -> BlobRef:
        return BlobRef(bucket=self.bucket, key=key, sha256=digest(data), size=len(data), content_type=content_type)


def _write_atomically(path: Path, data: bytes, *, replace: bool) -> bool:
    handle, name = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            temporary.replace(path)
            return True
        return _link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _link(temporary: Path, path: Path) -> bool:
    try:
        os.link(temporary, path)  # fails when the name is taken: the file system's own compare-and-set
    except FileExistsError:
        return False
    return True


def _meaning(error: OSError, key: str) -> BackdropError:
    """A key that this file system cannot have is refused; a full, read-only or broken one is down for every key."""
    if error.errno in REFUSALS:
        return Permanent("key_refused", f"the blob folder refuses {key[:100]!r}: {error.strerror}")
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    return DependencyDown("blobs_full" if full else "blobs_down", f"the blob folder does not answer: {error.strerror}")
