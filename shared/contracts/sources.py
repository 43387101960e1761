"""Which keys of the bucket an event may name as its images, and the bytes there, read under a cap.

An event comes from outside; the bucket also holds other products' results, datasets, weights and ledgers.
"""

from shared.contracts.blobs import BlobStore
from shared.contracts.errors import BadRequest
from shared.contracts.picture_files.limits import MAX_BYTES

PREFIXES = ("images/", "uploads/")  # content-addressed bytes, and what a platform puts there under names of its own


def read_source(blobs: BlobStore, key: str) -> bytes:
    """The bytes at a key that an event names as an image, a mask or a reference.

    Raises BadRequest for a key that may not be named (`key_not_allowed`) and for more bytes than an image may have
    (`blob_too_heavy`), NotKnown for a key with nothing behind it.
    """
    if not may_be_named(key):
        words = f"{key!r} cannot be used as an image: its key must begin with {' or '.join(PREFIXES)}"
        raise BadRequest("key_not_allowed", words)
    return blobs.get(key, most=MAX_BYTES)


def may_be_named(key: str) -> bool:
    """Whether a key lies under a prefix for submitted images, and does not climb out of it."""
    return key.startswith(PREFIXES) and not {"", ".", ".."} & set(key.split("/")[1:])
