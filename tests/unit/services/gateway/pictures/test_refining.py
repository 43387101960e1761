"""Clicks through a segmenter's own door, over a real socket."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
import uvicorn
from faststream.asgi.types import Receive, Scope, Send

from services.gateway.pictures.refining import HttpRefiner
from services.gateway.ports import Click
from services.segmenter.candidates import MaskCandidate
from services.segmenter.clicked import KEPT
from services.segmenter.door import refine_door
from services.segmenter.refining import RefineMask
from services.segmenter.saliency import Prompt
from shared.contracts.blobs import digest
from shared.contracts.errors import BadRequest, Transient
from shared.contracts.images import Pixels, encode_image


class Square:
    """A model that finds the one square, unless the first click is at the very corner."""

    version = "square"

    def candidates(self, rgb: Pixels, prompts: tuple[Prompt, ...]) -> tuple[MaskCandidate, ...]:
        probability = np.zeros(rgb.shape[:2], np.float32)
        if prompts[0].points[0] != (0.0, 0.0):
            probability[30:70, 30:70] = 0.95
        return (MaskCandidate(probability, 0.9, "clicks"),)


def square() -> bytes:
    rgb = np.full((100, 120, 3), 240, np.uint8)
    rgb[30:70, 30:70] = (200, 30, 30)
    return encode_image(rgb)


NAME = digest(square())


@pytest.fixture
def sent() -> list[int]:
    """The bytes of every request's body."""
    return []


@pytest.fixture
async def address(sent: list[int]) -> AsyncIterator[str]:
    door = refine_door(RefineMask(Square()))

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        sent.append(int(dict(scope["headers"]).get(b"content-length", 0)))
        await door(scope, receive, send)

    config = uvicorn.Config(counting, port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/refine"
    server.should_exit = True
    await serving


async def test_clicks_come_back_as_a_mask_of_the_photos_size(address: str) -> None:
    box = (0.1, 0.1, 0.9, 0.9)
    mask = await asyncio.to_thread(HttpRefiner(address).refine, square(), NAME, (Click(0.4, 0.5),), box)
    assert mask.shape == (100, 120) and mask[50, 50] == 255 and mask[5, 5] == 0


async def test_a_photo_is_sent_once_and_again_when_it_is_not_held_any_more(address: str, sent: list[int]) -> None:
    refiner, weight = HttpRefiner(address), len(square())

    def click(picture: bytes = square()) -> Pixels:
        return refiner.refine(picture, digest(picture), (Click(0.4, 0.5),), None)

    first = await asyncio.to_thread(click)
    assert (first == await asyncio.to_thread(click)).all()
    assert sent == [weight, 0]
    for tone in range(KEPT):
        await asyncio.to_thread(click, encode_image(np.full((100, 120, 3), tone, np.uint8)))
    sent.clear()
    assert (first == await asyncio.to_thread(click)).all()
    assert sent == [0, weight]


async def test_clicks_that_find_nothing_say_so_and_a_silent_segmenter_is_no_fault_of_theirs(address: str) -> None:
    with pytest.raises(BadRequest, match="click on the product"):
        await asyncio.to_thread(HttpRefiner(address).refine, square(), NAME, (Click(0.0, 0.0),), None)
    with pytest.raises(BadRequest):
        await asyncio.to_thread(HttpRefiner(address).refine, square(), NAME, (Click(7.0, 0.0),), None)
    with pytest.raises(Transient):
        HttpRefiner("http://127.0.0.1:9/refine").refine(square(), NAME, (Click(0.5, 0.5),), None)
