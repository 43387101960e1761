"""An event that was said here is taken in once: its echo from the topic knows what became of it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.heard import echoes
from services.gateway.heard.echoes import Echoes, Saying
from shared.contracts.blobs import digest

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def told(name: str = "a", time: datetime = NOON) -> Saying:
    return time.isoformat(), digest(name.encode())


async def test_an_echo_waits_until_its_event_is_taken_in() -> None:
    said = Echoes()
    with said.of(told()):
        waiting = asyncio.create_task(said.known(told()))
        await asyncio.sleep(0)
        assert not waiting.done()
    assert await waiting


async def test_what_could_not_be_taken_in_here_is_taken_in_as_it_comes_back() -> None:
    said = Echoes()
    with pytest.raises(ConnectionError), said.of(told()):
        waiting = asyncio.create_task(said.known(told()))
        await asyncio.sleep(0)
        raise ConnectionError("the database is away")
    assert not await waiting


async def test_an_event_is_said_though_who_took_its_echo_left_meanwhile() -> None:
    said = Echoes()
    with said.of(told()):
        waiting = asyncio.create_task(said.known(told()))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
    assert waiting.cancelled()


async def test_a_stranger_a_second_delivery_and_the_same_said_later_are_no_echo() -> None:
    said = Echoes()
    with said.of(told()):
        pass
    assert not await said.known(told("b"))
    assert not await said.known(told(time=NOON + timedelta(seconds=1)))
    assert await said.known(told())
    assert not await said.known(told())


async def test_echoes_that_go_to_another_replica_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(echoes, "MOST", 2)
    said = Echoes()
    for name in ("a", "b", "c"):
        with said.of(told(name)):
            pass
    assert [await said.known(told(name)) for name in ("a", "b", "c")] == [False, True, True]
