"""What a topic tells by now, event by event."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from pydantic import BaseModel

from backdrop.client import Heard

Told = TypeVar("Told", bound=BaseModel)


def read_by_now(heard: Iterable[Heard | None], kind: type[Told]) -> Iterator[Told]:
    """Ends where nothing more comes for a while; what cannot be read is not ours to judge, and is passed over."""
    for one in heard:
        if one is None:
            return
        try:
            event = kind.model_validate_json(one.value)
        except ValueError:
            continue
        yield event
