"""The ImageFetcher port: the real fetcher and its fake keep the same promises."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shared.contracts.errors import BadImage
from shared.contracts.sources import ImageFetcher
from shared.runtime.web.fetching import GuardedFetcher
from tests.fakes.image_fetcher import FakeImageFetcher


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/there.png"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(b"picture" if found else b"")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(params=["real", "fake"])
def web(request: pytest.FixtureRequest) -> Iterator[tuple[ImageFetcher, str]]:
    if request.param == "fake":
        yield FakeImageFetcher({"http://shop.example/there.png": b"picture"}), "http://shop.example"
        return
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield GuardedFetcher(("127.0.0.1",)), f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_is_there_is_fetched(web: tuple[ImageFetcher, str]) -> None:
    fetcher, root = web
    assert fetcher.fetch(f"{root}/there.png") == b"picture"


def test_what_is_not_there_is_refused(web: tuple[ImageFetcher, str]) -> None:
    fetcher, root = web
    with pytest.raises(BadImage) as caught:
        fetcher.fetch(f"{root}/missing.png")
    assert caught.value.reason == "url_refused"


def test_only_the_web_is_fetched(web: tuple[ImageFetcher, str]) -> None:
    with pytest.raises(BadImage) as caught:
        web[0].fetch("file:///etc/hostname")
    assert caught.value.reason == "url_scheme"
