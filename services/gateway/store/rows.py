"""Rows of the projection to values."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.gateway import records as r
from services.gateway.keys import ApiKey
from services.gateway.store import own_tables as own
from services.gateway.store import tables as t
from services.gateway.store.moments import in_zone
from shared.contracts.blobs import BlobRef

Tallies = dict[tuple[str, str], r.Tally]


def product(row: t.ProductRow, counts: Mapping[str, int]) -> r.Product:
    """A product with the counts of its requests; what a later stage of the same revision repeats is left aside."""
    submitted, segmented, captioned = row.submitted, row.segmented, row.captioned
    if captioned and all(captioned["revision"] >= one["revision"] for one in (submitted, segmented) if one):
        submitted = segmented = None
    return r.Product.model_validate({
        "product_id": row.product_id, "tenant": row.tenant, "stage": row.stage, "created": in_zone(row.created),
        "updated": in_zone(row.updated), "submitted": submitted, "segmented": segmented, "captioned": captioned,
        "refusal": row.refusal, "withdrawn": row.withdrawn, "backgrounds": counts,
    })  # fmt: skip


def background(row: t.BackgroundRow, tallies: Tallies) -> r.Background:
    """A request and its answer, with what people thought of the options."""
    mine = {image: tally for (request_id, image), tally in tallies.items() if request_id == row.request_id}
    return r.Background.model_validate({
        "product_id": row.product_id, "request_id": row.request_id, "tenant": row.tenant, "status": row.status,
        "scene": row.scene, "requested": in_zone(row.requested),
        "answered": None if row.answered is None else in_zone(row.answered), "generated": row.generated,
        "rejection": None if row.generated else row.rejection, "tallies": mine,
    })  # fmt: skip


def letter(row: t.DeadLetterRow, replayed: bool) -> r.DeadLetter:
    """A dead letter."""
    return r.DeadLetter(
        place=row.place, topic=row.topic, key=row.key, raw_key=row.raw_key, value=row.value, reason=row.reason,
        detail=row.detail, headers=tuple((str(name), value) for name, value in row.headers), service=row.service,
        attempts=row.attempts, failed=in_zone(row.failed), replayed=replayed,
    )  # fmt: skip


def verdict(row: t.SampleRow, image: dict[str, Any] | None) -> r.Verdict:
    """The curator's verdict; the picture only while it is the product's own still."""
    known = None if image is None or image["sha256"] != row.image_sha256 else BlobRef.model_validate(image)
    return r.Verdict(
        product_id=row.product_id, image_sha256=row.image_sha256, verdict=row.verdict, reason=row.reason,
        scores=row.scores, told=in_zone(row.told), image=known,
    )  # fmt: skip


def dataset(row: t.DatasetRow) -> r.Dataset:
    """A version of a dataset."""
    return r.Dataset.model_validate({"told": in_zone(row.told), "event": row.event})


def revisions(found: Sequence[t.RevisionRow]) -> list[r.ModelRevision]:
    """Revisions, each with whether it is the one in use of its model."""
    newest: dict[str, int] = {}
    for row in found:
        newest[row.model] = max(newest.get(row.model, -1), row.sequence)
    return [
        r.ModelRevision.model_validate({
            "model": row.model, "revision": row.revision, "told": in_zone(row.told), "trained": row.trained,
            "promoted": row.promoted, "in_use": row.promoted is not None and row.sequence == newest[row.model],
        })
        for row in found
    ]  # fmt: skip


def training(row: t.TrainingRow) -> r.Training:
    """A training job."""
    return r.Training.model_validate({
        "job_id": row.job_id, "stage": row.stage, "step": row.step, "steps": row.steps, "loss": row.loss,
        "told": in_zone(row.told), "failure": row.failure,
    })  # fmt: skip


def api_key(row: own.KeyRow) -> ApiKey:
    """An API key."""
    return ApiKey(
        key_id=row.key_id, tenant=row.tenant, name=row.name, scopes=frozenset(row.scopes),  # type: ignore[arg-type]
        salt=row.salt, hash=row.hash, created=in_zone(row.created),
        expires=None if row.expires is None else in_zone(row.expires),
        revoked=None if row.revoked is None else in_zone(row.revoked),
    )  # fmt: skip
