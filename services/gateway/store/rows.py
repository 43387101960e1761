"""Rows of the projection to values."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast, get_args

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Text, func, select, type_coerce
from sqlalchemy import cast as as_type
from sqlalchemy.types import NullType

from services.gateway import records as r
from services.gateway.callers.keys import ApiKey
from services.gateway.store import tables as t
from services.gateway.store.moments import in_utc
from shared.contracts import events as e
from shared.contracts.blobs import BlobRef

Tallies = dict[tuple[str, str], r.Tally]
ModelT = TypeVar("ModelT", bound=BaseModel)

SHORT, REMEMBERED = 16 * 1024, 2000  # characters of a text, and texts: some 60 MB at the very worst


def _text(column: Any) -> ColumnElement[str]:
    """A JSON column as it is written, for pydantic to read at once."""
    return as_type(column, Text).label(column.key)


def _raw(column: Any) -> ColumnElement[Any]:
    """A column as the driver has it: what is the same as before is known by that, and need not be read."""
    return type_coerce(column, NullType()).label(column.key)


_PRODUCT, _BACKGROUND = t.ProductRow, t.BackgroundRow
STATUSES: tuple[str, ...] = get_args(r.Status)


def _counted() -> ColumnElement[str]:
    """How many requests of a product have each status, in the order of STATUSES: one text beside its row."""
    first, *rest = (as_type(func.count().filter(_BACKGROUND.status == status), Text) for status in STATUSES)
    words = sum((" " + count for count in rest), first)
    mine = select(words).where(_BACKGROUND.product_id == _PRODUCT.product_id)
    return mine.correlate(_PRODUCT).scalar_subquery().label("counts")


SAID = tuple(map(_text, (_PRODUCT.submitted, _PRODUCT.segmented, _PRODUCT.captioned, _PRODUCT.refusal)))
PRODUCT: tuple[Any, ...] = (
    _PRODUCT.product_id,
    _PRODUCT.tenant,
    _PRODUCT.stage,
    *map(_raw, (_PRODUCT.created, _PRODUCT.updated, _PRODUCT.withdrawn)),
    _counted(),
    *SAID,
)
BACKGROUND: tuple[Any, ...] = (
    _BACKGROUND.product_id,
    _BACKGROUND.request_id,
    _BACKGROUND.tenant,
    _BACKGROUND.status,
    _BACKGROUND.requested,
    _BACKGROUND.answered,
    *map(_text, (_BACKGROUND.scene, _BACKGROUND.generated, _BACKGROUND.rejection)),
)


def product(row: Any) -> r.Product:
    """A product, out of its columns: the very same one while nothing is different."""
    long = max(map(len, filter(None, row[-len(SAID) :])), default=0) > SHORT
    return (_product if long else _same_product)(tuple(row))


def _product(row: tuple[Any, ...]) -> r.Product:
    product_id, tenant, stage, created, updated, withdrawn, counts, submitted, segmented, captioned, refusal = row
    return r.Product(
        product_id=product_id,
        tenant=tenant,
        stage=stage,
        created=in_utc(created),
        updated=in_utc(updated),
        submitted=_said(e.ProductSubmitted, submitted),
        segmented=_said(e.ProductSegmented, segmented),
        captioned=_said(e.ProductCaptioned, captioned),
        refusal=_said(r.Refusal, refusal),
        withdrawn=withdrawn,
        backgrounds=dict(zip(STATUSES, map(int, counts.split()), strict=True)),
    )


_same_product = lru_cache(maxsize=REMEMBERED)(_product)


def background(row: Any, tallies: Tallies) -> r.Background:
    """A request and its answer, out of its columns, with what people thought of the options."""
    mine = {image: tally for (request_id, image), tally in tallies.items() if request_id == row.request_id}
    made = _said(e.BackgroundGenerated, row.generated)
    return r.Background(
        product_id=row.product_id,
        request_id=row.request_id,
        tenant=row.tenant,
        status=row.status,
        scene=_read(e.Scene, row.scene),
        requested=row.requested,
        answered=row.answered,
        generated=made,
        rejection=None if made else _said(r.Refusal, row.rejection),
        tallies=mine,
    )


def _said(kind: type[ModelT], text: str | None) -> ModelT | None:
    return None if text is None else _read(kind, text)


def _read(kind: type[ModelT], text: str) -> ModelT:
    """A column's JSON as what it is. Values are frozen, and looked at again and again: what is short is read once."""
    found = _remembered(kind, text) if len(text) <= SHORT else kind.model_validate_json(text)
    return cast(ModelT, found)


@lru_cache(maxsize=REMEMBERED)
def _remembered(kind: type[BaseModel], text: str) -> BaseModel:
    return kind.model_validate_json(text)


def letter(row: t.DeadLetterRow, replayed: bool) -> r.DeadLetter:
    """A dead letter."""
    return r.DeadLetter(
        place=row.place,
        topic=row.topic,
        key=row.key,
        raw_key=row.raw_key,
        value=row.value,
        reason=row.reason,
        detail=row.detail,
        headers=tuple((str(name), value) for name, value in row.headers),
        service=row.service,
        attempts=row.attempts,
        failed=row.failed,
        replayed=replayed,
    )


def verdict(row: t.SampleRow, image: dict[str, Any] | None) -> r.SampleVerdict:
    """The curator's verdict; the picture only while it is the product's own still."""
    known = None if image is None or image["sha256"] != row.image_sha256 else BlobRef.model_validate(image)
    return r.SampleVerdict(
        product_id=row.product_id,
        image_sha256=row.image_sha256,
        verdict=row.verdict,
        reason=row.reason,
        scores=row.scores,
        told=row.told,
        image=known,
    )


def dataset(row: t.DatasetRow) -> r.Dataset:
    """A version of a dataset."""
    return r.Dataset.model_validate(row, from_attributes=True)


def revisions(found: Sequence[t.RevisionRow]) -> list[r.ModelRevision]:
    """Revisions, each with whether it is the one in use of its model."""
    newest: dict[str, int] = {}
    for row in found:
        newest[row.model] = max(newest.get(row.model, -1), row.sequence)
    return [
        r.ModelRevision.model_validate(
            {
                "model": row.model,
                "revision": row.revision,
                "told": row.told,
                "trained": row.trained,
                "promoted": row.promoted,
                "in_use": row.promoted is not None and row.sequence == newest[row.model],
            }
        )
        for row in found
    ]


def training(row: t.TrainingRow) -> r.Training:
    """A training job."""
    return r.Training.model_validate(row, from_attributes=True)


def api_key(row: Any) -> ApiKey:
    """An API key."""
    return ApiKey(
        key_id=row.key_id,
        tenant=row.tenant,
        name=row.name,
        scopes=frozenset(row.scopes),
        salt=row.salt,
        hash=row.hash,
        created=row.created,
        expires=row.expires,
        revoked=row.revoked,
    )
