"""The bytes behind what an event names as an image: a key of the bucket that may be named, or a URL, read under a cap.

An event comes from outside; the bucket also holds other products' results, datasets, weights and ledgers.
"""

from typing import Protocol

from shared.contracts.blobs import BlobStore
from shared.contracts.errors import BadRequest
from shared.contracts.picture_files.limits import MAX_BYTES

PREFIXES = ("images/", "uploads/")  # content-addressed bytes, and what a platform puts there under names of its own


class ImageFetcher(Protocol):
    """Bytes from a URL a stranger gave. Raises BadImage (never) or Transient (perhaps later)."""

    def fetch(self, url: str) -> bytes:
        """The body at `url`, at most as large as an image may be."""
        ...


def read_source(blobs: BlobStore, fetcher: ImageFetcher, *, key: str | None, url: str | None) -> bytes:
    """The bytes at the key or URL that an event names as an image, a mask or a reference.

    Raises BadRequest for a key that may not be named (`key_not_allowed`) and for more bytes than an image may have
    (`blob_too_heavy`), NotKnown for a key with nothing behind it, BadImage or Transient for a URL.
    """
    return fetcher.fetch(url) if url is not None else _stored(blobs, key or "")


def _stored(blobs: BlobStore, key: str) -> bytes:
    if not may_be_named(key):
        words = f"{key!r} cannot be used as an image: its key must begin with {' or '.join(PREFIXES)}"
        raise BadRequest("key_not_allowed", words)
    return blobs.get(key, most=MAX_BYTES)


def may_be_named(key: str) -> bool:
    """Whether a key lies under a prefix for submitted images, and does not climb out of it."""
    return key.startswith(PREFIXES) and not {"", ".", ".."} & set(key.split("/")[1:])
