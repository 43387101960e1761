"""The BlobStore port over S3 (MinIO locally), through minio-py; the one place that knows its exceptions."""

import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, S3Error, ServerError

from shared.contracts.blobs import BlobRef, check_key, check_weight, digest
from shared.contracts.errors import BackdropError, BadRequest, DependencyDown, NotKnown, Permanent
from shared.runtime.settings import MinioSettings

T = TypeVar("T")

SHA256 = "sha256"
MISSING = {"NoSuchKey", "NoSuchObject", "ResourceNotFound"}
TAKEN = {"PreconditionFailed"}
CONFLICT = {"ConditionalRequestConflict", "OperationAborted"}
BAD_KEY = {"InvalidObjectName", "KeyTooLongError", "XMinioInvalidObjectName", "InvalidBucketName", "EntityTooLarge"}
EVERY_KEY = {
    "NoSuchBucket", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken",
    "AuthorizationHeaderMalformed", "RequestTimeTooSkewed", "AllAccessDisabled", "AccountProblem", "RequestTimeout",
    "SlowDown", "TooManyRequests",
}  # fmt: skip
"""Answers that say nothing of the key: somebody must act or time must pass, and no message is to blame."""

PATIENT = {408, 425, 429}
CONFLICT_TRIES = 5


class MinioBlobs:
    """Objects in one bucket; every object carries its sha256 as metadata. Calls block: make them from a thread.

    Raises BadRequest `endpoint_refused` for an endpoint that is no host:port.
    """

    def __init__(self, settings: MinioSettings) -> None:
        self.bucket = settings.bucket
        self._client = _client(settings)

    def get(self, key: str, most: int | None = None) -> bytes:
        """The bytes at `key`, at most so many."""
        return self._translated(key, lambda: self._get(key, most))

    def put(self, key: str, data: bytes, content_type: str) -> BlobRef:
        """Store `data`, replacing what was there."""
        self._translated(key, lambda: self._put(key, data, content_type, only_if_absent=False))
        return BlobRef(bucket=self.bucket, key=key, sha256=digest(data), size=len(data), content_type=content_type)

    def put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:
        """Store `data` unless `key` exists; of several writers at once exactly one gets True."""
        return self._translated(key, lambda: self._put_if_absent(key, data, content_type))

    def find(self, key: str) -> BlobRef | None:
        """The reference of what is at `key`, or None; an object that somebody else put there is read to be hashed."""
        try:
            stat = self._translated(key, lambda: self._client.stat_object(bucket_name=self.bucket, object_name=key))
        except NotKnown:
            return None
        metadata = {name.lower(): value for name, value in (stat.metadata or {}).items()}
        sha256 = metadata.get(f"x-amz-meta-{SHA256}") or digest(self.get(key))
        content_type = stat.content_type or "application/octet-stream"
        return BlobRef(bucket=self.bucket, key=key, sha256=sha256, size=stat.size or 0, content_type=content_type)

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with `prefix`, sorted as S3 lists them."""
        listed = self._translated(
            None,
            lambda: list(self._client.list_objects(bucket_name=self.bucket, prefix=prefix, recursive=True)),
        )
        yield from sorted(item.object_name for item in listed if item.object_name)

    def trouble(self) -> str | None:
        """What keeps the store from working, in words; None when it works."""
        try:
            there = self._translated(None, lambda: self._client.bucket_exists(bucket_name=self.bucket))
        except BackdropError as error:
            return error.message
        return None if there else f"the bucket {self.bucket} does not exist: provision it"

    def _get(self, key: str, most: int | None) -> bytes:
        response = self._client.get_object(bucket_name=self.bucket, object_name=key)
        try:
            check_weight(key, int(response.headers.get("content-length", 0)), most)
            return bytes(response.read())
        finally:
            response.close()
            response.release_conn()

    def _put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:
        for attempt in range(CONFLICT_TRIES):
            try:
                self._put(key, data, content_type, only_if_absent=True)
            except S3Error as error:
                if error.code in TAKEN:
                    return False
                if error.code not in CONFLICT or attempt == CONFLICT_TRIES - 1:
                    raise
                time.sleep(random.uniform(0.0, 0.1 * 2**attempt))  # two writers met: the store asks to try again
            else:
                return True
        raise AssertionError("the last attempt returns or raises")

    def _put(self, key: str, data: bytes, content_type: str, *, only_if_absent: bool) -> None:
        """One PUT with the headers we mean.

        `Minio.put_object` has no argument for a condition, and `metadata={"If-None-Match": "*"}` is sent as user
        metadata, that is, overwrites silently; so this uses the request method below it. `tests/contract/test_blobs.py`
        fails when that stops working.
        """
        headers: dict[str, str | list[str] | tuple[str]] = {
            "Content-Type": content_type,
            f"x-amz-meta-{SHA256}": digest(data),
        }
        if only_if_absent:
            headers["If-None-Match"] = "*"
        self._client._execute("PUT", bucket_name=self.bucket, object_name=key, body=data, headers=headers)

    def _translated(self, key: str | None, call: Callable[[], T]) -> T:
        """`call()` about a key, or about the bucket, with what minio-py and urllib3 raise turned into ours."""
        if key is not None:
            check_key(key)
        try:
            return call()
        except S3Error as error:
            if error.code == "AccessDenied" and not self._open_at_all():
                raise DependencyDown(
                    "blobs_down", "the blob store refuses everything: check its credentials"
                ) from error
            raise _meaning(error, key) from error
        except InvalidResponseError as error:  # from a proxy in between
            raise _by_status(error._code, f"answers {error._code} in its own words", key) from error
        except (urllib3.exceptions.HTTPError, ServerError, OSError) as error:
            raise DependencyDown("blobs_down", f"the blob store does not answer: {error}") from error
        except ValueError as error:  # minio-py checks names itself
            raise BadRequest("bad_key", f"{key!r} is not a key: {error}") from error

    def _open_at_all(self) -> bool:
        """Whether the credentials are good for the bucket, so that a refusal was about the key."""
        try:
            return bool(self._client.bucket_exists(bucket_name=self.bucket))
        except Exception:
            return False


def _meaning(error: S3Error, key: str | None) -> BackdropError:
    if error.code in MISSING:
        return NotKnown("blob_missing", f"there is nothing at {key}")
    if error.code in BAD_KEY:
        return BadRequest("bad_key", f"the blob store refuses {key!r}: {error.message}")
    if error.code in EVERY_KEY | CONFLICT:
        return DependencyDown("blobs_down", f"the blob store answers {error.code}: {error.message}")
    return _by_status(error.response.status, f"answers {error.code}: {error.message}", key)


def _by_status(status: int, words: str, key: str | None) -> BackdropError:
    """A refusal of this request is the message's; all else (a full disk, an overload) is an outage."""
    if 400 <= status < 500 and status not in PATIENT:
        return Permanent("key_refused", f"the blob store {words} ({key!r})")
    return DependencyDown("blobs_down", f"the blob store {words}")


def _client(settings: MinioSettings) -> Minio:
    try:
        return Minio(
            settings.endpoint,
            access_key=settings.access_key,
            secret_key=settings.secret_key.get_secret_value(),
            secure=settings.secure,
            region=settings.region,
            http_client=urllib3.PoolManager(
                timeout=urllib3.Timeout(connect=settings.connect_timeout_s, read=settings.read_timeout_s),
                maxsize=16,
                retries=urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
            ),
        )
    except ValueError as error:
        words = f"`{settings.endpoint}` is no host:port of an S3 store, such as 127.0.0.1:9000 ({error})"
        raise BadRequest("endpoint_refused", words) from error
