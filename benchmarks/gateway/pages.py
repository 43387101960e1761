"""The process of the pages: open event streams, and how late events are."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection

from benchmarks.gateway.serving import Served
from benchmarks.served import HOST

TIMED = 10  # pages that look at the time


@dataclass
class Arrivals:
    """What the pages heard: events, and of some pages seconds from an event's time until it was there."""

    events: int = 0
    late_s: list[float] = field(default_factory=list)


def process(told: Connection, served: Served, pages: int) -> None:
    """Open streams; `told` hears when they are open, asks for the end, and hears what came meanwhile."""
    asyncio.run(_listen(told, served, pages))


async def _listen(told: Connection, served: Served, pages: int) -> None:
    heard, opened = Arrivals(), [asyncio.Event() for _ in range(pages)]
    tasks = [asyncio.create_task(_page(served, heard, ready, n < TIMED)) for n, ready in enumerate(opened)]
    await asyncio.gather(*(ready.wait() for ready in opened))
    told.send(None)
    await asyncio.to_thread(told.recv)
    for task in tasks:
        task.cancel()
    told.send(heard)


async def _page(served: Served, heard: Arrivals, ready: asyncio.Event, times: bool) -> None:
    """One open event stream. Few of them look at times: who measures shall have little else to do."""
    reader, writer = await asyncio.open_connection(HOST, served.gateway, limit=2**20)
    head = f"GET /v1/events HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {served.key}\r\n\r\n"
    writer.write(head.encode())
    while part := await (reader.readline() if times else reader.read(2**16)):
        ready.set()
        heard.events += part.count(b"data: {")
        if times and part.startswith(b"data: "):
            said = json.loads(part[6:])
            heard.late_s.append(time.time() - datetime.fromisoformat(said["time"]).timestamp())
    raise ConnectionError("the gateway ended a stream")
