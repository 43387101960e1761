"""A producer of kafka-python that gives up some records, and tells only those who ask."""

from typing import Any

from kafka.errors import KafkaTimeoutError


class Sent:
    """What `send` returns."""

    def __init__(self, *, refused: bool) -> None:
        self._refused = refused

    def get(self) -> None:
        """Raises KafkaTimeoutError for a record that was given up."""
        if self._refused:
            raise KafkaTimeoutError()


class RefusingProducer:
    """`gives_up`: the number of the record that Kafka does not take, from 1; 0 for none."""

    def __init__(self, *, gives_up: int = 0) -> None:
        self._gives_up = gives_up
        self.sent = 0

    def send(self, topic: str, *said: Any, **named: Any) -> Sent:
        """Take one, or seem to."""
        self.sent += 1
        return Sent(refused=self.sent == self._gives_up)

    def close(self) -> None:
        """Nothing is left to do."""
