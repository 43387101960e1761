"""How long a click on a mask takes, from the page's question to its answer: the first on a photo, and those after it.

    python -m benchmarks.clicks [--photos 6] [--clicks 8]

Sample photos are scaled to each size and stored as JPEG. A gateway over SQLite and a folder asks the bundled segmenter:
over HTTP in a process of its own, as the stack does, and in the gateway's own process, as `make studio` does. Clicks go
one after the other, as the page sends them. Run it on two cores that do nothing else (two minutes), or note the load.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from benchmarks.served import HOST, served
from services.gateway.app import assemble
from services.gateway.doors.api import make_api
from services.gateway.pictures.refining import HttpRefiner
from services.gateway.ports import MaskRefiner
from services.gateway.settings import GatewaySettings
from services.segmenter.door import refine_door
from services.segmenter.model import SamSegmenter
from services.segmenter.refining import RefineMask
from shared.contracts import events as e
from shared.contracts.blobs import BlobRef
from shared.contracts.topics import topic_of
from shared.runtime.broker import make_broker
from shared.runtime.folder_blobs import FolderBlobs
from shared.runtime.memory.broker import memory_broker
from shared.runtime.settings import KafkaSettings

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "clicks.md"
SIDES = (768, 2048, 4000, 7000)  # px; 0.6, 4.2, 16 and 49 megapixels
WAYS = {"stack": "over HTTP, as the stack", "studio": "in one process, as `make studio`"}


@dataclass
class Times:
    """Milliseconds of the clicks on photos of one size, one way."""

    first: list[float] = field(default_factory=list)
    later: list[float] = field(default_factory=list)


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--photos", type=int, default=6)
    parser.add_argument("--clicks", type=int, default=8, help="on each photo")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    text = report(measured(options.photos, options.clicks), options, load)
    RESULTS.write_text(text)
    print(text)


def measured(photos: int, clicks: int) -> dict[tuple[str, int], Times]:
    """All ways and sizes."""
    found: dict[tuple[str, int], Times] = {}
    with serving(segmenter) as refine:
        for way, url in (("stack", f"http://{HOST}:{refine}/refine"), ("studio", "")):
            with serving(gateway, url, photos) as port, httpx.Client(timeout=60) as client:
                click(client, port, f"p{SIDES[0]}-0", 0.1, 0.1)  # what is made once per process is made
                for side in SIDES:
                    found[way, side] = clicked(client, port, side, photos, clicks)
    return found


def clicked(client: httpx.Client, port: int, side: int, photos: int, clicks: int) -> Times:
    """Some photos of a size, some clicks on each."""
    times, chance = Times(), random.Random(side)
    for number in range(photos):
        for turn in range(clicks):
            took = click(client, port, f"p{side}-{number}", chance.uniform(0.35, 0.65), chance.uniform(0.35, 0.65))
            (times.later if turn else times.first).append(took)
    return times


def click(client: httpx.Client, port: int, product: str, x: float, y: float) -> float:
    """Milliseconds that the page waits."""
    began = time.perf_counter()
    ask = {"points": [{"x": x, "y": y}], "longest_side": 960}
    answer = client.post(f"http://{HOST}:{port}/v1/products/{product}/mask/clicks", json=ask)
    if answer.status_code != 422:  # a click may find nothing
        answer.raise_for_status()
    return (time.perf_counter() - began) * 1000


@contextmanager
def serving(what: Any, *given: Any) -> Iterator[int]:
    """A server in a process of its own; its port."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=started, args=(what, theirs, *given), daemon=True)
    process.start()
    try:
        if not ours.poll(300):
            raise TimeoutError("the server does not start")
        yield ours.recv()
    finally:
        process.terminate()
        process.join(30)


def started(what: Any, told: Connection, *given: Any) -> None:
    """The serving process."""
    asyncio.run(what(told, *given))


async def segmenter(told: Connection) -> None:
    """The segmenter's door with the bundled model."""
    await serve(refine_door(refiner()), told)


async def gateway(told: Connection, refine_url: str, photos: int) -> None:
    """A gateway that knows the photos."""
    with tempfile.TemporaryDirectory() as folder:
        settings = GatewaySettings(
            database=f"sqlite:///{folder}/gateway.sqlite", secret=SecretStr("s" * 40), single_user=True, rate=1e6
        )
        blobs = FolderBlobs(Path(folder), "backdrop")
        answers: MaskRefiner = HttpRefiner(refine_url) if refine_url else refiner()
        broker = make_broker(KafkaSettings(), service="gateway", registry=CollectorRegistry())
        parts = assemble(settings, broker, blobs, refiner=answers)
        async with memory_broker(broker) as log, parts.beside():
            for side in SIDES:
                for number in range(photos):
                    said = seen(blobs, side, number)
                    await broker.publish(said, topic_of(said).name, key=said.key.encode())
            await log.settled(300)
            await serve(make_api(parts.gateway, parts.access), told)


def refiner() -> RefineMask:
    """What answers clicks, with the bundled model."""
    return RefineMask(SamSegmenter(str(ROOT / "models" / "mini-segmenter")))


def seen(blobs: FolderBlobs, side: int, number: int) -> e.ProductSegmented:
    """What the segmenter says of a sample photo of this size; each number is another photo."""
    samples = sorted((ROOT / "samples" / "photos").glob("*.jpg"))
    pixels = cv2.imread(str(samples[number % len(samples)]))
    large = cv2.resize(np.asarray(pixels), (side, side), interpolation=cv2.INTER_CUBIC)
    large[0, 0] = number  # the same sample again is another photo
    data = bytes(cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 92])[1])
    key = f"images/p{side}-{number}.jpg"
    ref: BlobRef = blobs.put(key, data, "image/jpeg").model_copy(update={"width": side, "height": side})
    found = e.Segmentation(confidence=0.1, segmenter="s", refusal="no_product", refusal_detail="not looked at")
    facts = e.ProductFacts(title="Sample")
    return e.ProductSegmented(product_id=f"p{side}-{number}", image=ref, facts=facts, segmentation=found, revision=1)


async def serve(app: Any, told: Connection) -> None:
    """Until the process ends."""
    async with served(app) as port:
        told.send(port)
        await asyncio.Event().wait()


def report(found: dict[tuple[str, int], Times], options: argparse.Namespace, load: float) -> str:
    """A Markdown table."""
    lines = [
        "# A click on a mask",
        "",
        f"`python -m benchmarks.clicks --photos {options.photos} --clicks {options.clicks}`: milliseconds from",
        "the page's question to its answer at a gateway with the bundled segmenter;",
        f"{options.photos} photos of each size, {options.clicks} clicks on each.",
        "",
        "| way | photo | first click p50 | p95 | later clicks p50 | p95 |",
        "|---|---|---|---|---|---|",
    ]
    for (way, side), times in found.items():
        cells = [f"{np.percentile(part, q):.0f}" for part in (times.first, times.later) for q in (50, 95)]
        lines.append(f"| {WAYS[way]} | {side} × {side} ({side * side / 1e6:.1f} MP) | {' | '.join(cells)} |")
    lines += ["", f"Cores: {os.cpu_count()}; load average when it began: {load:.0f}.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
