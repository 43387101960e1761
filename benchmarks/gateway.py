"""200 pages with live progress at one gateway, and what API calls take meanwhile, beside a bare FastAPI route.

    python -m benchmarks.gateway [--pages 200] [--seconds 20] [--events 4]

One process serves both: the gateway over SQLite and the broker in memory, and on a second port an application whose one
route returns `{}`. This process holds the event streams and calls one after the other over kept connections, each round
in an order of its own, so that all of them meet the same events. Status 1 where a call's p95 is above 50 ms or above
three times that of the bare route: run it on two cores that do nothing else (half a minute).
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from services.gateway.app import assemble, keep_for_good
from services.gateway.doors.api import make_api
from services.gateway.settings import GatewaySettings
from shared.contracts import events as e
from shared.contracts.blobs import BlobRef
from shared.contracts.topics import topic_of
from shared.runtime.broker import Broker, make_broker
from shared.runtime.folder_blobs import FolderBlobs
from shared.runtime.memory.broker import memory_broker
from shared.runtime.settings import KafkaSettings

RESULTS = Path(__file__).parent / "results" / "gateway.md"
HOST = "127.0.0.1"
PRODUCTS = 200
START_S = 120.0
LIMIT_MS, LIMIT_RATIO = 50.0, 3.0
WARM_S = 3.0
TIMED = 10  # pages that look at the time
BARE = "bare FastAPI route"
CALLS = {
    BARE: (1, "GET", "/", None),
    "GET a product": (0, "GET", "/v1/products/p7", None),
    "GET 50 products": (0, "GET", "/v1/products?limit=50", None),
    "GET a background": (0, "GET", "/v1/products/p7/backgrounds/r7", None),
    "POST a background": (0, "POST", "/v1/products/p8/backgrounds", b'{"prompt": "on oak"}'),
}


def ref(name: str) -> BlobRef:
    """Stored bytes that nobody reads here."""
    return BlobRef(bucket="backdrop", key=f"images/{name}.png", sha256=f"{abs(hash(name)):064x}"[:64], size=1)


def story(number: int) -> list[e.Event]:
    """What the services say of one product and its one request."""
    name, facts = f"p{number}", e.ProductFacts(title=f"Product {number}")
    found = e.Segmentation(mask=ref(f"m{number}"), confidence=0.9, segmenter="s")
    caption = e.Caption(product_short="p", product_long="p", background_short="b", background_long="b", captioner="c")
    scores = e.Scores(expansion=0, shrinkage=0, seam=0, adherence=1, judge=1)
    options = tuple(
        e.GeneratedImage(image=ref(f"o{number}-{n}"), seed=n, prompt="on oak", scores=scores, model="mini@1")
        for n in range(4)
    )
    captioned = e.ProductCaptioned(
        product_id=name, image=ref(name), facts=facts, segmentation=found, caption=caption, revision=1
    )
    generated = e.BackgroundGenerated(
        product_id=name,
        request_id=f"r{number}",
        scene=e.Scene(),
        photo=ref(name),
        mask=ref(f"m{number}"),
        images=options,
    )
    return [captioned, generated]


async def publish(broker: Broker, *events: e.Event) -> None:
    """As the services do."""
    for event in events:
        await broker.publish(event, topic_of(event).name, key=event.key.encode())


async def serve(told: Connection, events_a_s: float) -> None:
    """Both applications on one loop, and a stage that always has something to tell."""
    with tempfile.TemporaryDirectory() as folder:
        settings = GatewaySettings(
            database=f"sqlite:///{folder}/gateway.sqlite",
            secret=SecretStr("s" * 40),
            single_user=True,
            rate=1e6,
            burst=10**6,
            pictures_a_day=0,
        )
        broker = make_broker(KafkaSettings(), service="gateway", registry=CollectorRegistry())
        parts = assemble(settings, broker, FolderBlobs(Path(folder), "backdrop"))
        bare = FastAPI()
        bare.add_api_route("/", nothing, methods=["GET"])
        async with memory_broker(broker) as log, parts.beside():
            for number in range(PRODUCTS):
                await publish(broker, *story(number))
            await log.settled(300)
            servers = [await started(app) for app in (make_api(parts.gateway, parts.access), bare)]
            keep_for_good()
            told.send(servers)
            number = PRODUCTS
            while True:
                await publish(broker, *story(number))
                number += 1
                await asyncio.sleep(2.0 / events_a_s)


async def nothing() -> dict[str, str]:
    """The bare route."""
    return {}


async def started(app: FastAPI) -> int:
    """Serve an application; its port."""
    server = uvicorn.Server(uvicorn.Config(app, host=HOST, port=0, log_level="error", lifespan="off"))
    server.task = asyncio.create_task(server.serve())  # type: ignore[attr-defined]
    while not server.started:
        await asyncio.sleep(0.01)
    return int(server.servers[0].sockets[0].getsockname()[1])


def process(told: Connection, events_a_s: float) -> None:
    """The serving process."""
    asyncio.run(serve(told, events_a_s))


@dataclass
class Arrivals:
    """What the pages heard: events, and of some pages seconds from an event's time until it was there."""

    events: int = 0
    late_s: list[float] = field(default_factory=list)


async def page(port: int, heard: Arrivals, ready: asyncio.Event, times: bool) -> None:
    """One open event stream. Few of them look at times: who measures shall have little else to do."""
    reader, writer = await asyncio.open_connection(HOST, port, limit=2**20)
    writer.write(b"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    while part := await (reader.readline() if times else reader.read(2**16)):
        ready.set()
        heard.events += part.count(b"data: {")
        if times and part.startswith(b"data: "):
            said = json.loads(part[6:])
            heard.late_s.append(time.time() - datetime.fromisoformat(said["time"]).timestamp())


async def call(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, method: str, path: str, body: bytes | None
) -> float:
    """Seconds until the whole answer was there."""
    began = time.perf_counter()
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body or b'')}\r\n"
    writer.write(head.encode() + b"Content-Type: application/json\r\n\r\n" + (body or b""))
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.split()[1] in (b"200", b"202"), answer
    length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.partition(b":")[2]))
    return time.perf_counter() - began


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A kept connection."""
    reader, writer = await asyncio.open_connection(HOST, port)
    yield reader, writer
    writer.close()


async def measure(ports: list[int], pages: int, seconds: float) -> tuple[dict[str, list[float]], Arrivals]:
    """Seconds of every call, and what the pages heard meanwhile."""
    heard, opened = Arrivals(), [asyncio.Event() for _ in range(pages)]
    tasks = [asyncio.create_task(page(ports[0], heard, ready, number < TIMED)) for number, ready in enumerate(opened)]
    await asyncio.gather(*(ready.wait() for ready in opened))
    took: dict[str, list[float]] = {name: [] for name in CALLS}
    order, calls = random.Random(0), list(CALLS.items())
    async with connected(ports[0]) as ours, connected(ports[1]) as bare:
        begin = time.monotonic() + WARM_S
        while time.monotonic() < begin + seconds:
            order.shuffle(calls)
            for name, (which, method, path, body) in calls:
                seconds_taken = await call(*(ours, bare)[which], method, path, body)
                if time.monotonic() > begin:
                    took[name].append(seconds_taken)
    for task in tasks:
        task.cancel()
    return took, heard


def percentile(values: list[float], share: float) -> float:
    """By rank, in milliseconds."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)] * 1000


def report(took: dict[str, list[float]], heard: Arrivals, pages: int, seconds: float, busy: float) -> str:
    """The table."""
    base = percentile(took[BARE], 0.95)
    rows = [
        f"| {name} | {len(values)} | {percentile(values, 0.5):.1f} | {percentile(values, 0.95):.1f} | "
        f"{percentile(values, 0.95) / base:.1f} |"
        for name, values in took.items()
    ]
    late = f"{percentile(heard.late_s, 0.5):.0f} ms in the middle, {percentile(heard.late_s, 0.95):.0f} ms at p95"
    return "\n".join(
        [
            f"`python -m benchmarks.gateway`: {pages} open event streams for {seconds:.0f} s, "
            f"{heard.events} events heard ({heard.events / (seconds + WARM_S):.0f}/s), {late} after they were said.\n",
            "| call | calls | p50 ms | p95 ms | p95 beside the bare route |",
            "|---|---|---|---|---|",
            *rows,
            f"\nCores: {os.cpu_count()}; processes that wanted one when it began: {busy:.0f} (load average).",
            f"\nWithin {LIMIT_MS:.0f} ms and {LIMIT_RATIO:.0f} times the bare: {'yes' if within(took) else 'no'}.",
        ]
    )


def within(took: dict[str, list[float]]) -> bool:
    """Whether every call keeps both limits."""
    p95 = {name: percentile(values, 0.95) for name, values in took.items()}
    return all(one <= min(LIMIT_MS, LIMIT_RATIO * p95[BARE]) for name, one in p95.items() if name != BARE)


def main() -> None:
    """Run and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--events", type=float, default=4.0, help="events a second, each heard by every page")
    options = parser.parse_args()
    busy = os.getloadavg()[0]
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=process, args=(there, options.events), daemon=True)
    server.start()
    try:
        if not here.poll(START_S):
            raise SystemExit(f"the server did not start in {START_S:.0f} s")
        took, heard = asyncio.run(measure(here.recv(), options.pages, options.seconds))
    finally:
        server.terminate()
    text = report(took, heard, options.pages, options.seconds, busy)
    RESULTS.write_text(f"# The gateway under {options.pages} pages\n\n{text}\n")
    print(text)
    if not within(took):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
