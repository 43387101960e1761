"""A platform without Kafka: hands products in by HTTP, to whichever gateway answers."""

import json
import time
from collections.abc import Iterator, Sequence

import httpx

PATIENCE_S = 600.0
PAUSE_S = 0.1


class Visitor:
    """Tries one gateway after the other, with the same `Idempotency-Key`, until a product is accepted."""

    def __init__(self, addresses: Sequence[str], photo: bytes) -> None:
        """`addresses` may change meanwhile."""
        self.accepted: dict[str, float] = {}  # by the gateway's name for it, seconds since 1970
        self._addresses = addresses
        self._photo = photo

    def hand_in(self, names: Iterator[str], *, every_s: float) -> None:
        """Each name as a product of its own. Raises TimeoutError for one that nobody accepts."""
        with httpx.Client(timeout=60, trust_env=False) as client:
            for name in names:
                self.accepted[self._accepted(client, name)] = time.time()
                time.sleep(every_s)

    def _accepted(self, client: httpx.Client, name: str) -> str:
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            for address in list(self._addresses):
                if (product := self._posted(client, address, name)) is not None:
                    return product
            time.sleep(PAUSE_S)
        raise TimeoutError(f"no gateway took `{name}` in {PATIENCE_S:.0f} s")

    def _posted(self, client: httpx.Client, address: str, name: str) -> str | None:
        """None from a gateway that is not there, is leaving, or has an outage behind it."""
        try:
            answer = client.post(
                f"{address}/v1/products",
                files={"file": ("photo.png", self._photo)},
                data={"product_id": name, "scenes": json.dumps([{"seed": 3}])},
                headers={"Idempotency-Key": name},
            )
        except httpx.TransportError:
            return None
        if answer.status_code >= 500 or answer.status_code == 409:  # 409: its first try is still being worked on
            return None
        answer.raise_for_status()
        return str(answer.json()["product_id"])
