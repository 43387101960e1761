"""Short-lived links to stored bytes: signed, so that an <img> needs no key, and the same for some minutes. Pure."""

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

SIZES = (160, 480, 960)
STEP_S = 300
KEPT = 20_000  # links in memory, some 4 MB


@dataclass(frozen=True)
class SignedLinks:
    """Links under `/v1/files/` that end between `life_s` and `life_s` + 5 minutes from now."""

    secret: str
    life_s: int = 900
    clock: Callable[[], float] = time.time

    def url(self, key: str, size: int | None = None) -> str:
        """A link to the bytes at a key, or to a thumbnail whose longer side has at most `size` pixels."""
        return _address(self.secret, key, size, self.until)

    @property
    def until(self) -> int:
        """When links that are made now end: the same for five minutes."""
        return (int(self.clock()) // STEP_S + 1) * STEP_S + self.life_s

    def holds(self, key: str, size: int | None, until: int, signature: str) -> bool:
        """Whether a link is one of ours. Compared as bytes: compare_digest takes text of ASCII only."""
        ours = _signature(self.secret, key, size, until)
        return hmac.compare_digest(ours.encode(), signature.encode())

    def over(self, until: int) -> bool:
        """Whether its time is up."""
        return self.clock() > until


@lru_cache(maxsize=KEPT)
def _address(secret: str, key: str, size: int | None, until: int) -> str:
    """The same for some minutes, and asked for with every look at a page."""
    shape = "" if size is None else f"&size={size}"
    return f"/v1/files/{quote(key)}?until={until}{shape}&signature={_signature(secret, key, size, until)}"


def _signature(secret: str, key: str, size: int | None, until: int) -> str:
    text = f"file\n{key}\n{size}\n{until}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:40]
