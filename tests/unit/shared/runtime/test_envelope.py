"""Every event leaves with CloudEvents headers, a trace and a key."""

import asyncio
import io
import json
import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import structlog
from faststream.kafka import KafkaBroker
from prometheus_client import CollectorRegistry

from shared.contracts.events import ProductWithdrawn, SampleCurated
from shared.contracts.identity import event_id
from shared.contracts.topics import PRODUCT_SUBMITTED, PRODUCT_WITHDRAWN, SAMPLE_CURATED
from shared.runtime.broker import make_broker
from shared.runtime.cloud_events import Trace
from shared.runtime.envelope import Envelope
from shared.runtime.in_hand import SUBMITTED
from shared.runtime.memory.broker import MemoryLog, memory_broker
from shared.runtime.message import Message
from shared.runtime.records import headers_of, key_of
from shared.runtime.settings import KafkaSettings
from shared.runtime.telemetry.tracing import NoSpans

SAID = SampleCurated(product_id="mug", image_sha256="a" * 64, verdict="kept", reason="kept")
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def answers_by_publishing(broker: KafkaBroker) -> None:
    out = broker.publisher(SAMPLE_CURATED.name)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        await out.publish(SAID)


def answers_by_returning(broker: KafkaBroker) -> None:
    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    @broker.publisher(SAMPLE_CURATED.name)
    def on_withdrawn(event: ProductWithdrawn) -> SampleCurated:
        return SAID


async def heard(subscribe: object, *, traceparent: str | None = None) -> MemoryLog:
    broker = make_broker(KafkaSettings(), service="curator", registry=CollectorRegistry())
    subscribe(broker)  # type: ignore[operator]
    async with memory_broker(broker) as log:
        headers = {"traceparent": traceparent} if traceparent else {}
        await broker.publish(ProductWithdrawn(product_id="mug"), topic=PRODUCT_WITHDRAWN.name, headers=headers)
        await log.settled(10)
    return log


async def test_the_headers_say_what_it_is_and_who_said_it() -> None:
    (record,) = (await heard(answers_by_publishing)).said(SAMPLE_CURATED.name)
    headers = headers_of(record)
    assert headers["ce_specversion"] == "1.0"
    assert headers["ce_type"] == "backdrop.SampleCurated"
    assert headers["ce_source"] == "backdrop/curator"
    assert headers["ce_id"] == event_id(SAID)
    assert headers["ce_time"].endswith("+00:00")
    assert headers["content-type"] == "application/json"


async def test_the_body_is_the_events_own_json() -> None:
    (record,) = (await heard(answers_by_publishing)).said(SAMPLE_CURATED.name)
    assert record.value == SAID.model_dump_json().encode()


async def test_said_twice_it_has_the_same_id() -> None:
    first, second = await heard(answers_by_publishing), await heard(answers_by_publishing)
    ids = {headers_of(log.said(SAMPLE_CURATED.name)[0])["ce_id"] for log in (first, second)}
    assert len(ids) == 1


async def test_the_key_is_the_products_whether_published_or_returned() -> None:
    for subscribe in (answers_by_publishing, answers_by_returning):
        (record,) = (await heard(subscribe)).said(SAMPLE_CURATED.name)
        assert record.key == b"mug"


async def test_the_trace_goes_on_from_hop_to_hop() -> None:
    for subscribe in (answers_by_publishing, answers_by_returning):
        (record,) = (await heard(subscribe, traceparent=PARENT)).said(SAMPLE_CURATED.name)
        trace = Trace.read(headers_of(record)["traceparent"])
        assert trace is not None
        assert trace.trace_id == "0af7651916cd43dd8448eb211c80319c"
        assert trace.span_id != "b7ad6b7169203331"


async def test_a_message_without_a_trace_begins_one() -> None:
    (record,) = (await heard(answers_by_publishing, traceparent="00-nonsense-01")).said(SAMPLE_CURATED.name)
    assert Trace.read(headers_of(record)["traceparent"]) is not None


async def test_every_line_that_is_logged_meanwhile_names_the_message(stream: io.StringIO) -> None:
    def names(broker: KafkaBroker) -> None:
        @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
        async def on_withdrawn(event: ProductWithdrawn) -> None:
            structlog.get_logger("ours").info("in hand")
            await asyncio.to_thread(logging.getLogger("theirs").info, "in a thread")

    await heard(names, traceparent=PARENT)
    structlog.get_logger("ours").info("afterwards")
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    facts = {"service": "curator", "topic": "product.withdrawn.v1", "trace_id": trace_id, "product_id": "mug"}
    lines = {line["event"]: line for line in map(json.loads, stream.getvalue().splitlines())}
    for event in ("in hand", "in a thread"):
        assert facts.items() <= lines[event].items()
    assert not facts.keys() & lines["afterwards"].keys() - {"service"}


async def test_each_answer_to_a_batch_goes_on_with_the_trace_of_its_own_message() -> None:
    broker = make_broker(KafkaSettings(), service="curator", registry=CollectorRegistry())
    out = broker.publisher(SAMPLE_CURATED.name)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator", batch=True, max_records=8)
    async def on_withdrawn(events: list[ProductWithdrawn]) -> None:
        for event in events:
            await out.publish(SAID.model_copy(update={"product_id": event.product_id}))

    traces = {name: Trace.new() for name in ("mug", "cup", "bowl")}
    submitted = {name: f"2026-01-0{day}T12:00:00.000+00:00" for day, name in enumerate(traces, 1)}
    async with memory_broker(broker) as log:
        for name, trace in traces.items():
            headers = {"traceparent": str(trace), SUBMITTED: submitted[name]}
            await broker.publish(ProductWithdrawn(product_id=name), topic=PRODUCT_WITHDRAWN.name, headers=headers)
        foreign = ProductWithdrawn(product_id="spoon").model_dump_json().encode()
        log.append(PRODUCT_WITHDRAWN.name, b"spoon", foreign, [])
        await log.settled(10)
    found = {key_of(record): headers_of(record) for record in log.said(SAMPLE_CURATED.name)}
    assert {name: found[name][SUBMITTED] for name in traces} == {name: submitted[name] for name in traces}
    named = {name: headers["traceparent"].split("-")[1] for name, headers in found.items()}
    own = {name: trace.trace_id for name, trace in traces.items()}
    assert named == own | {"spoon": own["mug"]}, "what came without a trace goes on with that of the first"


def test_each_submission_of_a_batch_begins_when_kafka_got_it_and_the_first_names_the_span() -> None:
    spans = list[tuple[str, dict[str, str]]]()

    class Noted(NoSpans):
        def message(self, topic: str, parent: Trace | None, facts: Mapping[str, str]) -> AbstractContextManager[Trace]:
            spans.append((topic, dict(facts)))
            return super().message(topic, parent, facts)

    def got(key: bytes, at_ms: int) -> Any:
        record: Any = MemoryLog().append(PRODUCT_SUBMITTED.name, key, b"{}", [("traceparent", PARENT.encode())])
        return replace(record, timestamp=at_ms)

    message = Message.of((got(b"mug", 1_500), got(b"cup", 2_500)))
    with Envelope(service="segmenter", spans=Noted()).opened(message) as hop:
        assert hop.submitted_at == 1.5 and hop.of("cup").submitted_at == 2.5
    assert spans == [(PRODUCT_SUBMITTED.name, {"product_id": "mug"})]
