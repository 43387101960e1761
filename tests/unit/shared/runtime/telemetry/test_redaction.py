"""Passwords, signatures and tokens leave the process in no log line, no traceback and no dead letter."""

import io
import json
import logging

import pytest
import structlog
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from shared.contracts.events import ProductWithdrawn
from shared.contracts.topics import PRODUCT_WITHDRAWN
from shared.runtime.broker import make_broker
from shared.runtime.memory.broker import memory_broker
from shared.runtime.records import headers_of
from shared.runtime.settings import KafkaSettings
from shared.runtime.telemetry.redaction import redacted

SIGNED = "https://b.s3.amazonaws.com/a.jpg?X-Amz-Algorithm=A&X-Amz-Credential=hunter2%2Fx&X-Amz-Signature=hunter2#top"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("https://bob:hunter2@shop.example/a.jpg", "https://[hidden]@shop.example/a.jpg"),
        ("postgresql+psycopg://bob:hunter2@db/x", "postgresql+psycopg://[hidden]@db/x"),
        ("redis://:hunter2@cache:6379", "redis://[hidden]@cache:6379"),
        ("https://b:p@hunter2@shop.example/", "https://[hidden]@shop.example/"),
        (
            SIGNED,
            "https://b.s3.amazonaws.com/a.jpg?X-Amz-Algorithm=A&X-Amz-Credential=[hidden]&X-Amz-Signature=[hidden]#top",
        ),
        (
            "https://a.blob.core.windows.net/p?sv=2024&sig=hunter2&se=1",
            "https://a.blob.core.windows.net/p?sv=2024&sig=[hidden]&se=1",
        ),
        ("https://x.example/?token=hunter2&w=100", "https://x.example/?token=[hidden]&w=100"),
        ("host=db user=bob password=hunter2 dbname=x", "host=db user=bob password=[hidden] dbname=x"),
        ("password='hunter2 too' host=db", "password=[hidden] host=db"),
        ('{"password": "hunter2", "user": "bob"}', '{"password": [hidden], "user": "bob"}'),
        ("Authorization: Bearer hunter2", "Authorization: [hidden]"),
        ("authorization: Basic hunter2 and more\nHost: x", "authorization: [hidden]\nHost: x"),
        ("sent with bearer hunter2.x", "sent with bearer [hidden]"),
        ("secret_key: hunter2", "secret_key: [hidden]"),
        ("MINIO_SECRET_KEY=hunter2", "MINIO_SECRET_KEY=[hidden]"),
    ],
)
def test_secrets_are_hidden(text: str, clean: str) -> None:
    assert "hunter2" not in redacted(text)
    assert redacted(text) == clean
    assert redacted(redacted(text)) == clean


@pytest.mark.parametrize(
    "text",
    [
        "images/0af7651916cd.jpg is no photo",
        "https://shop.example/a.jpg?width=100#top",
        "a mug @ 3:4, price: 7",
        "waits for Kafka: 127.0.0.1:9092",
        "the token of a plate is a word",
        "mail to bob@shop.example",
        "basic shapes on a plate",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


def test_no_log_line_holds_a_secret_wherever_it_stands(stream: io.StringIO) -> None:
    logging.getLogger("theirs").warning("cannot open %s", "postgresql://bob:hunter2@db/x")
    structlog.get_logger("ours").warning(
        "failed", detail=SIGNED, password="hunter2", deep={"a": [{"secret": "hunter2"}]}
    )
    structlog.get_logger("ours").warning("failed", settings=SecretStr("hunter2"), other=ValueError("token=hunter2"))
    assert "hunter2" not in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 3


def test_a_traceback_shows_no_local_variable_and_no_secret_of_its_message(stream: io.StringIO) -> None:
    password = "hunter" + "2"
    try:
        try:
            raise OSError(f"no answer from https://bob:{password}@shop.example")
        except OSError as error:
            raise ValueError(f"password={password}") from error
    except ValueError:
        structlog.get_logger("ours").exception("failed")
        logging.getLogger("theirs").exception("failed")
    ours, theirs = (json.loads(line) for line in stream.getvalue().splitlines())
    for line in (ours, theirs):
        assert "hunter2" not in json.dumps(line)
        assert "ValueError" in json.dumps(line) and "OSError" in json.dumps(line)
        assert '"locals"' not in json.dumps(line)


async def test_a_dead_letter_tells_no_secret_of_the_error_that_killed_it() -> None:
    broker = make_broker(KafkaSettings(tries=1, retry_delays_s=()), service="curator", registry=CollectorRegistry())

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        raise RuntimeError(f"could not fetch {SIGNED}")

    with structlog.testing.capture_logs() as lines:
        async with memory_broker(broker) as log:
            await broker.publish(ProductWithdrawn(product_id="mug"), topic=PRODUCT_WITHDRAWN.name)
            await log.settled(10)
    (letter,) = log.said(PRODUCT_WITHDRAWN.dead)
    assert "could not fetch https://b.s3.amazonaws.com/a.jpg" in headers_of(letter)["x-detail"]
    assert "hunter2" not in repr(letter.headers)
    assert lines
