"""What tells of the inside is answered apart from the API."""

import httpx
import pytest
from fastapi import FastAPI

from services.gateway.probes import probed
from shared.contracts.errors import BadRequest
from tests.unit.services.gateway.conftest import House

HOST = "127.0.0.1"


async def test_probes_have_a_port_of_their_own_which_must_be_free() -> None:
    inside = FastAPI()

    @inside.get("/ready")
    async def ready() -> str:
        return "ready"

    async with probed(inside, HOST, 0) as port, httpx.AsyncClient(trust_env=False, timeout=60) as client:
        assert (await client.get(f"http://{HOST}:{port}/ready")).json() == "ready"
        with pytest.raises(BadRequest, match="GATEWAY_PROBE_PORT"):
            async with probed(inside, HOST, port):
                pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{HOST}:{port}/ready", trust_env=False, timeout=60)


async def test_the_apis_port_tells_nothing_of_the_inside(house: House) -> None:
    for path in ("/metrics", "/ready", "/live"):
        assert (await house.client().get(path)).status_code == 404, path
