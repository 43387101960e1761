"""Opt-outs that came since the datasets were released: the curator writes them down, and all that train must know."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from shared.contracts.blobs import WITHDRAWN, BlobStore


@dataclass
class Withdrawals:
    """What is written down is read anew at most every `every_s` seconds, each opt-out once."""

    blobs: BlobStore
    every_s: float = 15.0
    clock: Callable[[], float] = time.monotonic
    _known: dict[str, str] = field(default_factory=dict)
    _read_at: float = float("-inf")

    def newest(self) -> frozenset[str]:
        """The products that were withdrawn."""
        if self.clock() - self._read_at >= self.every_s:
            for key in self.blobs.keys(WITHDRAWN):
                if key not in self._known:
                    self._known[key] = str(json.loads(self.blobs.get(key))["product_id"])
            self._read_at = self.clock()
        return frozenset(self._known.values())
