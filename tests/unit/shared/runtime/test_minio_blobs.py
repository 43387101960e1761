"""What is asked of an S3 store, header for header, and what its answers mean; `tests/contract` asks a real one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from pydantic import SecretStr

from shared.contracts.blobs import BlobRef, digest
from shared.contracts.errors import BackdropError, BadRequest, DependencyDown, NotKnown, Permanent
from shared.runtime import minio_blobs
from shared.runtime.minio_blobs import CONFLICT_TRIES, MinioBlobs, _by_status
from shared.runtime.settings import MinioSettings

ERROR = "<?xml version='1.0'?><Error><Code>{}</Code><Message>in words</Message><Resource>/</Resource></Error>"
LISTED = "<ListBucketResult><Name>photos</Name><IsTruncated>false</IsTruncated>{}</ListBucketResult>"
KEY = (
    "<Contents><Key>{}</Key><Size>1</Size><ETag>x</ETag>"
    "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
)


@dataclass
class Asked:
    """One request, as the store got it."""

    method: str
    key: str
    query: dict[str, list[str]]
    headers: dict[str, str]


@dataclass
class Store:
    """A bucket `photos`, which answers with its `refusals` first."""

    objects: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    refusals: list[tuple[int, str]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    there: bool = True
    tells_length: bool = True
    port: int = 0

    def answer(self, asked: Asked, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        self.asked.append(asked)
        if self.refusals and asked.key:
            status, code = self.refusals.pop(0)
            if not code:  # a proxy in between
                return status, {"content-type": "text/html"}, b"<html>no</html>"
            return status, {"content-type": "application/xml"}, ERROR.format(code).encode()
        if not asked.key:
            return self.of_the_bucket(asked)
        return self.stored(asked, body) if asked.method == "PUT" else self.read(asked)

    def of_the_bucket(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if asked.method == "HEAD":
            return (200 if self.there else 404), {}, b""
        (prefix,) = asked.query.get("prefix", [""])
        keys = [KEY.format(key) for key in self.objects if key.startswith(prefix)]
        return 200, {"content-type": "application/xml"}, LISTED.format("".join(keys)).encode()

    def stored(self, asked: Asked, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if asked.headers.get("if-none-match") == "*" and asked.key in self.objects:
            return 412, {"content-type": "application/xml"}, ERROR.format("PreconditionFailed").encode()
        kept = {name: value for name, value in asked.headers.items() if name.startswith(("x-amz-meta", "content-type"))}
        self.objects[asked.key] = body, kept
        return 200, {}, b""

    def read(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if asked.key not in self.objects:
            return 404, {"content-type": "application/xml"}, ERROR.format("NoSuchKey").encode()
        body, headers = self.objects[asked.key]
        return 200, {**headers, "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT"}, body


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            key = unquote(url.path).removeprefix("/photos").removeprefix("/")
            asked = Asked(self.command, key, parse_qs(url.query, keep_blank_values=True), headers)
            status, answered, data = store.answer(asked, body)
            self.send_response(status)
            length = {"content-length": str(len(data))} if store.tells_length else {"connection": "close"}
            for name, value in {**answered, **length}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else data)

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name in ("do_GET", "do_HEAD", "do_PUT"):
                return self.answer
            raise AttributeError(name)

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    store.port = server.server_port
    yield store
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def blobs(store: Store) -> Iterator[MinioBlobs]:
    blobs = MinioBlobs(MinioSettings(endpoint=f"127.0.0.1:{store.port}", bucket="photos", read_timeout_s=60.0))
    yield blobs
    blobs._client._http.clear()


def test_a_blob_is_put_with_its_type_and_its_hash(store: Store, blobs: MinioBlobs) -> None:
    ref = blobs.put("images/a.png", b"cup", "image/png")
    assert ref == BlobRef(bucket="photos", key="images/a.png", sha256=digest(b"cup"), size=3, content_type="image/png")
    (asked,) = store.asked
    assert (asked.method, asked.key) == ("PUT", "images/a.png")
    assert (asked.headers["content-type"], asked.headers["x-amz-meta-sha256"]) == ("image/png", digest(b"cup"))
    assert "if-none-match" not in asked.headers
    assert store.objects["images/a.png"][0] == b"cup"


def test_a_blob_is_put_on_the_condition_that_there_is_none(store: Store, blobs: MinioBlobs) -> None:
    assert blobs.put_if_absent("m.json", b"first", "application/json") is True
    assert blobs.put_if_absent("m.json", b"second", "application/json") is False
    assert [asked.headers["if-none-match"] for asked in store.asked] == ["*", "*"]
    assert store.objects["m.json"] == (
        b"first",
        {"content-type": "application/json", "x-amz-meta-sha256": digest(b"first")},
    )


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The longest that each pause between two writers may be; none is slept."""
    pauses: list[float] = []

    def uniform(least: float, most: float) -> float:
        assert least == 0.0
        return most

    monkeypatch.setattr(minio_blobs.random, "uniform", uniform)
    monkeypatch.setattr(minio_blobs.time, "sleep", pauses.append)
    return pauses


@pytest.mark.parametrize("code", ["ConditionalRequestConflict", "OperationAborted"])
def test_two_writers_who_met_try_again_with_growing_pauses(
    store: Store, blobs: MinioBlobs, pauses: list[float], code: str
) -> None:
    store.refusals = [(409, code)] * (CONFLICT_TRIES - 1)
    assert blobs.put_if_absent("m.json", b"{}", "application/json") is True
    assert pauses == [0.1, 0.2, 0.4, 0.8]


def test_writers_who_keep_meeting_blame_no_message(store: Store, blobs: MinioBlobs, pauses: list[float]) -> None:
    store.refusals = [(409, "ConditionalRequestConflict")] * 99
    with pytest.raises(DependencyDown):
        blobs.put_if_absent("m.json", b"{}", "application/json")
    assert (len(store.asked), len(pauses)) == (CONFLICT_TRIES, CONFLICT_TRIES - 1)


def test_another_refusal_of_a_write_is_told_at_once(store: Store, blobs: MinioBlobs, pauses: list[float]) -> None:
    store.refusals = [(400, "InvalidArgument")] * 99
    with pytest.raises(Permanent):
        blobs.put_if_absent("m.json", b"{}", "application/json")
    assert (len(store.asked), pauses) == (1, [])


def test_a_blob_is_found_by_its_headers_alone(store: Store, blobs: MinioBlobs) -> None:
    ref = blobs.put("a.png", b"cup", "image/png")
    store.asked.clear()
    assert blobs.find("a.png") == ref
    assert [asked.method for asked in store.asked] == ["HEAD"]
    assert blobs.find("b.png") is None


def test_an_object_that_another_tool_put_there_is_read_to_be_hashed(store: Store, blobs: MinioBlobs) -> None:
    store.objects["theirs"] = b"cup", {}
    assert blobs.find("theirs") == BlobRef(
        bucket="photos", key="theirs", sha256=digest(b"cup"), size=3, content_type="application/octet-stream"
    )


def test_a_blob_whose_weight_is_not_told_is_read(store: Store, blobs: MinioBlobs) -> None:
    blobs.put("a", b"12345", "text/plain")
    store.tells_length = False
    assert blobs.get("a", 5) == b"12345"


def test_a_blob_of_no_bytes_is_found(store: Store, blobs: MinioBlobs) -> None:
    assert blobs.find(blobs.put("empty", b"", "text/plain").key) == blobs.put("empty", b"", "text/plain")


def test_what_is_no_key_is_asked_of_no_store(store: Store, blobs: MinioBlobs) -> None:
    calls: list[Callable[[str], object]] = [
        blobs.get,
        blobs.find,
        lambda key: blobs.put(key, b"", "text/plain"),
        lambda key: blobs.put_if_absent(key, b"", "text/plain"),
    ]
    for call in calls:
        with pytest.raises(BadRequest, match=r"'\.\./secret' is not a key inside the store"):
            call("../secret")
    assert store.asked == []


def test_a_blob_that_is_too_heavy_is_not_read(store: Store, blobs: MinioBlobs) -> None:
    blobs.put("a", b"12345", "text/plain")
    assert blobs.get("a") == blobs.get("a", 5) == b"12345"
    with pytest.raises(BadRequest) as caught:
        blobs.get("a", 4)
    assert caught.value.reason == "blob_too_heavy" and " at a; " in caught.value.message


def test_all_keys_below_a_prefix_are_listed_sorted(store: Store, blobs: MinioBlobs) -> None:
    store.objects = {key: (b".", {}) for key in ("a/2", "a/b/1", "c", "a/1")}
    assert list(blobs.keys("a/")) == ["a/1", "a/2", "a/b/1"]
    (asked,) = store.asked
    assert asked.query["prefix"] == ["a/"] and asked.query.get("delimiter", [""]) == [""]


def test_what_keeps_the_store_from_working_is_said_in_words(store: Store, blobs: MinioBlobs) -> None:
    assert blobs.trouble() is None
    store.there = False
    assert blobs.trouble() == "the bucket photos does not exist: provision it"
    nobody = MinioBlobs(MinioSettings(endpoint="127.0.0.1:9", connect_timeout_s=0.1, read_timeout_s=0.1))
    nobody._client._http.connection_pool_kw["retries"] = False
    assert "the blob store does not answer: " in (nobody.trouble() or "")


def told(store: Store, blobs: MinioBlobs, status: int, code: str) -> BackdropError:
    store.refusals = [(status, code)]
    with pytest.raises(BackdropError) as caught:
        blobs.get("images/a.png")
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "kind", "reason", "words"),
    [
        (404, "NoSuchKey", NotKnown, "blob_missing", "there is nothing at images/a.png"),
        (404, "NoSuchObject", NotKnown, "blob_missing", "there is nothing at images/a.png"),
        (400, "KeyTooLongError", BadRequest, "bad_key", "the blob store refuses 'images/a.png': in words"),
        (503, "SlowDownWrite", DependencyDown, "blobs_down", "the blob store"),
        (403, "ExpiredToken", DependencyDown, "blobs_down", "the blob store answers ExpiredToken: in words"),
        (409, "OperationAborted", DependencyDown, "blobs_down", "the blob store answers OperationAborted: in words"),
        (
            405,
            "MethodNotAllowed",
            Permanent,
            "key_refused",
            "the blob store answers MethodNotAllowed: in words ('images/a.png')",
        ),
        (507, "XMinioStorageFull", DependencyDown, "blobs_down", "the blob store answers XMinioStorageFull: in words"),
    ],
)
def test_an_answer_is_told_in_the_stores_words(
    store: Store, blobs: MinioBlobs, status: int, code: str, kind: type[BackdropError], reason: str, words: str
) -> None:
    blobs._client._http.connection_pool_kw["retries"] = False
    error = told(store, blobs, status, code)
    assert (type(error), error.reason) == (kind, reason)
    assert error.message.startswith(words)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (399, DependencyDown),
        (400, Permanent),
        (408, DependencyDown),
        (425, DependencyDown),
        (429, DependencyDown),
        (451, Permanent),
        (499, Permanent),
        (500, DependencyDown),
    ],
)
def test_a_refusal_is_one_of_the_four_hundreds_unless_it_asks_for_patience(
    status: int, kind: type[BackdropError]
) -> None:
    assert type(_by_status(status, "answers so", "a")) is kind


def test_a_refusal_by_a_proxy_names_the_key(store: Store, blobs: MinioBlobs) -> None:
    assert str(_by_status(414, "answers 414 in its own words", "a")) == (
        "the blob store answers 414 in its own words ('a')"
    )
    assert _by_status(414, "", "a").reason == "key_refused"
    down = _by_status(502, "answers 502 in its own words", "a")
    assert (down.reason, down.message) == ("blobs_down", "the blob store answers 502 in its own words")


def test_the_settings_reach_the_client() -> None:
    settings = MinioSettings(
        endpoint="s3.example:1",
        access_key="who",
        secret_key=SecretStr("what"),
        bucket="photos",
        secure=True,
        region="eu-1",
        connect_timeout_s=4.0,
        read_timeout_s=5.0,
    )
    client = MinioBlobs(settings)._client
    assert (client._base_url.host, client._base_url.is_https, client._base_url.region) == ("s3.example:1", True, "eu-1")
    assert client._provider is not None
    credentials = client._provider.retrieve()
    assert (credentials.access_key, credentials.secret_key) == ("who", "what")
    pool = client._http.connection_pool_kw
    assert (pool["timeout"].connect_timeout, pool["timeout"].read_timeout, pool["maxsize"]) == (4.0, 5.0, 16)
    retries = pool["retries"]
    assert (retries.total, retries.backoff_factor, set(retries.status_forcelist)) == (2, 0.2, {500, 502, 503, 504})


def test_what_is_forbidden_is_the_keys_fault_only_where_the_bucket_is_open(store: Store, blobs: MinioBlobs) -> None:
    error = told(store, blobs, 403, "AccessDenied")
    assert (type(error), error.reason) == (Permanent, "key_refused")
    store.there = False
    error = told(store, blobs, 403, "AccessDenied")
    assert (type(error), error.reason) == (DependencyDown, "blobs_down")
    assert error.message == "the blob store refuses everything: check its credentials"


def test_an_answer_that_is_no_stores_is_told_with_its_status(store: Store, blobs: MinioBlobs) -> None:
    error = told(store, blobs, 414, "")
    assert (type(error), error.reason) == (Permanent, "key_refused")
    assert error.message == "the blob store answers 414 in its own words ('images/a.png')"


def test_silence_is_an_outage_and_a_name_that_no_store_has_is_no_key(store: Store, blobs: MinioBlobs) -> None:
    nobody = MinioBlobs(MinioSettings(endpoint="127.0.0.1:9", connect_timeout_s=0.1, read_timeout_s=0.1))
    nobody._client._http.connection_pool_kw["retries"] = False
    with pytest.raises(DependencyDown) as down:
        nobody.get("a")
    assert down.value.reason == "blobs_down" and down.value.message.startswith("the blob store does not answer: ")
    with pytest.raises(BadRequest) as refused:
        blobs.get("a/./b")
    assert refused.value.reason == "bad_key" and refused.value.message.startswith("'a/./b' is not a key: ")
