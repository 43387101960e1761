"""The page and all services behind it in one process, without a server: python -m deploy.embedded.studio

It learns, too: eight more photos that it may learn from make a dataset and a short training beside the painting.
Whoever reaches the address is in, so it listens on this machine alone. All state is in one folder, and what was asked
for before a stop goes on after the next start.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import secrets
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NoReturn

import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from deploy.embedded.beginning import HOST, check_free, check_writable
from deploy.embedded.stack import PATIENCE, run_stack
from deploy.embedded.stopping import hear_signals, leave_after, leave_on_signals, run_to_its_end
from services.gateway import app as gateway
from services.gateway.heard.rebuilding import rebuild
from services.gateway.settings import GatewaySettings
from shared.contracts.errors import BadRequest
from shared.runtime.broker import make_broker
from shared.runtime.folder_blobs import FolderBlobs
from shared.runtime.lags import Lags, memory_lags
from shared.runtime.memory.broker import memory_broker
from shared.runtime.memory.journal import Journal
from shared.runtime.memory.log import MemoryLog
from shared.runtime.service import calm_collector

PAGE = Path(gateway.__file__).parent / "page"
SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "photos"
PORT = 8080
STEPS = 40
LEARNING = {"release_every": 8, "release_check_s": 5.0}  # photos of one brand, a few at a time: a lesson is short
STOP_S = 3
ORDERLY_S = 30.0  # streams, a training's step and a picture in hand end within seconds
CALLED_WRONGLY = 2
BUCKET = "backdrop"


@contextlib.asynccontextmanager
async def studio(state: Path, settings: GatewaySettings) -> AsyncIterator[FastAPI]:
    """All services over a folder, and the gateway's application in front of them, until the end of the block."""
    blobs, journal = FolderBlobs(state / "blobs", BUCKET), Journal(state / "topics.jsonl")
    with contextlib.closing(journal):
        async with run_stack(blobs, state, steps=STEPS, log=MemoryLog(journal), tastes=LEARNING) as stack:
            broker = make_broker(PATIENCE, service="gateway", registry=CollectorRegistry())

            async def lag() -> Lags:
                return memory_lags(stack.log)

            parts = gateway.assemble(settings, broker, blobs, refiner=stack.refiner, lag=lag)
            if parts.store.head() == 0:  # a new database over older topics
                rebuild(parts.store, stack.log.records)
            async with memory_broker(broker, log=stack.log), parts.beside():
                learning = asyncio.create_task(stack.due())
                try:
                    yield gateway.api_of(parts, settings)
                finally:
                    learning.cancel()
                    await asyncio.wait({learning}, timeout=STOP_S)


def studio_settings(state: Path) -> GatewaySettings:
    """For one person on one machine, with the page and the sample photos; the environment counts for the rest."""
    return GatewaySettings(
        page=PAGE,
        samples=SAMPLES,
        database=f"sqlite:///{state / 'gateway.sqlite'}",
        secret=kept_secret(state / "secret"),
        single_user=True,
        rate=1000.0,
        burst=10_000,
        products_a_day=0,
        pictures_a_day=0,
    )


def kept_secret(path: Path) -> SecretStr:
    """The secret in a file that only its owner reads; made when there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    return SecretStr(path.read_text())


async def serve(state: Path, port: int = PORT) -> None:
    """Serve until the process is told to stop. Raises BadRequest before any model is loaded when it cannot."""
    check_writable(state, "--state")
    check_free(port)
    print("loading the models …", flush=True)
    async with studio(state, studio_settings(state)) as app:
        config = uvicorn.Config(
            app, host=HOST, port=port, log_level="warning", timeout_graceful_shutdown=STOP_S, lifespan="off"
        )
        logging.getLogger("uvicorn.error").addFilter(not_of_leaving)
        server = uvicorn.Server(config)
        hear_signals(ORDERLY_S)  # the server ends by them, and passes them on when it has
        serving = asyncio.create_task(server.serve())
        while not (server.started or serving.done()):
            await asyncio.sleep(0.05)
        if server.started:
            calm_collector()
            print(f"the studio is at http://{HOST}:{port}/ (stop with Ctrl-C)", flush=True)
        await serving


def not_of_leaving(record: logging.LogRecord) -> bool:
    """Pages' open streams are cut when it stops; that is no error to tell of."""
    cancelled = bool(record.exc_info and record.exc_info[0] is asyncio.CancelledError)
    return not cancelled and "graceful shutdown exceeded" not in record.getMessage()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.embedded.studio", description=__doc__.splitlines()[0])
    parser.add_argument("--state", type=Path, default=Path("var/studio"), help="folder of all that is kept")
    parser.add_argument("--port", type=int, default=PORT)
    options = parser.parse_args()
    run(options.state, options.port)


def run(state: Path, port: int) -> NoReturn:
    """Serve until Ctrl-C or SIGTERM, and end the process: with 0, or with 2 and a line when it was called wrongly."""
    leave_on_signals("stopped before it was up")
    leave_after(lambda: _served(state, port))


def _served(state: Path, port: int) -> int:
    try:
        run_to_its_end(serve(state, port))
    except BadRequest as error:
        print(error.message, file=sys.stderr)
        return CALLED_WRONGLY
    return 0


if __name__ == "__main__":
    main()
