"""What a failure means: one table, read aloud."""

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, MessageSizeTooLargeError
from fast_depends.exceptions import ValidationError as HandlerValidationError
from pydantic import TypeAdapter, ValidationError

from shared.contracts.errors import BadImage, BadRequest, DependencyDown, NotKnown, NotYet, Transient
from shared.contracts.events import ProductEngaged, ProductWithdrawn, SampleCurated
from shared.runtime.delivery.dispositions import Action, Disposition, classify, decoded

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


def refused(original: Exception) -> HandlerValidationError:
    return HandlerValidationError(incoming_options={}, locations=(), expected={}, original_error=original)


def test_a_handlers_argument_is_no_part_of_the_fields_name() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, ProductWithdrawn]).validate_python({"event": {"product_id": ""}, "other": 7})
    first, second = classify(refused(caught.value)).detail.split("; ")
    assert first == "product_id: String should have at least 1 character"
    assert second.startswith("event: Input should be")


def test_the_place_of_an_event_in_its_batch_is_part_of_the_fields_name() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, list[ProductWithdrawn]]).validate_python({"batch": [{"product_id": ""}]})
    detail = classify(refused(caught.value)).detail
    assert detail == "0.product_id: String should have at least 1 character"


def test_a_handlers_argument_that_is_no_matter_of_fields_is_told_as_it_is() -> None:
    disposition = classify(refused(ValueError("no such argument")))
    assert disposition == Disposition(Action.DEAD, "bad_event", "no such argument")


async def test_a_body_that_cannot_be_read_is_the_events_fault() -> None:
    async def breaks(message: object) -> object:
        raise RecursionError("too deep")

    with pytest.raises(BadRequest) as caught:
        await decoded(None, breaks)
    assert (caught.value.reason, caught.value.message) == (
        "bad_event",
        "not JSON that can be read: RecursionError: too deep",
    )


async def test_a_body_that_can_be_read_is_what_was_decoded() -> None:
    async def decode(message: object) -> object:
        return [message]

    assert await decoded(b"7", decode) == [b"7"]
