"""Which products a tenant was seen to have: who asks for one more background waits for no database to say it again.

Pure. A product that was spoken of stays known; where a rebuild has lost its events, the stage that paints answers.
"""

import threading
from dataclasses import dataclass, field

from cachetools import LRUCache

MOST = 10_000


@dataclass
class MetProducts:
    """Of this process; those met longest ago are forgotten, and looked up again."""

    _met: LRUCache[tuple[str, str], None] = field(default_factory=lambda: LRUCache(MOST))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, tenant: str, product_id: str) -> None:
        """A product of this tenant was looked up."""
        with self._lock:
            self._met[tenant, product_id] = None

    def __contains__(self, owned: tuple[str, str]) -> bool:
        """Whether a tenant has a product, as far as was seen here."""
        return owned in self._met
