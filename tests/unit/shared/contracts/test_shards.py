"""Reading shards: what a curator packed comes back, and a foreign tar does no harm."""

import io
import json
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.curator.datasets.shards import Member, tar
from shared.contracts.blobs import digest
from shared.contracts.datasets import MANIFEST, DatasetManifest, SampleRecord, ShardEntry
from shared.contracts.errors import NotKnown
from shared.contracts.shards import ShardSample, read_dataset, read_shard


def record(key: str, split: str = "train") -> bytes:
    return json.dumps({"key": key, "captions": ["on oak"], "kind": "product", "split": split}).encode()


def shard(folder: Path, *members: Member, name: str = "shard-00000.tar") -> Path:
    path = folder / name
    path.write_bytes(tar(members))
    return path


def foreign(folder: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    path = folder / "foreign.tar"
    with tarfile.open(path, "w") as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def dataset(folder: Path, *paths: Path) -> None:
    entries = tuple(ShardEntry(path=str(path), sha256=digest(b""), size=1, samples=1) for path in paths)
    manifest = DatasetManifest(name="d", version="1", kind="product", created=datetime.now(UTC), shards=entries)
    (folder / MANIFEST).write_text(manifest.model_dump_json())


def test_what_was_packed_comes_back_sample_by_sample(tmp_path: Path) -> None:
    path = shard(
        tmp_path,
        Member("a", {"jpg": b"picture", "mask.png": b"mask", "json": record("a")}),
        Member("b", {"webp": b"other", "json": record("b", "held")}),
    )
    first, second = read_shard(path)
    assert first == ShardSample("a", {"jpg": b"picture", "mask.png": b"mask", "json": record("a")})
    assert (first.picture, second.picture) == (b"picture", b"other")
    assert first.record == SampleRecord(key="a", captions=("on oak",), kind="product")


def test_a_dataset_gives_the_samples_of_a_split_from_the_shards_it_lists(tmp_path: Path) -> None:
    listed = shard(tmp_path, Member("a", {"json": record("a")}), Member("b", {"json": record("b", "held")}))
    shard(tmp_path, Member("c", {"json": record("c")}), name="unfinished.tar")
    dataset(tmp_path, Path(listed.name))
    assert [sample.key for sample in read_dataset(tmp_path, split="train")] == ["a"]
    assert [sample.key for sample in read_dataset(tmp_path, split="held")] == ["b"]


def test_an_empty_shard_has_no_samples(tmp_path: Path) -> None:
    assert list(read_shard(shard(tmp_path))) == []


@pytest.mark.parametrize("name", ["../a.json", "/etc/a.json", "deep/a.json", "a", ".json", "a\\b.json"])
def test_a_name_that_is_none_of_a_sample_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotKnown, match="not the name of a sample's member"):
        list(read_shard(foreign(tmp_path, (tarfile.TarInfo(name), b"{}"))))


def test_links_and_devices_are_passed_over(tmp_path: Path) -> None:
    link, device = tarfile.TarInfo("a.jpg"), tarfile.TarInfo("a.png")
    link.type, link.linkname, device.type = tarfile.SYMTYPE, "/etc/passwd", tarfile.CHRTYPE
    path = foreign(tmp_path, (link, b""), (device, b""), (tarfile.TarInfo("a.json"), record("a")))
    assert list(read_shard(path)) == [ShardSample("a", {"json": record("a")})]


def test_a_member_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = shard(tmp_path, Member("a", {"jpg": bytes(1001)}))
    with pytest.raises(NotKnown, match="at most 1000"):
        list(read_shard(path, member_bytes=1000))
    assert len(list(read_shard(path, member_bytes=1001))) == 1


def test_a_member_told_twice_or_too_many_of_them_are_refused(tmp_path: Path) -> None:
    twice = [(tarfile.TarInfo("a.json"), record("a"))] * 2
    many = [(tarfile.TarInfo(f"a.{number}"), b"") for number in range(17)]
    for members in (twice, many):
        with pytest.raises(NotKnown, match="twice or more than 16"):
            list(read_shard(foreign(tmp_path, *members)))


@pytest.mark.parametrize("keep", [0, 100, 700])
def test_half_a_tar_is_refused(tmp_path: Path, keep: int) -> None:
    path = shard(tmp_path, Member("a", {"jpg": bytes(1000)}))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(NotKnown) as caught:
        list(read_shard(path))
    assert caught.value.reason == "shard_broken"


def test_a_sample_without_a_record_says_so(tmp_path: Path) -> None:
    (sample,) = read_shard(shard(tmp_path, Member("a", {"jpg": b"picture"})))
    with pytest.raises(NotKnown, match="sample a has no record"):
        _ = sample.record
    assert ShardSample("b").picture is None


def test_a_manifest_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    inside = tmp_path / "dataset"
    inside.mkdir()
    shard(tmp_path, Member("a", {"json": record("a")}), name="secret.tar")
    dataset(inside, Path("../secret.tar"))
    with pytest.raises(NotKnown, match="outside its dataset"):
        list(read_dataset(inside, split="train"))
