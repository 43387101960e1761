"""Clicks answered by a segmenter's /refine, over HTTP: the stack's own, at an address of the settings.

A photo is sent once, and named by its sha256 in the clicks after that, until the segmenter does not hold it any more.
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
import numpy as np
from cachetools import LRUCache

from services.gateway.ports import Click, Corners
from shared.contracts.errors import BadRequest, Transient
from shared.contracts.images import Pixels, decode_photo

TIMEOUT_S = 10.0
KEPT = 24  # names of photos that were sent: more than a segmenter holds


@dataclass(frozen=True)
class HttpRefiner:
    """`url`: of a segmenter's /refine; connections are kept, as clicks come one after another."""

    url: str
    timeout_s: float = TIMEOUT_S
    client: httpx.Client = field(default_factory=httpx.Client)
    _sent: LRUCache[str, None] = field(default_factory=lambda: LRUCache(KEPT))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refine(self, picture: bytes, sha256: str, clicks: Sequence[Click], box: Corners | None) -> Pixels:
        """The soft mask (H, W). Raises BadRequest for clicks that find nothing, Transient in an outage."""
        asked = [{"x": click.x, "y": click.y, "keep": click.keep} for click in clicks]
        parameters = {"clicks": json.dumps(asked), **({"box": json.dumps(box)} if box else {})}
        answer = self._named(parameters, sha256)
        if answer is None:
            answer = self._with_file(parameters, picture, sha256)
        if answer.status_code == 422:
            said = answer.json()
            raise BadRequest(str(said.get("reason")), str(said.get("detail")))
        if answer.status_code != 200:
            raise Transient("refiner_failed", f"the segmenter answers {answer.status_code} to clicks")
        return np.ascontiguousarray(decode_photo(answer.content).rgb[..., 0])  # grey: its three channels are the same

    def _named(self, parameters: dict[str, str], sha256: str) -> httpx.Response | None:
        """The answer for a photo that was sent before; None for a new one, and for one that is not held any more."""
        with self._lock:
            if sha256 not in self._sent:
                return None
        answer = self._answer({**parameters, "photo": json.dumps(sha256)}, b"")
        return None if answer.status_code == 404 else answer

    def _with_file(self, parameters: dict[str, str], picture: bytes, sha256: str) -> httpx.Response:
        answer = self._answer(parameters, picture)
        with self._lock:
            self._sent[sha256] = None
        return answer

    def _answer(self, parameters: dict[str, str], content: bytes) -> httpx.Response:
        try:
            return self.client.post(self.url, params=parameters, content=content, timeout=self.timeout_s)
        except httpx.HTTPError as error:
            raise Transient("refiner_silent", f"the segmenter does not answer clicks now: {error!r}") from error
