"""What whoever runs a gateway does with keys: make, look at, rotate, revoke. Pure but for the book it is given."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.gateway.callers.keys import SCOPES, ApiKey, Scope, make_key
from services.gateway.callers.tenants import DEFAULT, is_tenant
from services.gateway.ports import KeyBook
from shared.contracts.errors import BadRequest, NotKnown


def create_key(
    book: KeyBook,
    *,
    tenant: str,
    name: str,
    scopes: Sequence[Scope],
    pepper: str,
    now: datetime,
    days: int | None = None,
) -> str:
    """A new key's words, which are shown this once. Raises BadRequest."""
    if not is_tenant(tenant):
        raise BadRequest("tenant_invalid", "a tenant's name is lower case, begins with a letter, and has 40 at most")
    if not scopes or not set(scopes) <= SCOPES:
        raise BadRequest("scope_unknown", f"scopes are {', '.join(sorted(SCOPES))}")
    if "operate" in scopes and tenant != DEFAULT:
        raise BadRequest("scope_unknown", f"`operate` concerns all tenants: give it to a key of `{DEFAULT}`")
    expires = None if days is None else now + timedelta(days=days)
    key, words = make_key(tenant=tenant, name=name[:100], scopes=scopes, pepper=pepper, now=now, expires=expires)
    book.put_key(key)
    return words


def rotate_key(book: KeyBook, key_id: str, *, pepper: str, now: datetime, overlap_hours: float = 24.0) -> str:
    """The words of a key like this one, which ends after the overlap. Raises NotKnown, BadRequest for a dead one."""
    old = _known(book, key_id)
    trouble = old.trouble(now)
    if trouble is not None:
        raise BadRequest("key_over", f"{trouble}; make a new one")
    life = None if old.expires is None else old.expires - old.created
    expires = None if life is None else now + life
    new, words = make_key(tenant=old.tenant, name=old.name, scopes=old.scopes, pepper=pepper, now=now, expires=expires)
    end = now + timedelta(hours=overlap_hours)
    book.put_key(new)
    book.put_key(_changed(old, expires=min(end, old.expires or end)))
    return words


def revoke_key(book: KeyBook, key_id: str, now: datetime) -> None:
    """It opens nothing from now on; done again, nothing changes. Raises NotKnown."""
    key = _known(book, key_id)
    book.put_key(_changed(key, revoked=key.revoked or now))


def described(key: ApiKey, now: datetime) -> str:
    """One line about a key."""
    state = key.trouble(now) or ("for ever" if key.expires is None else f"until {key.expires.date().isoformat()}")
    return f"{key.key_id}  {key.tenant:<20} {key.name:<20} {','.join(sorted(key.scopes)):<28} {state}"


def _known(book: KeyBook, key_id: str) -> ApiKey:
    key = book.key(key_id)
    if key is None:
        raise NotKnown("key_unknown", f"there is no key {key_id}: python -m services.gateway keys list")
    return key


def _changed(key: ApiKey, **changes: datetime) -> ApiKey:
    return ApiKey(**{**key.__dict__, **changes})
