"""One contract for the fake, the folder and the real S3: what every service relies on."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from shared.contracts.blobs import BlobStore, digest, fetch, product_prefix, stage_key
from shared.contracts.errors import BadRequest, DependencyDown, NotKnown, Permanent
from shared.runtime.folder_blobs import FolderBlobs
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import MinioSettings
from shared.runtime.telemetry.metrics import Metrics
from shared.runtime.telemetry.tracing import NoSpans
from shared.runtime.telemetry.watching import Watched
from tests.fakes.blobs import MemoryBlobs


@pytest.fixture(params=["memory", "watched", "folder", pytest.param("minio", marks=pytest.mark.connected)])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "memory":
        return MemoryBlobs()
    if request.param == "watched":
        return Watched(Metrics(CollectorRegistry(), service="any"), NoSpans()).blobs(MemoryBlobs())
    if request.param == "folder":
        return FolderBlobs(tmp_path, "backdrop")
    return MinioBlobs(request.getfixturevalue("minio_settings"))


@pytest.fixture
def here() -> str:
    """A prefix of this test's own: the real store is shared."""
    return f"tests/{uuid.uuid4().hex}/"


def test_what_was_put_comes_back(blobs: BlobStore, here: str) -> None:
    blobs.put(f"{here}a.bin", b"\x00\xff cup", "application/octet-stream")
    assert blobs.get(f"{here}a.bin") == b"\x00\xff cup"


def test_more_bytes_than_are_wanted_are_not_read(blobs: BlobStore, here: str) -> None:
    blobs.put(f"{here}a.bin", b"12345", "application/octet-stream")
    assert blobs.get(f"{here}a.bin", most=5) == b"12345"
    with pytest.raises(BadRequest) as caught:
        blobs.get(f"{here}a.bin", most=4)
    assert caught.value.reason == "blob_too_heavy"
    assert blobs.get(f"{here}a.bin") == b"12345"


def test_a_reference_names_the_bytes(blobs: BlobStore, here: str) -> None:
    ref = blobs.put(f"{here}a.png", b"cup", "image/png")
    assert (ref.bucket, ref.key, ref.size, ref.content_type) == (blobs.bucket, f"{here}a.png", 3, "image/png")
    assert ref.sha256 == digest(b"cup")
    assert blobs.find(ref.key) == ref
    assert fetch(blobs, ref) == b"cup"


def test_put_replaces(blobs: BlobStore, here: str) -> None:
    blobs.put(f"{here}a", b"first", "text/plain")
    blobs.put(f"{here}a", b"second", "text/plain")
    assert blobs.get(f"{here}a") == b"second"


def test_a_missing_key_is_not_known(blobs: BlobStore, here: str) -> None:
    with pytest.raises(NotKnown) as caught:
        blobs.get(f"{here}nothing")
    assert caught.value.reason == "blob_missing"
    assert blobs.find(f"{here}nothing") is None


def test_put_if_absent_keeps_the_first(blobs: BlobStore, here: str) -> None:
    assert blobs.put_if_absent(f"{here}m.json", b"first", "application/json") is True
    assert blobs.put_if_absent(f"{here}m.json", b"second", "application/json") is False
    assert blobs.get(f"{here}m.json") == b"first"


def test_of_sixteen_writers_at_once_one_wins(blobs: BlobStore, here: str) -> None:
    def write(n: int) -> bool:
        return blobs.put_if_absent(f"{here}race.json", f"writer {n}".encode(), "application/json")

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(write, range(16)))
    assert won.count(True) == 1
    assert blobs.get(f"{here}race.json") == f"writer {won.index(True)}".encode()


def test_keys_are_listed_sorted_by_prefix(blobs: BlobStore, here: str) -> None:
    for name in ("b/2", "a/1", "b/1", "c"):
        blobs.put(here + name, b".", "text/plain")
    assert list(blobs.keys(here)) == [here + "a/1", here + "b/1", here + "b/2", here + "c"]
    assert list(blobs.keys(here + "b/")) == [here + "b/1", here + "b/2"]
    assert list(blobs.keys(here + "none/")) == []
    blobs.put(here + "bb/1", b".", "text/plain")
    assert list(blobs.keys(here + "b")) == [here + "b/1", here + "b/2", here + "bb/1"]
    assert list(blobs.keys("/")) == []


def test_percent_and_unicode_survive_in_keys(blobs: BlobStore, here: str) -> None:
    key = f"{here}products/caf%C3%A9 no%2F1 ü.json"
    blobs.put(key, b"x", "application/json")
    assert blobs.get(key) == b"x"
    assert list(blobs.keys(here)) == [key]


def test_an_empty_blob_is_a_blob(blobs: BlobStore, here: str) -> None:
    blobs.put(f"{here}empty", b"", "text/plain")
    assert blobs.get(f"{here}empty") == b""


def test_a_product_with_a_long_name_has_its_manifest(blobs: BlobStore, here: str) -> None:
    for product_id in ("茶" * 29, "茶" * 200, "%" * 200):
        key = here + stage_key(product_id, "segmenter")
        assert blobs.put_if_absent(key, b"{}", "application/json")
        assert blobs.get(key) == b"{}"
        assert list(blobs.keys(here + product_prefix(product_id))) == [key]


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../secret", "a/../../secret", "x" * 256, "a/" * 600, "茶" * 86, "a\x00b", "half \ud800"]
)
def test_what_is_no_key_is_refused_and_not_waited_for(blobs: BlobStore, key: str) -> None:
    for use in (blobs.get, blobs.find, lambda key: blobs.put(key, b"", "text/plain")):
        with pytest.raises(Permanent) as caught:
            use(key)
        assert caught.value.reason == "bad_key"


def test_a_key_below_another_ones_bytes_is_missing_or_refused_and_never_an_outage(blobs: BlobStore, here: str) -> None:
    blobs.put(f"{here}file", b"x", "text/plain")
    with pytest.raises(Permanent):
        blobs.get(f"{here}file/below")


def test_a_store_that_does_not_answer_is_a_dependency_that_is_down() -> None:
    nobody = MinioBlobs(MinioSettings(endpoint="127.0.0.1:9", connect_timeout_s=0.2, read_timeout_s=0.2))
    with pytest.raises(DependencyDown):
        nobody.get("a")
    with pytest.raises(DependencyDown):
        nobody.put_if_absent("a", b"", "text/plain")
    assert nobody.trouble() is not None


def test_a_key_cannot_leave_the_folder(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="not a key"):
        FolderBlobs(tmp_path, "backdrop").get("../secret")
