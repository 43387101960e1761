"""The log told live: in order, to whom it concerns, from where each left off, and over a real socket."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import httpx
import pytest
import uvicorn

from services.gateway.callers import administration
from services.gateway.doors import events
from services.gateway.heard.feed import Feed, Interest, TooManyPages
from services.gateway.records import LogLine
from shared.contracts.events import ProductWithdrawn
from tests.unit.services.gateway.conftest import House

MINE = Interest("default")


async def take(told: AsyncIterator[Sequence[LogLine]], count: int) -> list[LogLine]:
    found: list[LogLine] = []
    async with asyncio.timeout(120):
        async for lines in told:
            found += lines
            if len(found) >= count:
                return found
    return found


async def test_the_past_comes_first_and_then_what_happens(house: House) -> None:
    await house.say(ProductWithdrawn(product_id="a"), ProductWithdrawn(product_id="acme::x"))
    lines = house.parts.gateway.feed.listen(MINE, 0)
    assert [line.product_id for line in await take(lines, 1)] == ["a"]
    await house.say(ProductWithdrawn(product_id="b"))
    (line,) = await take(lines, 1)
    assert (line.sequence, line.product_id) == (3, "b")
    again = house.parts.gateway.feed.listen(MINE, line.sequence - 1)
    assert [one.product_id for one in await take(again, 1)] == ["b"]


async def test_one_product_alone_may_be_heard(house: House) -> None:
    await house.say(ProductWithdrawn(product_id="a"), ProductWithdrawn(product_id="b"))
    (line,) = await take(house.parts.gateway.feed.listen(Interest("default", "b"), 0), 1)
    assert line.product_id == "b"


async def test_a_repeated_event_is_told_once(house: House) -> None:
    event = ProductWithdrawn(product_id="a")
    await house.say(event, event, ProductWithdrawn(product_id="b"))
    lines = await take(house.parts.gateway.feed.listen(MINE, 0), 2)
    assert [line.product_id for line in lines] == ["a", "b"]


async def test_what_is_about_no_product_is_for_operators(house: House) -> None:
    letter = (b"m", b"{}", [("x-reason", b"r")])
    house.log.append("model.promoted.v1.dead", *letter)
    await house.log.settled()
    (line,) = await take(house.parts.gateway.feed.listen(Interest("default", operator=True), 0), 1)
    assert line.type == "backdrop.DeadLetter"
    assert not MINE.hears(line) and not Interest("default", "a", operator=True).hears(line)


class Lines:
    """A log of numbered lines."""

    def __init__(self) -> None:
        self.kept: list[LogLine] = []
        self.asked = threading.Event()

    def head(self) -> int:
        return len(self.kept)

    def lines(self, after: int, limit: int = 500) -> list[LogLine]:
        self.asked.set()
        return self.kept[after : after + limit]

    def add(self, count: int) -> None:
        for _ in range(count):
            number = len(self.kept) + 1
            self.kept.append(
                LogLine.model_validate(
                    {
                        "sequence": number,
                        "event_id": str(number),
                        "type": "t",
                        "tenant": "default",
                        "product_id": "a",
                        "told": "2026-03-01T12:00:00Z",
                        "body": "{}",
                    }
                )
            )


async def test_a_log_that_fails_as_nobody_thought_is_read_on() -> None:
    class Odd(Lines):
        def lines(self, after: int, limit: int = 500) -> list[LogLine]:
            """Fails at first."""
            if not self.asked.is_set():
                self.asked.set()
                raise RuntimeError("a line that no version wrote")
            return super().lines(after, limit)

    log = Odd()
    feed = Feed(log, poll_s=0.01)
    running = asyncio.create_task(feed.run())
    told = feed.listen(MINE, None)
    assert await asyncio.to_thread(log.asked.wait, 20)
    log.add(1)
    async with asyncio.timeout(60):
        assert [line.sequence for line in await take(told, 1)] == [1]
    running.cancel()


async def test_who_is_too_slow_is_let_go_and_misses_nothing_by_coming_back() -> None:
    log = Lines()
    feed = Feed(log, poll_s=0.01)
    running = asyncio.create_task(feed.run())
    slow = feed.listen(MINE, None)
    assert await asyncio.to_thread(log.asked.wait, 20)
    log.add(1)
    first = await take(slow, 1)
    log.add(3000)
    async with asyncio.timeout(60):
        while feed.listeners:
            await asyncio.sleep(0.01)
    assert await take(slow, 3000) == []
    rest = await take(feed.listen(MINE, first[0].sequence), 3000)
    assert [line.sequence for line in rest] == list(range(2, 3002))
    running.cancel()


async def test_a_quiet_stream_gives_a_sign_of_life_and_a_stream_too_many_is_refused() -> None:
    feed = Feed(Lines(), most=1, quiet_s=0.01)
    lines = feed.listen(MINE, None)
    assert await anext(lines) == []
    with pytest.raises(TooManyPages):
        feed.listen(MINE, None)


async def test_a_browser_hears_cloud_events_and_resumes(house: House) -> None:
    await house.say(ProductWithdrawn(product_id="a"), ProductWithdrawn(product_id="b"))
    server = uvicorn.Server(uvicorn.Config(house.app, port=0, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    headers = {"Authorization": house.client("read").headers["Authorization"], "Last-Event-ID": "1"}
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
        client.stream("GET", "/v1/events", headers=headers, timeout=60) as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        said: dict[str, str] = {}
        async for line in stream.aiter_lines():
            name, _, value = line.partition(": ")
            said[name] = value
            if name == "data":
                break
    assert (said["id"], said["event"]) == ("2", "backdrop.ProductWithdrawn")
    event = json.loads(said["data"])
    assert event["specversion"] == "1.0" and event["subject"] == "b"
    assert event["data"] == json.loads(ProductWithdrawn(product_id="b").model_dump_json())
    server.should_exit = True
    await serving


async def test_a_number_that_this_log_never_had_is_answered_with_all_of_it() -> None:
    log = Lines()
    log.add(3)
    lines = await take(Feed(log).listen(MINE, 5000), 3)
    assert [line.sequence for line in lines] == [1, 2, 3]


async def test_a_stream_ends_with_its_key(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "CHECK_S", 0.0)
    feed, client = house.parts.gateway.feed, house.client("read")
    await house.say(ProductWithdrawn(product_id="acme::x"))
    while not feed.last:
        await asyncio.sleep(0.01)
    feed._quiet_s = 0.01
    listening = asyncio.create_task(client.get("/v1/events"))
    (key,) = house.parts.store.all_keys()
    async with asyncio.timeout(60):
        while not feed.listeners:
            await asyncio.sleep(0.01)
        administration.revoke_key(house.parts.store, key.key_id, datetime.now(UTC))
        answer = await listening
    assert answer.status_code == 200 and "\nid: 1\n\n" in answer.text  # where to go on, though nothing was heard


async def test_the_feed_ends_when_it_is_woken_and_cancelled_in_one_moment() -> None:
    feed = Feed(Lines(), poll_s=30.0)
    running = asyncio.create_task(feed.run())
    while not feed._wake._waiters:
        await asyncio.sleep(0.01)
    feed.wake()
    await asyncio.sleep(0)  # what waits has its answer, and is not yet on
    running.cancel()
    done, _ = await asyncio.wait([running], timeout=60)
    assert done and running.cancelled()
