"""A blob store in memory, held to the same contract as the real ones."""

from collections.abc import Iterator
from threading import Lock

from shared.contracts.blobs import BlobRef, check_key, check_weight, digest
from shared.contracts.errors import DependencyDown, NotKnown


class MemoryBlobs:
    """A dict of key to bytes; `down = True` makes every call answer as an outage does."""

    def __init__(self, bucket: str = "backdrop") -> None:
        self.bucket = bucket
        self.down = False
        self.stored: dict[str, tuple[bytes, str]] = {}
        self._lock = Lock()

    def get(self, key: str, most: int | None = None) -> bytes:
        """The bytes at `key`, at most so many."""
        self._answer(key)
        if key not in self.stored:
            raise NotKnown("blob_missing", f"there is nothing at {key}")
        check_weight(key, len(self.stored[key][0]), most)
        return self.stored[key][0]

    def put(self, key: str, data: bytes, content_type: str) -> BlobRef:
        """Store `data`, replacing what was there."""
        self._answer(key)
        self.stored[key] = (bytes(data), content_type)
        return self._reference(key)

    def put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:
        """Store `data` unless `key` exists."""
        self._answer(key)
        with self._lock:
            absent = key not in self.stored
            if absent:
                self.stored[key] = (bytes(data), content_type)
            return absent

    def find(self, key: str) -> BlobRef | None:
        """The reference of what is at `key`, or None."""
        self._answer(key)
        return self._reference(key) if key in self.stored else None

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with `prefix`, sorted."""
        self._answer()
        yield from sorted(key for key in self.stored if key.startswith(prefix))

    def _reference(self, key: str) -> BlobRef:
        data, content_type = self.stored[key]
        return BlobRef(bucket=self.bucket, key=key, sha256=digest(data), size=len(data), content_type=content_type)

    def _answer(self, key: str | None = None) -> None:
        if key is not None:
            check_key(key)
        if self.down:
            raise DependencyDown("blobs_down", "the fake blob store is switched off")
