"""What a lane carries: one record on its way to a handler, or a batch of them, as a person may read it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from inspect import signature
from typing import Any

from pydantic import TypeAdapter, ValidationError

from shared.contracts.errors import BadRequest
from shared.runtime.records import RETRY_SUFFIX, Record, key_name


@dataclass(frozen=True, slots=True)
class Road:
    """What is known of all messages of one Kafka topic: `topic` is T, also of what comes by way of T.retry."""

    topic: str
    waits: bool
    key_name: str

    @staticmethod
    @cache
    def of(name: str) -> "Road":
        """By the name of the Kafka topic; they are as many as the contract has."""
        topic = name.removesuffix(RETRY_SUFFIX)
        return Road(topic, waits=name != topic, key_name=key_name(topic))


class Texts:
    """Headers of a record as text, each made when it is asked for: a message has ten of them, and few are read."""

    __slots__ = ("_raw",)

    def __init__(self, headers: Sequence[tuple[str, bytes | None]]) -> None:
        self._raw = dict(headers)

    def get(self, name: str, default: str | None = None) -> str | None:
        """A header's text; what is not UTF-8 is replaced, null is empty."""
        return (self._raw[name] or b"").decode("utf-8", "replace") if name in self._raw else default


@dataclass(slots=True)
class Message:
    """`records` as they came, at least one, with the headers of each."""

    records: tuple[Record, ...]
    headers: tuple[Texts, ...]
    road: Road

    @classmethod
    def of(cls, records: tuple[Record, ...]) -> "Message":
        """A message as it came."""
        return cls(records, tuple([Texts(record.headers) for record in records]), Road.of(records[0].topic))

    def alone(self, index: int) -> "Message":
        """One of a batch, as if it had come alone."""
        return Message((self.records[index],), (self.headers[index],), self.road)


class Reading:
    """How a handler gets to know of a message: its first argument is what was said, a second one the record itself."""

    def __init__(self, handler: Callable[..., Any], *, batch: bool) -> None:
        body, *others = signature(handler, eval_str=True).parameters.values()
        kind = body.annotation.__args__[0] if batch else body.annotation
        self._adapter: TypeAdapter[Any] | None = None if kind is bytes else TypeAdapter(kind)
        self._batch = batch
        self._with_record = bool(others)

    def arguments(self, message: Message) -> tuple[Any, ...]:
        """What the handler is called with. Raises ValidationError, BadRequest."""
        if self._batch:
            return ([self._said(record) for record in message.records],)
        record = message.records[0]
        return (self._said(record), record) if self._with_record else (self._said(record),)

    def _said(self, record: Record) -> Any:
        if self._adapter is None:
            return record.value or b""
        try:
            return self._adapter.validator.validate_json(record.value or b"")
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
            if problem["type"] != "json_invalid":
                raise
            raise BadRequest("bad_event", f"not JSON that can be read: {problem['msg']}") from error
