"""Server-sent events out of bytes, however those are cut. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from backdrop.gateway.problems import unreadable
from shared.contracts.events import Event
from shared.contracts.topics import TOPICS

MOST_BYTES = 8 * 1024 * 1024  # of one event; ours have a few kB
KINDS = {f"backdrop.{topic.event.__name__}": topic.event for topic in TOPICS}


class Told(BaseModel):
    """One event: CloudEvents' envelope, with `last_id`, behind which a later listener goes on."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: str
    source: str
    type: str
    time: datetime
    subject: str | None = None
    data: dict[str, Any]
    last_id: str = ""

    @property
    def event(self) -> Event | None:
        """The contract's event; None for a type that this client is too old for."""
        kind = KINDS.get(self.type)
        return None if kind is None else kind.model_validate(self.data)


@dataclass
class Frames:
    """What has arrived of a stream."""

    _last_id: str = ""
    _rest: bytes = b""
    _data: list[bytes] = field(default_factory=list)

    def take(self, chunk: bytes) -> list[Told]:
        """The events that this piece completes. Comments and what is no event of ours are passed over.

        Raises Refused `answer_unreadable` for an event without an end.
        """
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) + sum(map(len, self._data)) > MOST_BYTES:
            raise unreadable(200)
        return [told for line in lines if (told := self._line(line.removesuffix(b"\r"))) is not None]

    def _line(self, line: bytes) -> Told | None:
        if not line:
            return self._event()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"id" and b"\0" not in value:
            self._last_id = value.decode("utf-8", "replace")
        return None

    def _event(self) -> Told | None:
        body, self._data = b"\n".join(self._data), []
        try:
            return Told.model_validate_json(body).model_copy(update={"last_id": self._last_id}) if body else None
        except ValidationError:
            return None
