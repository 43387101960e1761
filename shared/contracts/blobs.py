"""Where bytes live: the blob reference, the BlobStore port, and the layout of keys in a bucket."""

import hashlib
import re
from collections.abc import Iterator
from typing import Annotated, Protocol
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.errors import BadRequest, NotKnown

LONGEST_SAFE = 240  # room for extensions below the 255 bytes of a file name
LONGEST_SEGMENT = 255  # bytes: of a file name on Linux and macOS, and of a part of a key in MinIO
LONGEST_KEY = 1024  # bytes, as S3 has it

WITHDRAWN = "datasets/~withdrawn/"

_CUT = re.compile(rf".{{{LONGEST_SAFE - 35},{LONGEST_SAFE - 33}}}~[0-9a-f]{{32}}")  # what `safe` makes of long names

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class BlobRef(BaseModel):
    """A reference to stored bytes, as it travels in events; `width` and `height` (pixels) for images only."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    bucket: str = Field(min_length=3)
    key: str = Field(min_length=1, max_length=1024)
    sha256: Sha256
    size: int = Field(ge=0, description="bytes")
    content_type: str = "application/octet-stream"
    width: int | None = Field(default=None, ge=1)
    height: int | None = Field(default=None, ge=1)


class BlobStore(Protocol):
    """Bytes by key in one bucket. Raises NotKnown for a missing key, DependencyDown when the store does not answer."""

    bucket: str

    def get(self, key: str, most: int | None = None) -> bytes:
        """The bytes at `key`; when there are more than `most`, BadRequest(`blob_too_heavy`) and none is read."""
        ...

    def put(self, key: str, data: bytes, content_type: str) -> BlobRef:
        """Store `data`, replacing what was there; atomic: a reader sees all of it or none."""
        ...

    def put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:
        """Store `data` unless `key` exists; True when this call stored it (`If-None-Match: *`)."""
        ...

    def find(self, key: str) -> BlobRef | None:
        """The reference of what is at `key`, or None."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with `prefix`, sorted."""
        ...


def fetch(blobs: BlobStore, ref: BlobRef) -> bytes:
    """The bytes behind a reference, verified: raises NotKnown(`blob_changed`) when they are not the bytes it names."""
    data = blobs.get(ref.key)
    if digest(data) != ref.sha256:
        raise NotKnown("blob_changed", f"the bytes at {ref.key} are not the ones the event names (sha256 differs)")
    return data


def check_weight(key: str, size: int, most: int | None) -> None:
    """Raise BadRequest when there are more bytes at a key than are to be read."""
    if most is not None and size > most:
        words = f"there are {size / 1e6:.0f} MB at {key}; at most {most / 1e6:.0f} MB are taken"
        raise BadRequest("blob_too_heavy", words)


def digest(data: bytes) -> str:
    """sha256 of `data` in hex."""
    return hashlib.sha256(data).hexdigest()


def safe(name: str) -> str:
    """A name as one path segment: everything but letters, digits, `_.-~` is percent-encoded, and no dots lead.

    What becomes longer than `LONGEST_SAFE` is cut and ends in a hash of the whole: a store takes 255 bytes at most,
    and a product id of 29 Chinese characters has more. So does a name that looks as if it had been cut: two names
    never have the same segment.
    """
    quoted = quote(name, safe="", errors="surrogatepass")
    quoted = quoted.replace(".", "%2E", 1) if quoted.startswith(".") else quoted
    if len(quoted) <= LONGEST_SAFE and not _CUT.fullmatch(quoted):
        return quoted
    readable = quoted[: LONGEST_SAFE - 33]
    whole = readable[: readable.rindex("%")] if "%" in readable[-2:] else readable
    return f"{whole}~{digest(name.encode('utf-8', 'surrogatepass'))[:32]}"


def check_key(key: str) -> None:
    """Raise BadRequest(`bad_key`) for what is no key in every store: empty, too long, or on its way out of it."""
    parts = key.split("/")
    if not key or key.startswith("/") or ".." in parts or any(character < " " for character in key):
        raise BadRequest("bad_key", f"{key[:100]!r} is not a key inside the store")
    try:
        lengths = [len(part.encode()) for part in parts]
    except UnicodeEncodeError as error:
        raise BadRequest("bad_key", f"{key[:100]!r} is not a key: {error.reason}") from error
    if max(lengths) > LONGEST_SEGMENT or sum(lengths) + len(parts) - 1 > LONGEST_KEY:
        raise BadRequest("bad_key", f"{key[:100]!r}… is longer than a key may be")


def image_key(sha256: str, extension: str) -> str:
    """Submitted bytes, content-addressed; `extension` without the dot."""
    return f"images/{sha256}.{extension}"


def mask_key(image_sha256: str, segmenter: str, mask_sha256: str) -> str:
    """A mask of an image by a segmenter version, content-addressed: two that differ never share a key."""
    return f"masks/{image_sha256}/{safe(segmenter)}-{mask_sha256[:16]}.png"


def product_prefix(product_id: str) -> str:
    """Folder of a product's stage manifests."""
    return f"products/{safe(product_id)}/"


def stage_key(product_id: str, stage: str) -> str:
    """Stage manifest of a product: what was made, from what, by which version."""
    return f"{product_prefix(product_id)}{safe(stage)}.json"


def dataset_prefix(name: str, version: str) -> str:
    """Folder of a released dataset."""
    return f"datasets/{safe(name)}/{safe(version)}/"


def withdrawn_key(product_id: str) -> str:
    """The note of an opt-out, for trainings that began before it came."""
    return f"{WITHDRAWN}{safe(product_id)}.json"


def job_prefix(job_id: str) -> str:
    """The trainer's ledger of one job."""
    return f"jobs/{safe(job_id)}/"


def model_prefix(name: str, revision: str) -> str:
    """Weights, card and metrics of one model revision."""
    return f"models/{safe(name)}/{safe(revision)}/"


def background_prefix(request_id: str) -> str:
    """Outputs and manifest of one request."""
    return f"backgrounds/{safe(request_id)}/"
