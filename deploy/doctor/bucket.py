"""Whether the blob store answers, has the bucket, and keeps the one promise everything rests on: If-None-Match."""

from collections.abc import Iterator

from deploy.doctor.findings import Diagnosis
from shared.contracts.blobs import BlobStore
from shared.contracts.errors import BackdropError

KEY = "jobs/doctor/probe.json"  # written by whoever may write there; the same bytes each time


def check_bucket(blobs: BlobStore, *, trouble: str | None) -> Iterator[Diagnosis]:
    """`trouble` is what the store says of itself, None when it is well."""
    if trouble is not None:
        yield Diagnosis("bucket", trouble=trouble, remedy="check MINIO_*, then python -m deploy.provision")
        return
    yield Diagnosis("bucket", said="there")
    yield from check_conditional_writes(blobs)


def check_conditional_writes(blobs: BlobStore) -> Iterator[Diagnosis]:
    """A second write "only if absent" must lose: on stores that ignore the condition, work would be done twice."""
    try:
        blobs.put_if_absent(KEY, b"{}", "application/json")
        won = blobs.put_if_absent(KEY, b"{}", "application/json")
    except BackdropError as error:
        yield Diagnosis(
            "bucket", trouble=f"{KEY} cannot be written: {error.message}", remedy="run it with the operator's key"
        )
        return
    if won:
        trouble = "the store ignores If-None-Match, so two workers could both believe that they were first"
        yield Diagnosis(
            "bucket", trouble=trouble, remedy="use a store that honours it (MinIO, AWS S3, R2, recent Ceph)"
        )
    else:
        yield Diagnosis("bucket", said="honours If-None-Match")
