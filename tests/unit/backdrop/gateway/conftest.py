"""The real gateway in this process, behind a socket where a test needs one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import uvicorn

from services.gateway.callers.keys import SCOPES, Scope, make_key
from tests.unit.services.gateway.conftest import SECRET, House, house, migrated  # noqa: F401 (fixtures)


def new_key(house: House, *scopes: Scope) -> str:  # noqa: F811
    """A key of these scopes; of all when none is named."""
    wanted = scopes or tuple(SCOPES)
    made, words = make_key(tenant="default", name="test", scopes=wanted, pepper=SECRET, now=datetime.now(UTC))
    house.parts.store.put_key(made)
    return words


@pytest.fixture
async def address(house: House) -> AsyncIterator[str]:  # noqa: F811
    """Where the gateway listens: streams need a socket, and so does a client without an event loop."""
    config = uvicorn.Config(house.app, port=0, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(60):
        while not server.started:
            await asyncio.sleep(0.005)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await serving
