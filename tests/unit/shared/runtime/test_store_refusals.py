"""What a store refuses is the message's fault; what it refuses to everybody is waited for."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from shared.contracts.errors import BackdropError, DependencyDown, NotKnown, Permanent
from shared.runtime import folder_blobs
from shared.runtime.folder_blobs import FolderBlobs
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import MinioSettings

XML = "<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message><Resource>/</Resource></Error>"


@contextmanager
def answering(status: int, code: str | None, *, bucket: int = 200) -> Iterator[MinioBlobs]:
    """A store that answers this to every request about a key, and with `bucket` to those about the bucket itself."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = XML.format(code=code).encode() if code else b"<html>no</html>"
            self.send_response(status)
            self.send_header("content-type", "application/xml" if code else "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_HEAD(self) -> None:
            self.send_response(bucket)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield MinioBlobs(MinioSettings(endpoint=f"127.0.0.1:{server.server_port}", read_timeout_s=60.0))
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def raised(call: Callable[[], object]) -> tuple[type[BackdropError], str]:
    with pytest.raises(BackdropError) as caught:
        call()
    return type(caught.value), caught.value.reason


@pytest.mark.parametrize(
    ("status", "code", "means"),
    [
        (400, "InvalidArgument", (Permanent, "key_refused")),
        (405, "MethodNotAllowed", (Permanent, "key_refused")),
        (403, "AccessDenied", (Permanent, "key_refused")),
        (414, None, (Permanent, "key_refused")),
        (404, "NoSuchKey", (NotKnown, "blob_missing")),
        (404, "NoSuchBucket", (DependencyDown, "blobs_down")),
        (403, "InvalidAccessKeyId", (DependencyDown, "blobs_down")),
        (403, "SignatureDoesNotMatch", (DependencyDown, "blobs_down")),
        (429, "SlowDown", (DependencyDown, "blobs_down")),
        (507, "XMinioStorageFull", (DependencyDown, "blobs_down")),
        (502, None, (DependencyDown, "blobs_down")),
    ],
)
def test_an_answer_about_one_key_is_a_refusal_and_one_about_all_is_an_outage(
    status: int, code: str | None, means: tuple[type[BackdropError], str]
) -> None:
    with answering(status, code) as blobs:
        assert raised(lambda: blobs.get("images/a.png")) == means


def test_where_everything_is_forbidden_no_message_is_to_blame() -> None:
    with answering(403, "AccessDenied", bucket=403) as blobs:
        assert raised(lambda: blobs.get("images/a.png")) == (DependencyDown, "blobs_down")
        assert blobs.trouble() is not None


@pytest.mark.parametrize(
    ("number", "means"),
    [
        (errno.ENAMETOOLONG, (Permanent, "key_refused")),
        (errno.EILSEQ, (Permanent, "key_refused")),
        (errno.ENOSPC, (DependencyDown, "blobs_full")),
        (errno.EROFS, (DependencyDown, "blobs_down")),
        (errno.EIO, (DependencyDown, "blobs_down")),
    ],
)
def test_a_file_system_refuses_a_key_or_is_down_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, means: tuple[type[BackdropError], str]
) -> None:
    def fails(*_: object, **__: object) -> bool:
        raise OSError(number, "no")

    monkeypatch.setattr(folder_blobs, "_write_atomically", fails)
    assert raised(lambda: FolderBlobs(tmp_path, "backdrop").put("a", b"", "text/plain")) == means


def test_a_key_below_a_file_is_refused_when_it_is_written(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path, "backdrop")
    blobs.put("a", b"", "text/plain")
    assert raised(lambda: blobs.put("a/b", b"", "text/plain")) == (Permanent, "key_refused")
