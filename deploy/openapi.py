"""The gateway's OpenAPI document, as the code has it and as docs/openapi.json is committed."""

import json
from pathlib import Path
from typing import Any, cast

from services.gateway.doors.api import make_api

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"


def openapi() -> dict[str, Any]:
    """The document. It follows from the routes alone, so nothing has to run behind them."""
    return make_api(cast(Any, _Nothing()), cast(Any, _Nothing())).openapi()


def text() -> str:
    """As it is committed."""
    return json.dumps(openapi(), indent=1, ensure_ascii=False) + "\n"


class _Nothing:
    """Stands where the gateway stands; no route is called."""

    page = None
    answers = None
