"""What each event changes of the requests for backgrounds: in one statement, as every request waits for one of them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from services.gateway.callers.tenants import tenant_of
from services.gateway.store import tables as t
from shared.contracts import events as e
from shared.contracts.identity import scene_request_id

ROWS: Any = t.BackgroundRow.__table__


def _told(new: Any, *, counts: Collection[str] = (), unless_made: Collection[str] = ()) -> Any:
    """A new row; of a known one the first time that anybody spoke of it, what `counts`, and an answer to what has none.

    `unless_made`: what an answer consists of, which changes nothing where options were made.
    """
    said, known = new.excluded, ROWS.c
    first = case((said.requested < known.requested, said.requested), else_=known.requested)
    answer = {name: case((known.generated.is_(None), said[name]), else_=known[name]) for name in unless_made}
    changes = {"requested": first, **{name: said[name] for name in counts}, **answer}
    return new.on_conflict_do_update(index_elements=[known.product_id, known.request_id], set_=changes)


def _statements(new: Any) -> dict[str, Any]:
    return {
        "with_photo": _told(new),
        "requested": _told(new, counts=["scene"]),
        "generated": _told(new, unless_made=["status", "generated", "answered"]),
        "rejected": _told(new, unless_made=["status", "rejection", "answered"]),
    }


STATEMENTS = {"sqlite": _statements(sqlite_insert(ROWS)), "postgresql": _statements(postgres_insert(ROWS))}


def with_photo(here: Connection, event: e.ProductSegmented, told: datetime) -> None:
    """Scenes that came with a photo, whose ids are known once its bytes are."""
    given = event.segmentation.given_mask
    for index, scene in enumerate(event.scenes):
        request_id = scene_request_id(event.product_id, event.image.sha256, given, index, scene)
        _tell(here, "with_photo", _row(event.product_id, request_id, scene, told))


def requested(here: Connection, event: e.BackgroundRequested, told: datetime) -> None:
    """One more scene; what was asked counts, whatever its answer says of it."""
    _tell(here, "requested", _row(event.product_id, event.request_id, event.scene, told))


def generated(here: Connection, event: e.BackgroundGenerated, told: datetime) -> None:
    """Ranked options; the first answer counts."""
    row = _row(event.product_id, event.request_id, event.scene, told)
    _tell(here, "generated", {**row, "status": "generated", "generated": t.dumped(event), "answered": told})


def rejected(here: Connection, event: e.BackgroundRejected, told: datetime) -> None:
    """No background; one that was made stays made."""
    row = _row(event.product_id, event.request_id, event.scene, told)
    why = {"reason": event.reason, "detail": event.detail}
    _tell(here, "rejected", {**row, "status": "rejected", "rejection": why, "answered": told})


def _tell(here: Connection, how: str, row: dict[str, Any]) -> None:
    here.execute(STATEMENTS[here.dialect.name][how], row)


def _row(product_id: str, request_id: str, scene: e.Scene, told: datetime) -> dict[str, Any]:
    return {
        "product_id": product_id,
        "request_id": request_id,
        "tenant": tenant_of(product_id),
        "status": "requested",
        "scene": t.dumped(scene),
        "requested": told,
        "answered": None,
        "generated": None,
        "rejection": None,
    }
