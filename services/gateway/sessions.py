"""The page's session: which key it came in with, signed, in a cookie that no other site's request carries. Pure."""

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass

COOKIE = "backdrop_session"


@dataclass(frozen=True)
class Sessions:
    """Writes and reads what the cookie holds: a key's id and until when."""

    secret: str
    life_s: int = 12 * 3600
    clock: Callable[[], float] = time.time

    def write(self, key_id: str) -> str:
        """A session of a key."""
        until = int(self.clock()) + self.life_s
        return f"{key_id}.{until}.{self._signature(key_id, until)}"

    def read(self, cookie: str) -> str | None:
        """The id of the key; None for what is forged or over."""
        key_id, _, rest = cookie.partition(".")
        until, _, signature = rest.partition(".")
        if not (until.isascii() and until.isdigit() and len(until) < 16) or int(until) < self.clock():
            return None
        ours = self._signature(key_id, int(until)).encode()  # as bytes: compare_digest takes text of ASCII only
        return key_id if hmac.compare_digest(ours, signature.encode()) else None

    def _signature(self, key_id: str, until: int) -> str:
        text = f"session\n{key_id}\n{until}"
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
