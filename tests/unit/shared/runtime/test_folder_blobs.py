"""What the folder alone promises: whole files, types beside them, and clear words about a file system in trouble."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.contracts.errors import BadRequest, DependencyDown, NotKnown, Permanent
from shared.runtime import folder_blobs
from shared.runtime.folder_blobs import FolderBlobs


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path, "backdrop")


def files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_blob_is_a_file_and_its_type_lies_beside_the_bucket(blobs: FolderBlobs, tmp_path: Path) -> None:
    blobs.put("images/a.png", b"cup", "image/png")
    assert blobs.put_if_absent("b.json", b"{}", "application/json")
    assert files(tmp_path) == [
        ".content-types/backdrop/b.json.json",
        ".content-types/backdrop/images/a.png.json",
        "backdrop/b.json",
        "backdrop/images/a.png",
    ]
    found = [blobs.find("images/a.png"), blobs.find("b.json")]
    assert [ref and ref.content_type for ref in found] == ["image/png", "application/json"]


def test_a_blob_that_is_replaced_has_its_new_type(blobs: FolderBlobs) -> None:
    blobs.put("a", b"1", "text/plain")
    assert blobs.put("a", b"2", "image/png").content_type == "image/png"
    ref = blobs.find("a")
    assert ref is not None and ref.content_type == "image/png"


def test_a_file_that_somebody_put_there_by_hand_is_bytes(blobs: FolderBlobs, tmp_path: Path) -> None:
    (tmp_path / "backdrop" / "by-hand").write_bytes(b"x")
    ref = blobs.find("by-hand")
    assert ref is not None and (ref.content_type, ref.size) == ("application/octet-stream", 1)


def test_a_bucket_below_a_folder_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    FolderBlobs(tmp_path / "a" / "b", "backdrop").put("k", b"", "text/plain")
    assert (tmp_path / "a" / "b" / "backdrop" / "k").exists()
    assert FolderBlobs(tmp_path / "a" / "b", "backdrop").get("k") == b""


def test_a_file_that_is_being_written_is_not_listed(blobs: FolderBlobs, tmp_path: Path) -> None:
    blobs.put("images/a", b"", "text/plain")
    (tmp_path / "backdrop" / "images" / ".writing-x").write_bytes(b"half")
    assert list(blobs.keys("images/")) == ["images/a"]


def test_only_the_folder_that_a_prefix_names_is_looked_through(
    blobs: FolderBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs.put("a/b/c", b"", "text/plain")
    blobs.put("a/other", b"", "text/plain")
    looked: list[str] = []
    rglob = Path.rglob

    def watched(self: Path, pattern: str) -> object:
        looked.append(self.name)
        return rglob(self, pattern)

    monkeypatch.setattr(Path, "rglob", watched)
    assert list(blobs.keys("a/b/")) == ["a/b/c"]
    assert list(blobs.keys("a/o")) == ["a/other"]
    assert list(blobs.keys("a")) == ["a/b/c", "a/other"]
    assert looked == ["b", "a", "backdrop"]


def test_a_write_leaves_no_half_file_whatever_happens(
    blobs: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs.put("a", b"old", "text/plain")
    assert not blobs.put_if_absent("a", b"new", "text/plain")
    monkeypatch.setattr(os, "fsync", failing(errno.EIO))
    with pytest.raises(DependencyDown):
        blobs.put("a", b"new", "text/plain")
    assert files(tmp_path / "backdrop") == ["a"] and blobs.get("a") == b"old"


def test_bytes_are_on_the_disk_before_they_have_a_name(
    blobs: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, list[str]]] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        seen.append((os.fstat(handle).st_size, files(tmp_path / "backdrop")))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    blobs.put("images/a", b"12345", "text/plain")
    size, (name,) = seen[-1]
    assert size == 5 and name.startswith("images/.writing-")


def test_a_folder_that_cannot_be_written_is_said(
    blobs: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert blobs.trouble() is None
    asked: list[tuple[Path, int]] = []

    def access(path: Path, mode: int) -> bool:
        asked.append((path, mode))
        return False

    monkeypatch.setattr(os, "access", access)
    assert blobs.trouble() == f"cannot write to {tmp_path / 'backdrop'}"
    assert asked == [(tmp_path / "backdrop", os.W_OK)]


def failing(number: int) -> Callable[..., object]:
    def fails(*_: object, **__: object) -> object:
        raise OSError(number, os.strerror(number))

    return fails


def test_a_refused_key_and_a_broken_disk_are_told_in_words(blobs: FolderBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_blobs, "_write_atomically", failing(errno.EILSEQ))
    with pytest.raises(Permanent) as refused:
        blobs.put("a" * 150, b"", "text/plain")
    assert refused.value.message == f"the blob folder refuses '{'a' * 100}': {os.strerror(errno.EILSEQ)}"
    monkeypatch.setattr(folder_blobs, "_write_atomically", failing(errno.EDQUOT))
    with pytest.raises(DependencyDown) as down:
        blobs.put("a", b"", "text/plain")
    assert (down.value.reason, down.value.message) == (
        "blobs_full",
        f"the blob folder does not answer: {os.strerror(errno.EDQUOT)}",
    )


def test_reading_from_a_broken_disk_is_no_missing_key(blobs: FolderBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs.put("a", b"x", "text/plain")
    monkeypatch.setattr(Path, "read_bytes", failing(errno.EIO))
    with pytest.raises(DependencyDown):
        blobs.get("a")
    with pytest.raises(NotKnown, match="there is nothing at b"):
        blobs.get("b")
    monkeypatch.setattr(Path, "read_bytes", failing(errno.EILSEQ))
    with pytest.raises(Permanent, match="the blob folder refuses 'a'"):
        blobs.get("a")


def test_a_blob_that_is_too_heavy_is_named(blobs: FolderBlobs) -> None:
    blobs.put("images/a", b"12345", "text/plain")
    with pytest.raises(BadRequest, match="images/a"):
        blobs.get("images/a", most=4)
