"""How a handler gets to know of a record, whatever stands in it."""

from typing import Any

import pytest
from aiokafka import ConsumerRecord
from pydantic import ValidationError

from shared.contracts.errors import BadRequest
from shared.contracts.events import ProductWithdrawn
from shared.runtime.message import Message, Reading, Road, Texts
from shared.runtime.records import Headers

MUG = ProductWithdrawn(product_id="mug")


def record(value: bytes | None = b'{"product_id": "mug"}', *, offset: int = 7, headers: Headers = ()) -> ConsumerRecord:
    return ConsumerRecord("product.withdrawn.v1", 0, offset, 0, 0, b"mug", value, None, 3, 2, tuple(headers))


async def on_event(event: ProductWithdrawn) -> None: ...


async def on_event_and_record(event: ProductWithdrawn, record: Any) -> None: ...


async def on_what_is_named_in_words(event: "ProductWithdrawn") -> None: ...


async def on_bytes(body: bytes) -> None: ...


async def on_several(events: list[ProductWithdrawn]) -> None: ...


def test_a_topic_and_its_retry_topic_are_one_road_and_only_one_of_them_waits() -> None:
    assert Road.of("product.withdrawn.v1") == Road("product.withdrawn.v1", waits=False, key_name="product_id")
    assert Road.of("product.withdrawn.v1.retry") == Road("product.withdrawn.v1", waits=True, key_name="product_id")


def test_headers_are_text_whatever_they_were() -> None:
    texts = Texts([("a", b"x"), ("odd", b"y\xff"), ("null", None), ("twice", b"1"), ("twice", b"2")])
    assert [texts.get(name) for name in ("a", "odd", "null", "twice", "none")] == [
        "x",
        "y\N{REPLACEMENT CHARACTER}",
        "",
        "2",
        None,
    ]
    assert texts.get("none", "else") == "else"


def test_a_handler_is_given_what_it_asks_for() -> None:
    one, other = record(), record(b'{"product_id": "cup"}', offset=8)
    single, batch = Message.of((one,)), Message.of((one, other))
    assert Reading(on_event, batch=False).arguments(single) == (MUG,)
    assert Reading(on_what_is_named_in_words, batch=False).arguments(single) == (MUG,)
    assert Reading(on_event_and_record, batch=False).arguments(single) == (MUG, one)
    assert Reading(on_bytes, batch=False).arguments(Message.of((record(None),))) == (b"",)
    assert Reading(on_several, batch=True).arguments(batch) == ([MUG, ProductWithdrawn(product_id="cup")],)
    assert Reading(on_several, batch=True).arguments(batch.alone(0)) == ([MUG],)


def test_one_of_a_batch_is_told_as_if_it_had_come_alone() -> None:
    one, other = record(), record(None, offset=8, headers=[("odd", b"\xff")])
    alone = Message.of((one, other)).alone(1)
    assert alone.records == (other,) and alone.road == Road.of("product.withdrawn.v1")
    assert [texts.get("odd") for texts in alone.headers] == ["\N{REPLACEMENT CHARACTER}"]


@pytest.mark.parametrize("body", [b"{half", b"", None, b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_is_the_events_fault(body: bytes | None) -> None:
    with pytest.raises(BadRequest, match="not JSON that can be read: ") as caught:
        Reading(on_event, batch=False).arguments(Message.of((record(body),)))
    assert caught.value.reason == "bad_event"


def test_json_that_is_no_event_names_its_fields() -> None:
    with pytest.raises(ValidationError, match="product_id"):
        Reading(on_event, batch=False).arguments(Message.of((record(b'{"product_id": ""}'),)))
