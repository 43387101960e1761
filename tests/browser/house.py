"""A studio for the tests, as a process: the real gateway and services over one log in memory, models that take no time.

Run: python -m tests.browser.house --port 8123 --state folder [--tenants red blue]
Its first line on stdout is JSON: the keys by tenant (none where whoever comes is in).
"""

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from services.gateway.app import Parts, api_of, assemble
from services.gateway.callers.keys import SCOPES, make_key
from services.gateway.settings import GatewaySettings
from services.inpainter.plates.catalogue import Pictures, read_plates
from shared.runtime.broker import make_broker
from shared.runtime.folder_blobs import FolderBlobs
from shared.runtime.memory.broker import memory_broker
from shared.runtime.memory.journal import Journal
from shared.runtime.memory.log import MemoryLog
from tests.fakes.mask_refiner import DiscRefiner
from tests.pipeline.conftest import IMPATIENT, running_works

ROOT = Path(__file__).resolve().parents[2]
PLATES = ROOT / "models" / "mini-plates"
# A wish for a photo that is still being looked at waits for it, as in the studio of a brand, however slow the machine
PATIENT = IMPATIENT.model_copy(update={"not_yet_delays_s": (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)})
SECRET = "a secret of the browser's tests, long enough"


@contextlib.asynccontextmanager
async def studio(state: Path, settings: GatewaySettings) -> AsyncIterator[tuple[FastAPI, Parts]]:
    """As deploy.embedded.studio, with stand-ins for the models."""
    blobs = FolderBlobs(state / "blobs", "backdrop")
    shelf = read_plates(PLATES), Pictures(PLATES, blobs)
    with contextlib.closing(Journal(state / "topics.jsonl")) as journal:
        async with running_works(
            state, blobs, plates=shelf, log=MemoryLog(journal), patience=PATIENT, scan_s=0.5
        ) as works:
            broker = make_broker(PATIENT, service="gateway", registry=CollectorRegistry())
            parts = assemble(settings, broker, blobs, refiner=DiscRefiner())
            async with memory_broker(broker, log=works.log), parts.beside():
                yield api_of(parts, settings), parts


async def serve(state: Path, port: int, tenants: list[str]) -> None:
    """Until the process is told to stop."""
    state.mkdir(parents=True, exist_ok=True)
    settings = GatewaySettings(
        database=f"sqlite:///{state / 'gateway.sqlite'}",
        secret=SECRET,
        single_user=not tenants,
        rate=1000.0,
        burst=10_000,
        page=ROOT / "services" / "gateway" / "page",
        samples=ROOT / "samples" / "photos",
        upload_mb=5,
    )
    async with studio(state, settings) as (app, parts):
        print(json.dumps({tenant: new_key(parts, tenant) for tenant in tenants}), flush=True)
        config = uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1, lifespan="off")
        await uvicorn.Server(config).serve()


def new_key(parts: Parts, tenant: str) -> str:
    """A key that may do all of its tenant's work."""
    made, words = make_key(tenant=tenant, name="test", scopes=SCOPES - {"admin"}, pepper=SECRET, now=datetime.now(UTC))
    parts.store.put_key(made)
    return words


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--tenants", nargs="*", default=[])
    options = parser.parse_args()
    sys.exit(asyncio.run(serve(options.state, options.port, options.tenants)))
