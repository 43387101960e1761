"""The guarded fetcher against a real HTTP server on loopback, and against names that lead into the private network."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from shared.contracts.errors import BadImage, Transient
from shared.runtime.web.deadlines import Deadline
from shared.runtime.web.fetching import GuardedFetcher

LOOPBACK = ("127.0.0.0/8",)
PUBLIC = "93.184.215.14"


class Shop(BaseHTTPRequestHandler):
    """/ok serves bytes, /moved leads to /ok, /inward to a private address, /loop to itself, /heavy is two megabytes."""

    def do_GET(self) -> None:
        moved = {
            "/moved": "/ok",
            "/inward": "http://10.0.0.7/secret",
            "/loop": "/loop",
            "/file": "file:///etc/passwd",
            "/odd": "http://pictures.example:port/",
            "/accented": "/caf\xe9",
        }
        self.server.asked.append(dict(self.headers.items()))  # type: ignore[attr-defined]
        if self.path in moved:
            self.send_response(302)
            self.send_header("location", moved[self.path])
            self.end_headers()
            return
        status = {"/gone": 404, "/busy": 429, "/failed": 500, "/broken": 503}.get(self.path, 200)
        self.send_response(status)
        if self.path == "/also-elsewhere":
            self.send_header("location", "/gone")
        self.end_headers()
        self.server.hosts.append(self.headers["host"])  # type: ignore[attr-defined]
        with suppress(OSError):  # who heard too much has left
            self.wfile.write(bytes(2_100_000) if self.path == "/heavy" else b"picture")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def shop() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.hosts, server.asked = [], []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def url(server: ThreadingHTTPServer, path: str, host: str = "127.0.0.1") -> str:
    return f"http://{host}:{server.server_port}{path}"


def test_a_loopback_server_is_refused_by_default(shop: ThreadingHTTPServer) -> None:
    with pytest.raises(BadImage) as caught:
        GuardedFetcher().fetch(url(shop, "/ok"))
    assert caught.value.reason == "url_private"
    assert shop.hosts == []  # type: ignore[attr-defined]


def test_an_allowed_network_is_fetched(shop: ThreadingHTTPServer) -> None:
    assert GuardedFetcher(LOOPBACK).fetch(url(shop, "/ok")) == b"picture"


def test_an_allowed_host_name_is_fetched_by_its_checked_address_under_its_own_name(shop: ThreadingHTTPServer) -> None:
    fetcher = GuardedFetcher(("shop.internal",), resolver=lambda host, port: ["127.0.0.1"])
    assert fetcher.fetch(url(shop, "/ok", "shop.internal")) == b"picture"
    assert shop.hosts == [f"shop.internal:{shop.server_port}"]  # type: ignore[attr-defined]


def test_who_fetches_says_what_it_takes_and_who_it_is(shop: ThreadingHTTPServer) -> None:
    GuardedFetcher(LOOPBACK).fetch(url(shop, "/ok"))
    (asked,) = shop.asked  # type: ignore[attr-defined]
    assert {name.lower(): value for name, value in asked.items()} == {
        "host": f"127.0.0.1:{shop.server_port}",
        "accept": "image/*",
        "accept-encoding": "identity",
        "user-agent": "backdrop",
    }


def test_the_certificate_that_is_asked_for_is_that_of_the_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        hello: list[bytes] = []
        thread = threading.Thread(target=_heard_once, args=(server, hello))
        thread.start()
        fetcher = GuardedFetcher(("shop.internal",), resolver=lambda host, port: ["127.0.0.1"])
        with pytest.raises(Transient):
            fetcher.fetch(f"https://shop.internal:{server.getsockname()[1]}/a.jpg")
        thread.join()
    assert b"shop.internal" in hello[0]  # the server name of TLS's first message, in the clear


def _heard_once(server: socket.socket, heard: list[bytes]) -> None:
    connection, _ = server.accept()
    with connection:
        heard.append(connection.recv(4096))


def test_a_redirect_is_followed_a_few_times(shop: ThreadingHTTPServer) -> None:
    assert GuardedFetcher(LOOPBACK).fetch(url(shop, "/moved")) == b"picture"
    assert GuardedFetcher(LOOPBACK).fetch(url(shop, "/accented")) == b"picture"
    shop.asked.clear()  # type: ignore[attr-defined]
    with pytest.raises(BadImage) as caught:
        GuardedFetcher(LOOPBACK).fetch(url(shop, "/loop"))
    assert (caught.value.reason, str(caught.value.message)) == (
        "url_redirects",
        "the image URL redirects too often",
    )
    assert len(shop.asked) == 1 + 3  # type: ignore[attr-defined]


def test_a_place_beside_a_picture_is_not_gone_to(shop: ThreadingHTTPServer) -> None:
    assert GuardedFetcher(LOOPBACK).fetch(url(shop, "/also-elsewhere")) == b"picture"


@pytest.mark.parametrize(
    ("path", "reason", "words"),
    [
        ("/inward", "url_private", "10.0.0.7 is not a public address; images must be on the public web"),
        ("/file", "url_scheme", "an image URL must begin with https:// and name a host"),
        ("/odd", "url_invalid", "127.0.0.1 redirects to what is not a valid URL: Invalid port: 'port'"),
    ],
)
def test_a_redirect_to_a_private_place_is_refused(
    shop: ThreadingHTTPServer, path: str, reason: str, words: str
) -> None:
    with pytest.raises(BadImage) as caught:
        GuardedFetcher(LOOPBACK).fetch(url(shop, path))
    assert (caught.value.reason, str(caught.value.message)) == (reason, words)


def test_too_many_bytes_are_refused_and_just_as_many_as_may_be_are_not(shop: ThreadingHTTPServer) -> None:
    with pytest.raises(BadImage) as caught:
        GuardedFetcher(LOOPBACK, max_bytes=2_000_000).fetch(url(shop, "/heavy"))
    assert caught.value.reason == "image_too_heavy"
    assert str(caught.value.message) == "the URL serves more than 2 MB"
    assert GuardedFetcher(LOOPBACK, max_bytes=2_100_000).fetch(url(shop, "/heavy")) == bytes(2_100_000)


def test_a_missing_picture_is_refused_and_a_broken_server_may_be_tried_again(shop: ThreadingHTTPServer) -> None:
    with pytest.raises(BadImage) as gone:
        GuardedFetcher(LOOPBACK).fetch(url(shop, "/gone"))
    assert gone.value.reason == "url_refused"
    assert str(gone.value.message) == "127.0.0.1 answers 404 for this image"
    for path, status in (("/busy", 429), ("/failed", 500), ("/broken", 503)):
        with pytest.raises(Transient) as broken:
            GuardedFetcher(LOOPBACK).fetch(url(shop, path))
        assert broken.value.reason == "url_unavailable"
        assert str(broken.value.message) == f"127.0.0.1 answers {status}"


def test_a_closed_port_may_be_tried_again() -> None:
    with pytest.raises(Transient, match=r"127\.0\.0\.1 could not be reached: ") as caught:
        GuardedFetcher(LOOPBACK, timeout_s=60).fetch("http://127.0.0.1:9/ok")
    assert caught.value.reason == "url_unreachable"


def test_an_address_of_ours_is_known_in_version_6_too_and_by_any_address_of_its_network() -> None:
    ours = replace(at("::ffff:10.1.2.3"), private_hosts=("10.9.9.9/8",))
    assert str(ours.address_of(httpx.URL("http://store:9000/a"), Deadline(60))) == "::ffff:a01:203"
    assert refusal(replace(ours, private_hosts=("192.168.0.0/16",)), "http://store:9000/a") == "url_private"


def at(*addresses: str) -> GuardedFetcher:
    """A fetcher for which every name leads to these addresses."""
    return GuardedFetcher(resolver=lambda host, port: list(addresses), timeout_s=60)


def refusal(fetcher: GuardedFetcher, url: str = "https://pictures.example/a.jpg") -> str:
    with pytest.raises(BadImage) as caught:
        fetcher.fetch(url)
    return caught.value.reason


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "fe80::1%eth0", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe"])
def test_a_name_that_leads_into_the_private_network_is_refused(address: str) -> None:
    assert refusal(at(address)) == "url_private"


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    assert refusal(at(PUBLIC, "10.0.0.1")) == "url_private"


def test_a_name_that_leads_nowhere_is_refused() -> None:
    assert refusal(at()) == "url_private"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("file:///etc/passwd", "url_scheme"),
        ("ftp://pictures.example/a.jpg", "url_scheme"),
        ("gopher://pictures.example", "url_scheme"),
        ("https://", "url_scheme"),
        ("//pictures.example/a.jpg", "url_scheme"),
        ("http://pictures.example/a.jpg", "url_scheme"),
        ("https://pictures.example:99999/a.jpg", "url_port"),
        ("https://[::1/a.jpg", "url_invalid"),
        ("https://pictures.example/a\r\nhost: b", "url_invalid"),
        ("https://user:password@pictures.example/a.jpg", "url_invalid"),
        ("https://pictures.example:22/", "url_port"),
        ("https://pictures.example:80/", "url_port"),
    ],
)
def test_what_is_no_https_url_of_the_web_is_refused(text: str, reason: str) -> None:
    assert refusal(at(PUBLIC), text) == reason


def test_a_refusal_says_in_words_what_may_be_fetched() -> None:
    words = {
        "http://pictures.example/a.jpg": "images are fetched over https:// only, not over http://",
        "https://pictures.example:22/": "images are not fetched from port 22",
        "https://a:b@pictures.example/": "an image URL must not hold a user name or a password",
        "https://other.example/": "images are not fetched from other.example; it is not on this service's list",
        "https://pictures.example:port/": "this is not a valid URL: Invalid port: 'port'",
    }
    for text, said in words.items():
        with pytest.raises(BadImage) as caught:
            replace(at(PUBLIC), hosts=("pictures.example",)).fetch(text)
        assert str(caught.value.message) == said


def test_http_and_further_ports_are_taken_when_they_are_allowed() -> None:
    allowed = replace(at(PUBLIC), plain_http=True, ports=(8443,))
    for url in ("http://pictures.example/a.jpg", "https://pictures.example:8443/", "https://pictures.example/"):
        assert str(allowed.address_of(httpx.URL(url), Deadline(60))) == PUBLIC
    assert refusal(allowed, "http://pictures.example:8080/") == "url_port"


def test_with_a_list_of_hosts_only_these_are_asked() -> None:
    listed = replace(at(PUBLIC), hosts=("cdn.example.com", ".shop.example"))
    for host in ("cdn.example.com", "CDN.example.com.", "shop.example", "img.shop.example"):
        assert str(listed.address_of(httpx.URL(f"https://{host}/"), Deadline(60))) == PUBLIC
    for host in ("example.com", "evilshop.example", "shop.example.evil.com"):
        assert refusal(listed, f"https://{host}/") == "url_host"


def test_numbers_dressed_up_as_names_are_seen_through() -> None:
    for host in ("2130706433", "0x7f000001", "localhost"):
        with pytest.raises((BadImage, Transient)) as caught:
            GuardedFetcher(timeout_s=60).fetch(f"https://{host}/")
        assert caught.value.reason in {"url_private", "url_unresolved"}


# --- one deadline over everything ------------------------------------------------------------------------------------


class Dawdler(threading.Thread):
    """A server that sends one piece now and then and never ends, and counts who came."""

    def __init__(self, first: bytes, piece: bytes, every_s: float) -> None:
        super().__init__(daemon=True)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.first, self.piece, self.every_s = first, piece, every_s
        self.stopped = threading.Event()

    def run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                threading.Thread(target=self._dawdle, args=(connection,), daemon=True).start()

    def _dawdle(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.sendall(self.first)
            while not self.stopped.wait(self.every_s):
                connection.sendall(self.piece)

    def close(self) -> None:
        self.stopped.set()
        self.listening.close()


@pytest.mark.parametrize(
    ("scheme", "first", "piece"),
    [
        ("http", b"HTTP/1.1 200 OK\r\n", b"x"),
        ("http", b"HTTP/1.1 200 OK\r\n", b"x-header: and another one\r\n"),
        ("http", b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        ("http", b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        ("http", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        ("http", b"", b""),
        ("https", b"", b""),
        ("https", b"\x16\x03\x03\x40\x00", b"\x00"),
    ],
    ids=["header byte", "header lines", "100s", "body", "chunks", "silence", "TLS silence", "TLS bytes"],
)
def test_a_server_that_dawdles_is_left_when_the_time_is_up(scheme: str, first: bytes, piece: bytes) -> None:
    server = Dawdler(first, piece, every_s=0.05)
    server.start()
    began = time.monotonic()
    with pytest.raises(Transient) as caught:
        GuardedFetcher(LOOPBACK, timeout_s=0.4).fetch(f"{scheme}://127.0.0.1:{server.port}/a.jpg")
    server.close()
    assert (caught.value.reason, str(caught.value.message)) == ("url_slow", "the image did not arrive within 0 s")
    assert time.monotonic() - began > 0.3


def test_redirects_share_one_deadline() -> None:
    server = Dawdler(b"", b"HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n", every_s=0.25)
    server.start()
    with pytest.raises(Transient) as caught:
        GuardedFetcher(LOOPBACK, timeout_s=0.6).fetch(f"http://127.0.0.1:{server.port}/a.jpg")
    server.close()
    assert caught.value.reason == "url_slow"


def test_a_name_server_that_is_silent_is_left_when_the_time_is_up() -> None:
    asked = threading.Event()
    with pytest.raises(Transient) as caught:
        GuardedFetcher(timeout_s=0.3, resolver=lambda host, port: [PUBLIC] if asked.wait(60) else []).fetch(
            "https://pictures.example/a.jpg"
        )
    asked.set()
    assert caught.value.reason == "url_slow"


def test_a_name_that_does_not_resolve_may_be_tried_again() -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(Transient) as caught:
        GuardedFetcher(resolver=nowhere).fetch("https://pictures.example/a.jpg")
    assert caught.value.reason == "url_unresolved"
    assert str(caught.value.message) == "the host name pictures.example does not resolve"


def test_a_server_that_does_not_speak_http_may_be_tried_again() -> None:
    server = Dawdler(b"SSH-2.0-OpenSSH\r\n\r\n", b"", every_s=0.05)
    server.start()
    with pytest.raises(Transient) as caught:
        GuardedFetcher(LOOPBACK, timeout_s=60).fetch(f"http://127.0.0.1:{server.port}/a.jpg")
    server.close()
    assert caught.value.reason == "url_unreachable"
