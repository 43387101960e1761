"""What a failure means: one table, read aloud."""

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, MessageSizeTooLargeError
from pydantic import ValidationError

from shared.contracts.errors import BadImage, DependencyDown, NotKnown, NotYet, Transient
from shared.contracts.events import ProductEngaged, ProductWithdrawn, SampleCurated
from shared.runtime.delivery.dispositions import Action, Disposition, classify

ANSWER = SampleCurated(product_id="mug", image_sha256="a" * 64, verdict="dropped", reason="withdrawn")


class Speechless(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("error", "action", "reason", "detail"),
    [
        (DependencyDown("blobs_down", "no answer"), Action.WAIT, "blobs_down", "no answer"),
        (BadImage("not_an_image", "no photo"), Action.DEAD, "not_an_image", "no photo"),
        (NotKnown("blob_missing", "nothing at a"), Action.DEAD, "blob_missing", "nothing at a"),
        (NotYet("still_unknown", "not there", answer=ANSWER), Action.LATER, "still_unknown", "not there"),
        (Transient("busy", "try again"), Action.RETRY, "busy", "try again"),
        (
            MessageSizeTooLargeError(),
            Action.DEAD,
            "event_too_large",
            "the answer is larger than a Kafka message may be",
        ),
        (KafkaTimeoutError(), Action.WAIT, "kafka_down", "Kafka does not take the message: KafkaTimeoutError()"),
        (
            KafkaConnectionError("refused"),
            Action.WAIT,
            "kafka_down",
            "Kafka does not take the message: KafkaConnectionError('refused')",
        ),
        (ZeroDivisionError("division by zero"), Action.RETRY, "unexpected", "ZeroDivisionError: division by zero"),
        (Speechless(), Action.RETRY, "unexpected", "Speechless: without words"),
        (TimeoutError(), Action.RETRY, "unexpected", "TimeoutError: "),
    ],
)
def test_a_failure_is_waited_for_tried_again_or_given_up(
    error: Exception, action: Action, reason: str, detail: str
) -> None:
    assert classify(error) == Disposition(action, reason, detail)


def invalid() -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        ProductEngaged.model_validate({"product_id": "mug", "impressions": -1, "clicks": "x"})
    return caught.value


def test_an_event_that_is_none_is_told_field_by_field() -> None:
    disposition = classify(invalid())
    assert (disposition.action, disposition.reason) == (Action.DEAD, "bad_event")
    fields = [problem.partition(": ") for problem in disposition.detail.split("; ")]
    assert [name for name, _, _ in fields] == ["impressions", "clicks", "window_start", "window_end"]
    assert [words for _, _, words in fields][2:] == ["Field required"] * 2


def test_what_is_wrong_with_an_event_as_a_whole_is_said_of_the_event() -> None:
    with pytest.raises(ValidationError) as caught:
        ProductWithdrawn.model_validate(7)
    assert classify(caught.value).detail.startswith("event: Input should be")
