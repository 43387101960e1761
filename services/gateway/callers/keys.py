"""API keys: made, hashed, recognised. Only who holds the key knows its secret; the database knows a hash. Pure.

A secret has 256 random bits, so one salted HMAC-SHA256 with a pepper is enough: there is nothing to guess.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from services.gateway.callers.tenants import DEFAULT

Scope = Literal["submit", "read", "review", "operate", "admin"]
SCOPES: frozenset[Scope] = frozenset(get_args(Scope))
PREFIX = "bk"
_KEY = re.compile(r"^bk_([0-9a-f]{12})_([0-9a-f]{64})$")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who asks: a tenant, under a key of some name; `key_id` is what rates are counted by."""

    tenant: str
    name: str
    key_id: str
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        """Whether the key has this scope; `admin` has all of its tenant.

        Letters, models and roll-backs concern every tenant: only the house's own, `default`, can operate.
        """
        if scope == "operate" and self.tenant != DEFAULT:
            return False
        return scope in self.scopes or "admin" in self.scopes


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """What is kept of a key."""

    key_id: str
    tenant: str
    name: str
    scopes: frozenset[Scope]
    salt: str
    hash: str
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None

    def trouble(self, now: datetime) -> str | None:
        """Why the key opens nothing now; None when it does."""
        if self.revoked is not None:
            return "this key was revoked; ask for another"
        if self.expires is not None and self.expires <= now:
            return f"this key expired on {self.expires.date().isoformat()}; ask for another"
        return None

    @property
    def identity(self) -> Identity:
        """Who comes with this key."""
        return Identity(tenant=self.tenant, name=self.name, key_id=self.key_id, scopes=self.scopes)


def make_key(
    *, tenant: str, name: str, scopes: Iterable[Scope], pepper: str, now: datetime, expires: datetime | None = None
) -> tuple[ApiKey, str]:
    """A new key, and the words to give to its holder, which exist nowhere else."""
    key_id, secret, salt = secrets.token_hex(6), secrets.token_hex(32), secrets.token_hex(16)
    key = ApiKey(
        key_id=key_id,
        tenant=tenant,
        name=name,
        scopes=frozenset(scopes),
        salt=salt,
        hash=hashed(secret, salt, pepper),
        created=now,
        expires=expires,
    )
    return key, f"{PREFIX}_{key_id}_{secret}"


def parse_key(words: str) -> tuple[str, str] | None:
    """Id and secret of what looks like a key."""
    found = _KEY.match(words)
    return (found[1], found[2]) if found else None


def hashed(secret: str, salt: str, pepper: str) -> str:
    """The hash that is kept of a secret."""
    return hmac.new(pepper.encode(), f"{salt}{secret}".encode(), hashlib.sha256).hexdigest()


def opens(key: ApiKey, secret: str, pepper: str) -> bool:
    """Whether this is the key's secret; takes as long for a wrong one."""
    return hmac.compare_digest(key.hash, hashed(secret, key.salt, pepper))
