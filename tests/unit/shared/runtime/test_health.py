"""What a service knows of itself, by a clock of the test's own."""

import asyncio

import pytest
from aiokafka.errors import CommitFailedError, KafkaConnectionError, KafkaTimeoutError, NotLeaderForPartitionError
from faststream.exceptions import NackMessage

from shared.runtime.health import Health


class Clock:
    """Seconds that pass when they are told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(clock)


def test_the_time_since_the_loop_came_by_grows_until_it_comes_again(health: Health, clock: Clock) -> None:
    clock.now = 107.5
    assert health.seconds_since_tick == 7.5
    health.tick()
    assert health.seconds_since_tick == 0.0


def test_the_oldest_message_in_hand_is_the_one_that_is_told(health: Health, clock: Clock) -> None:
    assert health.oldest_handler_s == 0.0
    with health.handling():
        clock.now = 103.0
        with health.handling():
            clock.now = 104.0
            assert health.oldest_handler_s == 4.0
        assert health.oldest_handler_s == 4.0
    assert health.oldest_handler_s == 0.0


def test_a_message_that_fails_is_in_hand_no_more(health: Health, clock: Clock) -> None:
    with pytest.raises(ValueError), health.handling():
        raise ValueError
    clock.now = 900.0
    assert health.oldest_handler_s == 0.0


def test_each_reason_is_told_once_and_as_long_as_anybody_waits_for_it(health: Health) -> None:
    with health.waiting("kafka_down"), health.waiting("blobs_down"):
        with health.waiting("kafka_down"):
            assert health.waits_for == ("blobs_down", "kafka_down")
        assert health.waits_for == ("blobs_down", "kafka_down")
    assert health.waits_for == ()
    with pytest.raises(ValueError), health.waiting("kafka_down"):
        raise ValueError
    assert health.waits_for == ()


def test_the_first_reason_to_ask_for_a_new_process_stays(health: Health) -> None:
    assert health.failed is None
    health.fail("first")
    health.fail("second")
    assert health.failed == "first"


@pytest.mark.parametrize("error", [KafkaTimeoutError(), KafkaConnectionError(), NotLeaderForPartitionError()])
def test_what_passes_is_no_refusal_however_often(health: Health, error: Exception) -> None:
    assert health.refused(99, error) == 0
    assert health.failed is None


@pytest.mark.parametrize("error", [CommitFailedError("no"), ValueError("no")])
def test_the_fifth_refusal_in_a_row_asks_for_a_new_process(health: Health, error: Exception) -> None:
    assert [health.refused(times, error) for times in range(4)] == [1, 2, 3, 4]
    assert health.failed is None
    assert health.refused(4, error) == 5
    assert health.failed == f"Kafka refused the same message 5 times: {error!r}"


async def test_a_pause_is_over_in_its_time_and_a_stop_ends_it_with_the_message_left(health: Health) -> None:
    await health.pause(0.0)
    await health.pause(-7.0)
    pausing = asyncio.create_task(health.pause(60.0))
    await asyncio.sleep(0)
    health.stop()
    with pytest.raises(NackMessage):
        await pausing
    with pytest.raises(NackMessage):
        await health.pause(60.0)
