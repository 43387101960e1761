"""What is asked of a gateway and what comes back, as values; nothing is sent here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar
from urllib.parse import quote

T = TypeVar("T")
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
KEY_HEADER = "Idempotency-Key"


@dataclass(frozen=True, kw_only=True)
class Form:
    """A multipart body: words, and files by field."""

    words: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Raw:
    """A body as it is."""

    content: bytes
    kind: str = "application/json"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request. `route` is the path as the OpenAPI document has it; `names` fill its braces."""

    method: Method
    route: str
    names: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Form | Raw | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The route with its names filled in; a name's slashes stay part of it."""
        return self.route.format_map({name: quote(value, safe="") for name, value in self.names.items()})

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does the same as sending it once."""
        return self.method in ("GET", "PUT", "DELETE") or KEY_HEADER in self.headers


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the gateway answered; names of headers in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Lost:
    """There was no answer, or it broke off. Whether the request was worked on is not known."""

    detail: str


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request with how its answer is read."""

    request: Request
    read: Callable[[Answer], T]
