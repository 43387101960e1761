"""What each event changes of the requests for backgrounds; in statements, as every request waits for one of them.

Whoever writes holds the head, so a row that was looked at stays as it is until it is written.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

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


def with_photo(session: Session, event: e.ProductSegmented, told: datetime) -> None:
    """Scenes that came with a photo, whose ids are known once its bytes are."""
    for index, scene in enumerate(event.scenes):
        request_id = scene_request_id(event.product_id, event.image.sha256, index, scene)
        _tell(session, event.product_id, request_id, scene, told)


def requested(session: Session, event: e.BackgroundRequested, told: datetime) -> None:
    """One more scene; what was asked counts, whatever its answer says of it."""
    said = {"scene": t.dumped(event.scene)}
    _tell(session, event.product_id, event.request_id, event.scene, told, always=said)


def generated(session: Session, event: e.BackgroundGenerated, told: datetime) -> None:
    """Ranked options; the first answer counts."""
    said = {"status": "generated", "generated": t.dumped(event), "answered": told}
    _tell(session, event.product_id, event.request_id, event.scene, told, unless_made=said)


def rejected(session: Session, event: e.BackgroundRejected, told: datetime) -> None:
    """No background; one that was made stays made."""
    why = {"reason": event.reason, "detail": event.detail}
    said = {"status": "rejected", "answered": told, "rejection": why}
    _tell(session, event.product_id, event.request_id, event.scene, told, unless_made=said)


def _tell(
    session: Session,
    product_id: str,
    request_id: str,
    scene: e.Scene,
    told: datetime,
    *,
    always: Mapping[str, Any] = NOTHING,
    unless_made: Mapping[str, Any] = NOTHING,
) -> None:
    here, place = session.connection(), {"of_product": product_id, "of_request": request_id}
    known = here.execute(ONE, place).first()
    if known is None:
        here.execute(NEW, {**_new(product_id, request_id, scene, told), **always, **unless_made})
        return
    answer = NOTHING if known.made else unless_made
    here.execute(CHANGE, {**place, "requested": min(known.requested, told), **always, **answer})


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
