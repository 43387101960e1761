"""What there is to choose from, and who asks."""

from backdrop.gateway.answers import Model, Session, Slot, Style
from backdrop.gateway.calls.reading import a
from backdrop.gateway.requests import Call, Request


def session() -> Call[Session]:
    """Whom the key belongs to and what it may do. Raises Refused `key_unknown`."""
    return Call(Request(method="GET", route="/v1/session"), a(Session))


def styles() -> Call[tuple[Style, ...]]:
    """The named styles, those mined from what people engage with first."""
    return Call(Request(method="GET", route="/v1/styles"), a(tuple[Style, ...]))


def slots() -> Call[tuple[Slot, ...]]:
    """The usual sizes of ads, for downloads."""
    return Call(Request(method="GET", route="/v1/slots"), a(tuple[Slot, ...]))


def models() -> Call[tuple[Model, ...]]:
    """Revisions of models; one of each line is promoted."""
    return Call(Request(method="GET", route="/v1/models"), a(tuple[Model, ...]))
