"""`/live`, `/ready` and `/metrics` on a port of their own: they tell of the inside, and the API's is for everybody."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp

from shared.contracts.errors import BadRequest

END_S = 1


class _Beside(uvicorn.Server):
    """Signals are for the server that the process was started as."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None of them."""
        yield


@contextlib.asynccontextmanager
async def probed(app: ASGIApp, host: str, port: int) -> AsyncIterator[int]:
    """Answer there, beside the API, until the end of the block; yields the port. Raises BadRequest when it is taken."""
    with _listening(host, port) as listener:
        config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=END_S)
        server = _Beside(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.should_exit = True
            await serving


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        words = f"{host}:{port} cannot be had for /live, /ready and /metrics ({error}): set GATEWAY_PROBE_PORT"
        raise BadRequest("port_taken", words) from error
