"""Log lines are JSON with the service, the topic, the product and the trace on them."""

import io
import json
import logging

import structlog


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
