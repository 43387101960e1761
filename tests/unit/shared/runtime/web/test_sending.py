"""Bodies sent to addresses of strangers: public ones alone, no redirects, within a time."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from shared.contracts.errors import BackdropError, BadRequest, Transient
from shared.runtime.web.fetching import GuardedFetcher
from shared.runtime.web.sending import GuardedSender

OURS = GuardedFetcher(private_hosts=("127.0.0.0/8",), timeout_s=2.0)


class Hook(BaseHTTPRequestHandler):
    came: list[tuple[str, dict[str, str], bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        Hook.came.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(302 if self.path == "/moved" else 202)
        self.send_header("location", "http://127.0.0.1:1/")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def hook() -> Iterator[str]:
    Hook.came = []
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_body_arrives_with_its_headers(hook: str) -> None:
    assert GuardedSender(OURS).post(f"{hook}/x?a=1", {"webhook-id": "7"}, b"{}") == 202
    ((path, headers, body),) = Hook.came
    assert (path, headers["webhook-id"], body) == ("/x?a=1", "7", b"{}")
    assert headers["host"] == hook.removeprefix("http://")


def test_a_redirect_is_an_answer_and_is_not_followed(hook: str) -> None:
    assert GuardedSender(OURS).post(f"{hook}/moved", {}, b"") == 302 and len(Hook.came) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "https://192.168.1.1/", "https://[::ffff:10.0.0.1]/", "ftp://1.1.1.1/", "https:///x"]
)
def test_nothing_is_sent_into_private_networks(url: str) -> None:
    sender = GuardedSender(GuardedFetcher())
    for call in (lambda: sender.check(url), lambda: sender.post(url, {}, b"")):
        with pytest.raises(BackdropError) as refused:
            call()
        assert isinstance(refused.value, BadRequest), refused.value


def test_a_name_that_turns_private_later_is_refused_then() -> None:
    answers = iter([["1.1.1.1"], ["10.0.0.1"]])
    sender = GuardedSender(GuardedFetcher(resolver=lambda host, port: next(answers)))
    sender.check("https://rebinding.example/")
    with pytest.raises(BadRequest):
        sender.post("https://rebinding.example/", {}, b"")


def test_who_does_not_listen_may_later() -> None:
    with pytest.raises(Transient):
        GuardedSender(OURS).post("http://127.0.0.1:9/", {}, b"")
