"""What takes more than one request: tries, pages, streams, waits. Generators that ask for steps and get their outcomes.

They send nothing and never sleep; `client.py` and `async_client.py` take the steps, each in its way.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from backdrop.gateway.answers import Background, Page, Product, Stage
from backdrop.gateway.calls import photos, scenes
from backdrop.gateway.calls.reading import said
from backdrop.gateway.frames import Frames, Told
from backdrop.gateway.patience import Patience
from backdrop.gateway.problems import NotReady, error_of
from backdrop.gateway.requests import Answer, Call, Lost, Request

T = TypeVar("T")
SILENCE_S = 40.0  # a gateway says something every 15 s; who is silent for longer is gone
PAGE = 100


@dataclass(frozen=True)
class Send:
    """Send a request; the outcome is an Answer or Lost."""

    request: Request


@dataclass(frozen=True)
class Pause:
    """Wait; there is no outcome."""

    seconds: float


@dataclass(frozen=True)
class Open:
    """Send a request and leave its answer open, in place of one that was; the outcome is an Answer or Lost."""

    request: Request
    silence_s: float


@dataclass(frozen=True)
class Read:
    """The next bytes of the open answer; none at its end; Lost when it breaks off or is silent for too long."""


@dataclass(frozen=True)
class Item(Generic[T]):
    """Something for who follows; there is no outcome."""

    value: T


Step = Send | Pause | Open | Read
Flow = Generator[Step, Any, T]
Items = Generator[Step | Item[T], Any, None]


def tried(call: Call[T], patience: Patience) -> Flow[T]:
    """A call, again when that may help. Raises Refused, DependencyDown."""
    tries = 1
    while not _good(answer := (yield Send(call.request))):
        pause = patience.pause_s(call.request, answer, tries)
        if pause is None:
            raise error_of(answer)
        yield Pause(pause)
        tries += 1
    return call.read(answer)


def products(patience: Patience, *, stage: Stage | None = None, title: str | None = None) -> Items[Product]:
    """All products, the newest first, fetched page by page; `title`: words that it contains."""
    return _every(patience, lambda cursor: photos.products(stage=stage, title=title, limit=PAGE, cursor=cursor))


def backgrounds(patience: Patience, product_id: str) -> Items[Background]:
    """All requests of a product, the newest first, fetched page by page."""
    return _every(patience, lambda cursor: scenes.backgrounds(product_id, limit=PAGE, cursor=cursor))


def events(
    patience: Patience, product_id: str | None = None, *, after: str | None = None, for_s: float = math.inf
) -> Items[Told]:
    """What happens, as it happens: from now on, or `after` the `last_id` of an earlier one; nothing is left out.

    A broken line is taken up where it broke. Ends after `for_s`, or one ping (15 s) later.
    """
    stream, outcome = _listening(patience, product_id, after, for_s), None
    while (step := _next(stream, outcome)) is not None:
        outcome = None
        if not isinstance(step, Item):
            outcome = yield step
        elif step.value is not None:
            yield Item(step.value)


def wait_for_product(patience: Patience, product_id: str, *, for_s: float = 300.0) -> Flow[Product]:
    """Wait until all is known of a product, or its photo was refused (`stage`). Raises NotReady after `for_s`."""
    return _until(
        patience,
        product_id,
        photos.product(product_id),
        lambda product: product.stage in ("captioned", "refused"),
        for_s,
    )


def wait_for_options(patience: Patience, background: Background, *, for_s: float = 600.0) -> Flow[Background]:
    """Wait until a request is answered: with options, or with a `rejection`. Raises NotReady after `for_s`."""
    call = scenes.background(background.product_id, background.request_id)
    return _until(patience, background.product_id, call, lambda found: found.status != "requested", for_s)


def _every(patience: Patience, page_behind: Callable[[str | None], Call[Page[T]]]) -> Items[T]:
    cursor: str | None = None
    while True:
        page = yield from tried(page_behind(cursor), patience)
        for item in page.items:
            yield Item(item)
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def _until(patience: Patience, product_id: str, call: Call[T], done: Callable[[T], bool], for_s: float) -> Flow[T]:
    """Look once the stream is open and after each event: what happens in between cannot be missed."""
    stream, outcome = _listening(patience, product_id, None, for_s), None
    while (step := _next(stream, outcome)) is not None:
        outcome = None
        if not isinstance(step, Item):
            outcome = yield step
        elif done(found := (yield from tried(call, patience))):
            return found
    words = f"{product_id}: not there after {for_s:g} s; it goes on, wait again or look later"
    raise NotReady("not_ready", words)


def _listening(patience: Patience, product_id: str | None, after: str | None, for_s: float) -> Items[Told | None]:
    """Events, and None whenever the stream was opened (anew)."""
    until, failed = patience.clock() + for_s, 0
    while (left := until - patience.clock()) > 0:
        request = _stream(product_id, after)
        answer = yield Open(request, min(SILENCE_S, left))
        if _good(answer):
            failed, pause = 0, patience.first_s
            yield Item(None)
            after = yield from _heard(patience, until, after)
        else:
            failed += 1
            found = patience.pause_s(request, answer, failed)
            if found is None:
                raise error_of(answer)
            pause = found
        yield Pause(max(0.0, min(pause, until - patience.clock())))


def _heard(patience: Patience, until: float, after: str | None) -> Generator[Step | Item[Told | None], Any, str | None]:
    """Events of an open stream until it ends; the id behind which a later one goes on."""
    frames = Frames()
    while patience.clock() < until and not isinstance(chunk := (yield Read()), Lost) and chunk:
        for told in frames.take(chunk):
            after = told.last_id
            yield Item(told)
    return after


def _stream(product_id: str | None, after: str | None) -> Request:
    headers = {"Accept": "text/event-stream"} | ({} if after is None else {"Last-Event-ID": after})
    return Request(method="GET", route="/v1/events", query=said(product_id=product_id), headers=headers)


def _next(flow: Generator[T, Any, None], outcome: Any) -> T | None:
    try:
        return flow.send(outcome)
    except StopIteration:
        return None


def _good(answer: Answer | Lost) -> bool:
    return isinstance(answer, Answer) and 200 <= answer.status < 300
