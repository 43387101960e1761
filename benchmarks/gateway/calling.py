"""Calls at moments of their own: who waits for one answer before the next question meets a stall once, and not as
often as people do."""

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.gateway.serving import PAGE, Served
from benchmarks.served import HOST

WARM_S = 3.0
CONNECTIONS = 2  # of each kind, to begin with
LEAST = "bare `{}`"
Asked = tuple[str, str, bytes | None]
ASKED: dict[str, Asked] = {
    "GET a product": ("GET", "/v1/products/p7", None),
    f"GET {PAGE} products": ("GET", f"/v1/products?limit={PAGE}", None),
    "GET a background": ("GET", "/v1/products/p7/backgrounds/r7", None),
    "POST a background": ("POST", "/v1/products/p8/backgrounds", b'{"prompt": "on oak"}'),
}


@dataclass
class Line:
    """One kind of call to one application: kept connections, and the seconds of every call."""

    port: int
    request: bytes
    free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)

    async def open(self) -> None:
        """One more connection."""
        self.free.append(await asyncio.open_connection(HOST, self.port))

    async def call(self, counts: bool) -> None:
        """Ask, until the whole answer is there; nobody queues behind another's call."""
        if not self.free:
            await self.open()
        reader, writer = self.free.pop()
        began = time.perf_counter()
        writer.write(self.request)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.split()[1] in (b"200", b"202"), answer
        length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
        if counts:
            self.took_s.append(time.perf_counter() - began)
        self.free.append((reader, writer))


def lines(served: Served) -> dict[tuple[str, bool], Line]:
    """By the kind of call, and whether it is the bare route."""
    made = {
        (name, bare): Line(served.bare if bare else served.gateway, _request(served, asked))
        for name, asked in ASKED.items()
        for bare in (False, True)
    }
    return {(LEAST, True): Line(served.bare, _request(served, ("GET", "/", None))), **made}


def _request(served: Served, asked: Asked) -> bytes:
    method, path, body = asked
    head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {served.key}\r\n"
    more = "" if body is None else f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}{more}\r\n".encode() + (body or b"")


async def measure(served: Served, *, rate: float, seconds: float) -> dict[tuple[str, bool], list[float]]:
    """Seconds of every call, `rate` of each kind a second on average."""
    opened = lines(served)
    for line in opened.values():
        for _ in range(CONNECTIONS):
            await line.open()
    async with asyncio.TaskGroup() as calls:
        for number, line in enumerate(opened.values()):
            calls.create_task(_asking(calls, line, list(_moments(rate, seconds + WARM_S, random.Random(number)))))
    return {name: line.took_s for name, line in opened.items()}


async def _asking(calls: asyncio.TaskGroup, line: Line, moments: list[float]) -> None:
    began = time.perf_counter()
    for moment in moments:
        await asyncio.sleep(max(0.0, began + moment - time.perf_counter()))
        calls.create_task(line.call(moment > WARM_S))


def _moments(rate: float, until_s: float, dice: random.Random) -> Iterator[float]:
    """Seconds from the start, as people ask who know nothing of each other."""
    moment = dice.expovariate(rate)
    while moment < until_s:
        yield moment
        moment += dice.expovariate(rate)
