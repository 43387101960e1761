"""Cursors: where a page ended, as opaque text. A cursor names the last item, so new items shift nothing. Pure."""

import base64
import json
from datetime import datetime

from shared.contracts.errors import BadRequest


def write_cursor(moment: datetime, *names: str) -> str:
    """The cursor behind an item that was told at a moment and has these names."""
    return base64.urlsafe_b64encode(json.dumps([moment.isoformat(), *names]).encode()).decode().rstrip("=")


def read_cursor(cursor: str, names: int) -> tuple[datetime, tuple[str, ...]]:
    """Moment and names. Raises BadRequest(`cursor_invalid`) for what never was a cursor of this list."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, *found = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if len(found) != names or not all(isinstance(name, str) and _is_text(name) for name in found):
            raise ValueError("other names")
        return datetime.fromisoformat(moment), tuple(found)
    except (ValueError, TypeError, RecursionError) as error:
        raise BadRequest("cursor_invalid", "this cursor does not come from this list; begin without one") from error


def _is_text(name: str) -> bool:
    """Whether a database can be asked for it. Raises UnicodeError for half a character."""
    return b"\0" not in name.encode()
