"""What each event changes of the requests for backgrounds; in statements, as every request waits for one of them.

Whoever writes holds the head, so a row that was looked at stays as it is until it is written.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from services.gateway.callers.tenants import tenant_of
from services.gateway.store import tables as t
from shared.contracts import events as e
from shared.contracts.identity import scene_request_id

ROWS: Any = t.BackgroundRow.__table__
PLACE = (ROWS.c.product_id == bindparam("of_product"), ROWS.c.request_id == bindparam("of_request"))
ONE = select(ROWS.c.requested, ROWS.c.generated.is_not(None).label("made")).where(*PLACE)
NEW = insert(ROWS)
CHANGE = update(ROWS).where(*PLACE)
NOTHING: Mapping[str, Any] = {}


def _asked_again(new: Any) -> Any:
    """One statement, new or known: the scene as it was asked counts, and the first time that anybody spoke of it."""
    asked, known = new.excluded, ROWS.c
    first = case((asked.requested < known.requested, asked.requested), else_=known.requested)
    place = [known.product_id, known.request_id]
    return new.on_conflict_do_update(index_elements=place, set_={"scene": asked.scene, "requested": first})


ASKED = {"sqlite": _asked_again(sqlite_insert(ROWS)), "postgresql": _asked_again(postgres_insert(ROWS))}


def with_photo(here: Connection, event: e.ProductSegmented, told: datetime) -> None:
    """Scenes that came with a photo, whose ids are known once its bytes are."""
    for index, scene in enumerate(event.scenes):
        request_id = scene_request_id(event.product_id, event.image.sha256, index, scene)
        _tell(here, event.product_id, request_id, scene, told)


def requested(here: Connection, event: e.BackgroundRequested, told: datetime) -> None:
    """One more scene; what was asked counts, whatever its answer says of it."""
    here.execute(ASKED[here.dialect.name], _new(event.product_id, event.request_id, event.scene, told))


def generated(here: Connection, event: e.BackgroundGenerated, told: datetime) -> None:
    """Ranked options; the first answer counts."""
    said = {"status": "generated", "generated": t.dumped(event), "answered": told}
    _tell(here, event.product_id, event.request_id, event.scene, told, unless_made=said)


def rejected(here: Connection, event: e.BackgroundRejected, told: datetime) -> None:
    """No background; one that was made stays made."""
    why = {"reason": event.reason, "detail": event.detail}
    said = {"status": "rejected", "answered": told, "rejection": why}
    _tell(here, event.product_id, event.request_id, event.scene, told, unless_made=said)


def _tell(
    here: Connection,
    product_id: str,
    request_id: str,
    scene: e.Scene,
    told: datetime,
    *,
    unless_made: Mapping[str, Any] = NOTHING,
) -> None:
    place = {"of_product": product_id, "of_request": request_id}
    known = here.execute(ONE, place).first()
    if known is None:
        here.execute(NEW, {**_new(product_id, request_id, scene, told), **unless_made})
        return
    answer = NOTHING if known.made else unless_made
    here.execute(CHANGE, {**place, "requested": min(known.requested, told), **answer})


def _new(product_id: str, request_id: str, scene: e.Scene, told: datetime) -> dict[str, Any]:
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
