"""A gateway for programs on an event loop: every method is awaited, every list an `async for`."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

import httpx

from backdrop.gateway import flows, wire
from backdrop.gateway.calls import hooks, photos, scenes, shelves
from backdrop.gateway.flows import Flow, Item, Items, Open, Pause, Read, Send, Step
from backdrop.gateway.likeness import like
from backdrop.gateway.patience import Patience
from backdrop.gateway.requests import Answer, Call, Lost, Request

T = TypeVar("T")
P = ParamSpec("P")


def _call(make: Callable[P, Call[T]]) -> Callable[Concatenate["AsyncClient", P], Awaitable[T]]:
    @like(make)
    def method(client: "AsyncClient", /, *args: P.args, **given: P.kwargs) -> Awaitable[T]:
        return client.follow(flows.tried(make(*args, **given), client.patience))

    return method


def _flow(make: Callable[Concatenate[Patience, P], Flow[T]]) -> Callable[Concatenate["AsyncClient", P], Awaitable[T]]:
    @like(make)
    def method(client: "AsyncClient", /, *args: P.args, **given: P.kwargs) -> Awaitable[T]:
        return client.follow(make(client.patience, *args, **given))

    return method


def _items(
    make: Callable[Concatenate[Patience, P], Items[T]],
) -> Callable[Concatenate["AsyncClient", P], AsyncGenerator[T, None]]:
    @like(make)
    def method(client: "AsyncClient", /, *args: P.args, **given: P.kwargs) -> AsyncGenerator[T, None]:
        return client.each(make(client.patience, *args, **given))

    return method


class AsyncClient:
    """A gateway at `base_url`, entered with an API key. Close it, or use it as a context manager.

    Every method raises Refused (the gateway's no, with its reason and field) or DependencyDown (it does not answer).
    """

    def __init__(
        self,
        base_url: str,
        key: str | None = None,
        *,
        patience: Patience | None = None,
        timeout_s: float = 60.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.patience = patience or Patience()
        self._http = httpx.AsyncClient(**wire.options(base_url, key, timeout_s), transport=transport)

    submit = _call(photos.submit)
    product = _call(photos.product)
    products = _items(flows.products)
    wait_for_product = _flow(flows.wait_for_product)
    withdraw = _call(photos.withdraw)
    mask = _call(photos.mask)
    put_mask = _call(photos.put_mask)
    propose_mask = _call(photos.propose_mask)

    refer = _call(scenes.refer)
    ask = _call(scenes.ask)
    ask_many = _call(scenes.ask_many)
    background = _call(scenes.background)
    backgrounds = _items(flows.backgrounds)
    wait_for_options = _flow(flows.wait_for_options)
    download = _call(scenes.download)
    picture = _call(scenes.picture)
    review = _call(scenes.review)
    engage = _call(scenes.engage)

    events = _items(flows.events)
    session = _call(shelves.session)
    styles = _call(shelves.styles)
    slots = _call(shelves.slots)
    models = _call(shelves.models)

    add_webhook = _call(hooks.add_webhook)
    webhooks = _call(hooks.webhooks)
    webhook = _call(hooks.webhook)
    change_webhook = _call(hooks.change_webhook)
    remove_webhook = _call(hooks.remove_webhook)
    deliveries = _call(hooks.deliveries)
    replay_webhook = _call(hooks.replay_webhook)

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def follow(self, flow: Flow[T]) -> T:
        """Take a flow's steps to its end; what it comes to."""
        line, outcome = _Line(self._http), None
        try:
            while True:
                outcome = await line.take(flow.send(outcome))
        except StopIteration as end:
            found: T = end.value
            return found
        finally:
            await line.close()

    async def each(self, items: Items[T]) -> AsyncGenerator[T, None]:
        """Take a flow's steps as far as somebody wants its items."""
        line, outcome = _Line(self._http), None
        try:
            while True:
                step = items.send(outcome)
                outcome = None
                if isinstance(step, Item):
                    yield step.value
                else:
                    outcome = await line.take(step)
        except StopIteration:
            return
        finally:
            await line.close()


class _Line:
    """Takes steps; at most one answer is open."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._open: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None

    async def take(self, step: Step) -> Answer | Lost | bytes | None:
        """The outcome of a step."""
        try:
            match step:
                case Send(request):
                    response = await self._http.request(**wire.arguments(request))
                    return wire.answered(response, response.content)
                case Open(request, silence_s):
                    return await self._opened(request, silence_s)
                case Read():
                    return b"" if self._chunks is None else await anext(self._chunks, b"")
                case Pause(seconds):
                    await asyncio.sleep(seconds)
        except httpx.HTTPError as error:
            return wire.lost(error)
        return None

    async def close(self) -> None:
        """Let go of the open answer."""
        if self._open is not None:
            await self._open.aclose()

    async def _opened(self, request: Request, silence_s: float) -> Answer:
        await self.close()
        made = self._http.build_request(**wire.arguments(request), timeout=silence_s)
        self._open = await self._http.send(made, stream=True)
        if self._open.is_error:
            return wire.answered(self._open, await self._open.aread())
        self._chunks = self._open.aiter_bytes()
        return wire.answered(self._open)
