"""An application on a free port of this machine, in the event loop of who asks for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

HOST = "127.0.0.1"
KEEP_ALIVE_S = 600  # longer than any measurement: nobody who is measured connects twice


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[int]:
    """Its port, for as long as the block lasts."""
    config = uvicorn.Config(app, host=HOST, port=0, log_level="error", lifespan="off", timeout_keep_alive=KEEP_ALIVE_S)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await serving
