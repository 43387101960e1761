"""Bodies sent to addresses of strangers: public ones alone, no redirects, within a time."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from shared.contracts.errors import BackdropError, BadRequest, Transient
from shared.runtime.web.fetching import GuardedFetcher
from shared.runtime.web.sending import GuardedSender

OURS = GuardedFetcher(private_hosts=("127.0.0.0/8",), timeout_s=60.0)


class Hook(BaseHTTPRequestHandler):
    came: list[tuple[str, dict[str, str], bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        Hook.came.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        endless = self.path == "/endless"
        self.send_response(302 if self.path == "/moved" else 202)
        self.send_header("location", "http://127.0.0.1:1/")
        self.send_header("content-length", str(10**15 if endless else 0))
        self.end_headers()
        with suppress(OSError):  # until nobody listens any more
            while endless:
                self.wfile.write(bytes(8192))

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def hook() -> Iterator[str]:
    Hook.came = []
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_body_arrives_with_its_headers(hook: str) -> None:
    assert GuardedSender(OURS).post(f"{hook}/x?a=1", {"webhook-id": "7"}, b"{}") == 202
    ((path, headers, body),) = Hook.came
    assert (path, headers["webhook-id"], body) == ("/x?a=1", "7", b"{}")
    assert headers["host"] == hook.removeprefix("http://")


def test_a_target_is_called_by_its_name_though_it_is_reached_by_its_address(hook: str) -> None:
    ours = GuardedFetcher(private_hosts=("hooks.internal",), resolver=lambda host, port: ["127.0.0.1"])
    port = hook.rpartition(":")[2]
    assert GuardedSender(ours).post(f"http://hooks.internal:{port}/x", {}, b"{}") == 202
    ((_, headers, body),) = Hook.came
    assert (headers["host"], headers["content-length"], body) == (f"hooks.internal:{port}", "2", b"{}")


def test_the_certificate_that_is_asked_for_is_that_of_the_name() -> None:
    ours = GuardedFetcher(private_hosts=("hooks.internal",), resolver=lambda host, port: ["127.0.0.1"])
    with socket.create_server(("127.0.0.1", 0)) as server:
        hello: list[bytes] = []
        thread = threading.Thread(target=_heard_once, args=(server, hello))
        thread.start()
        with pytest.raises(Transient):
            GuardedSender(ours).post(f"https://hooks.internal:{server.getsockname()[1]}/", {}, b"{}")
        thread.join()
    assert b"hooks.internal" in hello[0]  # the server name of TLS's first message, in the clear


def _heard_once(server: socket.socket, heard: list[bytes]) -> None:
    connection, _ = server.accept()
    with connection:
        heard.append(connection.recv(4096))


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
    with pytest.raises(Transient) as away:
        GuardedSender(OURS).post("http://127.0.0.1:9/", {}, b"")
    assert away.value.reason == "target_unreachable"
    assert str(away.value.message).startswith("127.0.0.1 could not be reached: ")


def test_who_does_not_answer_is_left_when_the_time_is_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Transient) as slow:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        GuardedSender(replace(OURS, timeout_s=0.2)).post(address, {}, b"{}")
    assert (slow.value.reason, str(slow.value.message)) == ("target_slow", "127.0.0.1 did not answer within 0 s")


def test_who_speaks_something_else_than_http_may_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        threading.Thread(target=_speak_smtp, args=(other,), daemon=True).start()
        with pytest.raises(Transient) as odd:
            GuardedSender(OURS).post(f"http://127.0.0.1:{other.getsockname()[1]}/", {}, b"{}")
    assert odd.value.reason == "target_unreachable"


def _speak_smtp(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(1024)
        connection.sendall(b"220 mail.example ESMTP\r\n")


def test_an_answer_without_an_end_is_not_listened_to(hook: str) -> None:
    assert GuardedSender(OURS).post(f"{hook}/endless", {}, b"") == 202


def test_a_private_target_is_told_what_a_target_must_be() -> None:
    with pytest.raises(BadRequest) as refused:
        GuardedSender(GuardedFetcher()).check("https://10.0.0.1/")
    assert refused.value.reason == "url_private"
    words = "the target must be an https:// address on the public web: 10.0.0.1 is none"
    assert str(refused.value.message) == words


def test_a_target_is_looked_up_by_its_name_for_the_port_it_is_reached_at() -> None:
    asked: list[tuple[str, int]] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["1.1.1.1"]

    GuardedSender(GuardedFetcher(resolver=resolver)).check("https://hooks.example/x")
    assert asked == [("hooks.example", 443)]
