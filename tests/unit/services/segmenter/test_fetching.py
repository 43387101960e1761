"""The guarded fetcher against a real HTTP server on loopback, and against names that lead into the private network."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from services.segmenter.fetching import GuardedFetcher
from shared.contracts.errors import BadImage, Transient

LOOPBACK = ("127.0.0.0/8",)


class Shop(BaseHTTPRequestHandler):
    """/ok serves bytes, /moved leads to /ok, /inward to a private address, /loop to itself, /heavy never ends."""

    def do_GET(self) -> None:
        moved = {"/moved": "/ok", "/inward": "http://10.0.0.7/secret", "/loop": "/loop", "/file": "file:///etc/passwd"}
        if self.path in moved:
            self.send_response(302)
            self.send_header("location", moved[self.path])
            self.end_headers()
            return
        status = {"/gone": 404, "/broken": 503}.get(self.path, 200)
        self.send_response(status)
        self.end_headers()
        self.server.hosts.append(self.headers["host"])  # type: ignore[attr-defined]
        body = b"x" * 70_000 if self.path == "/heavy" else b"picture"
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def shop() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.hosts = []  # type: ignore[attr-defined]
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


def test_a_redirect_is_followed_a_few_times(shop: ThreadingHTTPServer) -> None:
    assert GuardedFetcher(LOOPBACK).fetch(url(shop, "/moved")) == b"picture"
    with pytest.raises(BadImage) as caught:
        GuardedFetcher(LOOPBACK).fetch(url(shop, "/loop"))
    assert caught.value.reason == "url_redirects"


@pytest.mark.parametrize(("path", "reason"), [("/inward", "url_private"), ("/file", "url_scheme")])
def test_a_redirect_to_a_private_place_is_refused(shop: ThreadingHTTPServer, path: str, reason: str) -> None:
    with pytest.raises(BadImage) as caught:
        GuardedFetcher(LOOPBACK).fetch(url(shop, path))
    assert caught.value.reason == reason


def test_too_many_bytes_are_refused(shop: ThreadingHTTPServer) -> None:
    with pytest.raises(BadImage) as caught:
        GuardedFetcher(LOOPBACK, max_bytes=50_000).fetch(url(shop, "/heavy"))
    assert caught.value.reason == "image_too_heavy"


def test_a_missing_picture_is_refused_and_a_broken_server_may_be_tried_again(shop: ThreadingHTTPServer) -> None:
    with pytest.raises(BadImage) as gone:
        GuardedFetcher(LOOPBACK).fetch(url(shop, "/gone"))
    assert gone.value.reason == "url_refused"
    with pytest.raises(Transient) as broken:
        GuardedFetcher(LOOPBACK).fetch(url(shop, "/broken"))
    assert broken.value.reason == "url_unavailable"


def test_a_closed_port_may_be_tried_again() -> None:
    with pytest.raises(Transient) as caught:
        GuardedFetcher(LOOPBACK, timeout_s=2).fetch("http://127.0.0.1:9/ok")
    assert caught.value.reason == "url_unreachable"


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
    ],
)  # fmt: skip
def test_a_name_that_leads_into_the_private_network_is_refused(address: str) -> None:
    with pytest.raises(BadImage) as caught:
        GuardedFetcher(resolver=lambda host, port: [address]).fetch("https://pictures.example/a.jpg")
    assert caught.value.reason == "url_private"


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(BadImage) as caught:
        GuardedFetcher(resolver=lambda host, port: ["93.184.215.14", "10.0.0.1"]).fetch("https://pictures.example/a")
    assert caught.value.reason == "url_private"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("file:///etc/passwd", "url_scheme"),
        ("ftp://pictures.example/a.jpg", "url_scheme"),
        ("gopher://pictures.example", "url_scheme"),
        ("http://", "url_scheme"),
        ("//pictures.example/a.jpg", "url_scheme"),
        ("http://pictures.example:99999/a.jpg", "url_invalid"),
        ("http://[::1/a.jpg", "url_invalid"),
    ],
)
def test_other_schemes_and_broken_urls_are_refused(text: str, reason: str) -> None:
    with pytest.raises(BadImage) as caught:
        GuardedFetcher(resolver=lambda host, port: ["93.184.215.14"]).fetch(text)
    assert caught.value.reason == reason


def test_numbers_dressed_up_as_names_are_seen_through() -> None:
    for host in ("2130706433", "0x7f000001", "localhost"):
        with pytest.raises((BadImage, Transient)) as caught:
            GuardedFetcher(timeout_s=2).fetch(f"http://{host}:9/")
        assert caught.value.reason in {"url_private", "url_unresolved"}
