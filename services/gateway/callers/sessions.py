"""The page's session: a random word in a cookie that no other site's request carries, known here by its hash. Pure.

The word has 256 random bits, so a plain SHA-256 is enough: there is nothing to guess.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.gateway.callers.keys import ApiKey

COOKIE = "backdrop_session"
LIFE = timedelta(hours=12)


@dataclass(frozen=True)
class PageSession:
    """What is kept of a session."""

    hash: str
    key_id: str
    until: datetime


class SessionBook(Protocol):
    """The sessions that were begun and not ended. All raise DependencyDown in an outage."""

    def begin_session(self, begun: PageSession) -> None:
        """A page has come in."""
        ...

    def key_in_session(self, hash: str, now: datetime) -> ApiKey | None:
        """The key that a page came in with, while its session lasts."""
        ...

    def end_session(self, hash: str) -> None:
        """The page has left."""
        ...


def new_session(key_id: str, now: datetime) -> tuple[PageSession, str]:
    """A session of a key, and the word for its cookie, which exists nowhere else."""
    word = secrets.token_urlsafe(32)
    return PageSession(hashed(word), key_id, now + LIFE), word


def hashed(word: str) -> str:
    """The hash of a cookie's word."""
    return hashlib.sha256(word.encode("utf-8", "surrogateescape")).hexdigest()
