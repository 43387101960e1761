"""Log lines are JSON with the service, the topic, the product and the trace on them."""

import io
import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from shared.runtime.telemetry.logs import configure_logs, hide_secrets


def lines(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_lines_and_those_of_libraries_look_alike(stream: io.StringIO) -> None:
    structlog.get_logger("ours").warning("given up", reason="bad_image")
    logging.getLogger("theirs").warning("trouble %s", 7)
    ours, theirs = lines(stream)
    assert (ours["event"], ours["reason"], ours["service"], ours["level"]) == (
        "given up",
        "bad_image",
        "segmenter",
        "warning",
    )
    assert (theirs["event"], theirs["service"], theirs["logger"]) == ("trouble 7", "segmenter", "theirs")


def test_the_message_in_hand_is_named_on_every_line(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(topic="product.submitted.v1", product_id="mug", trace_id="abc"):
        logging.getLogger("theirs").info("decoding")
    (line,) = lines(stream)
    assert (line["topic"], line["product_id"], line["trace_id"]) == ("product.submitted.v1", "mug", "abc")


def test_an_exception_is_one_line(stream: io.StringIO) -> None:
    try:
        raise ValueError("no")
    except ValueError:
        structlog.get_logger("ours").exception("failed")
    (line,) = lines(stream)
    assert "ValueError" in json.dumps(line)


def test_a_line_says_when_in_utc(stream: io.StringIO) -> None:
    logging.getLogger("theirs").warning("trouble")
    (line,) = lines(stream)
    said = datetime.fromisoformat(line["timestamp"])
    assert line["timestamp"].endswith("Z")
    assert abs(datetime.now(UTC) - said) < timedelta(minutes=1)


def test_a_service_that_names_itself_keeps_its_name(stream: io.StringIO) -> None:
    structlog.get_logger("ours").warning("given up", service="curator")
    assert lines(stream)[0]["service"] == "curator"


def test_of_chatty_libraries_only_warnings_are_heard(stream: io.StringIO) -> None:
    for name in ("aiokafka", "uvicorn.access", "httpx", "urllib3", "PIL", "alembic"):
        logging.getLogger(name).info("chat")
        logging.getLogger(name).warning("trouble")
    logging.getLogger("theirs").debug("detail")
    assert [line["event"] for line in lines(stream)] == ["trouble"] * 6


@pytest.mark.parametrize("name", ["uvicorn", "uvicorn.error", "uvicorn.access", "faststream"])
def test_libraries_that_print_in_their_own_format_log_as_everybody_does(name: str, stream: io.StringIO) -> None:
    theirs, own = logging.getLogger(name), io.StringIO()
    theirs.addHandler(logging.StreamHandler(own))
    theirs.propagate, theirs.disabled = False, False
    theirs.setLevel(logging.INFO)  # as uvicorn does, whatever another server of this process has asked for
    configure_logs(service="segmenter", stream=stream)
    assert (theirs.handlers, theirs.propagate) == ([], True)
    theirs.warning("trouble")
    assert own.getvalue() == ""
    assert [line["event"] for line in lines(stream)] == ["trouble"]


def test_that_topics_are_not_made_on_the_fly_is_meant_and_not_news(stream: io.StringIO) -> None:
    kafka = logging.getLogger("backdrop.kafka")
    kafka.warning("Auto create topics is disabled for some reason")
    kafka.warning("waits for Kafka")
    logging.getLogger("theirs").warning("Auto create topics is disabled")
    assert [(line["logger"], line["event"]) for line in lines(stream)] == [
        ("backdrop.kafka", "waits for Kafka"),
        ("theirs", "Auto create topics is disabled"),
    ]


def test_a_secrets_name_hides_its_value_at_any_depth_and_what_is_none_stays() -> None:
    said = {
        "detail": "token=hunter2", "password": "hunter2", "tries": 3, "share": 0.5, "known": True, "nothing": None,
        "deep": [{"secret": "hunter2", 7: ("sig=hunter2",)}], "places": ("a", "b"), "password=hunter2": 1,
        "API_KEY": "hunter2", "error": ValueError("token=hunter2"), "token": 7, "secret": ["hunter2", "3"],
    }  # fmt: skip
    assert hide_secrets(None, "", said) == {
        "detail": "token=[hidden]",
        "password": "[hidden]",
        "tries": 3,
        "share": 0.5,
        "known": True,
        "nothing": None,
        "deep": [{"secret": "[hidden]", "7": ["sig=[hidden]"]}],
        "places": ["a", "b"],
        "password=[hidden]": 1,
        "API_KEY": "[hidden]",
        "error": "ValueError('token=[hidden])",
        "token": 7,
        "secret": ["[hidden]", "[hidden]"],
    }
