"""Alertmanager's webhook: an alert that says so rolls a model back, once however often it is told."""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.contracts.errors import BackdropError, BadRequest
from shared.contracts.events import RollbackRequested

MOST_BYTES = 1_000_000
PATIENCE_S = 10.0  # for a body to come
Publish = Callable[[Sequence[RollbackRequested]], object]


class Alert(BaseModel):
    """One alert as Alertmanager sends it; what is not needed is ignored."""

    model_config = ConfigDict(extra="ignore")

    status: str
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    startsAt: str = ""  # noqa: N815 - Alertmanager's own name


class Notification(BaseModel):
    """What Alertmanager posts, in version 4 of its format."""

    model_config = ConfigDict(extra="ignore")

    version: Literal["4"]
    alerts: tuple[Alert, ...]


@dataclass(frozen=True)
class Asked:
    """What a notification asks for, and in words why some of its alerts cannot be obeyed."""

    rollbacks: tuple[RollbackRequested, ...]
    unusable: tuple[str, ...] = ()


def rollbacks(body: bytes) -> Asked:
    """What follows from a notification: firing alerts with the labels `action: rollback` and `model`.

    Alerts of one notification that name the same model and revision ask for one rollback, or each would go one revision
    further back; the oldest counts. Those of two notifications are two: a rule has to give one alert a model, as the
    shipped one does (`max by (name)`). The id follows from an alert's labels and start, so that a repeated notification
    asks for the same. Raises BadRequest for what is no notification.
    """
    try:
        told = Notification.model_validate_json(body).alerts
    except ValidationError as problem:
        words = f"that is no notification of Alertmanager's, version 4: {_first(problem)}"
        raise BadRequest("no_notification", words) from problem
    firing = [alert for alert in told if alert.status == "firing" and alert.labels.get("action") == "rollback"]
    oldest: dict[tuple[str | None, str | None], Alert] = {}
    for alert in sorted(firing, key=lambda one: (one.startsAt, sorted(one.labels.items()))):
        oldest.setdefault((alert.labels.get("model"), alert.labels.get("revision")), alert)
    requests = [_request(alert) for alert in oldest.values()]
    return Asked(
        tuple(one for one in requests if not isinstance(one, str)),
        tuple(one for one in requests if isinstance(one, str)),
    )


def _request(alert: Alert) -> RollbackRequested | str:
    """What it asks for; words for labels that can name no model."""
    told = json.dumps([sorted(alert.labels.items()), alert.startsAt])
    name = alert.labels.get("alertname", "an alert")
    try:
        return RollbackRequested(
            request_id=f"alert-{hashlib.sha256(told.encode()).hexdigest()[:16]}",
            model=alert.labels.get("model", ""),
            revision=alert.labels.get("revision"),
            reason=f"{name}: {alert.annotations.get('summary', '')}"[:1000],
        )
    except ValidationError as problem:
        return f"{name} has `action: rollback`, and labels that cannot be obeyed: {_first(problem)}"


def _first(problem: ValidationError) -> str:
    found = problem.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in found["loc"])
    return f"{where}: {found['msg']}" if where else str(found["msg"])


def server(host: str, port: int, token: str, publish: Publish) -> ThreadingHTTPServer:
    """A server that takes notifications from whoever has the token; `port` 0 takes a free one.

    Raises BadRequest for an address that cannot be had.
    """

    class AlertHandler(BaseHTTPRequestHandler):
        timeout = PATIENCE_S

        def do_POST(self) -> None:
            status, words = self._answer()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(words.encode())

        def _answer(self) -> tuple[int, str]:
            given = self.headers.get("Authorization", "").encode("latin-1")  # as http.server reads bytes
            if not hmac.compare_digest(given, f"Bearer {token}".encode()):
                return 401, "give `Authorization: Bearer <token>`"
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdigit() and int(length) <= MOST_BYTES):
                return 413, f"give a Content-Length of at most {MOST_BYTES}"
            try:
                asked = rollbacks(self.rfile.read(int(length)))
                publish(asked.rollbacks)
            except BadRequest as error:
                return 400, error.message
            except BackdropError as error:
                return 503, error.message  # Alertmanager tries again
            if asked.unusable:
                return 400, "; ".join(asked.unusable)
            return 202, f"{len(asked.rollbacks)} rollbacks asked for"

    try:
        return ThreadingHTTPServer((host, port), AlertHandler)
    except OSError as error:
        words = f"{host}:{port} cannot be had ({error.strerror}): give another with --host and --port"
        raise BadRequest("address_taken", words) from error


def serve(host: str, port: int, token: str, publish: Publish) -> None:
    """Take notifications until interrupted."""
    with server(host, port, token, publish) as receiver:
        receiver.serve_forever()
