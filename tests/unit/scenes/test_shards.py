"""Shards and their manifest: whole or not listed, resumable, never a picture twice."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from scenes.balance import scene_plan
from scenes.ledger import packed, promise
from scenes.production import Order, drawn, manifest_of, pack, progress, work
from scenes.samples import Sample, sample_of
from scenes.shards import NoSpace, write_whole


def picture(number: int) -> np.ndarray:
    return np.random.RandomState(number).randint(0, 255, (32, 32, 3), np.uint8)


def sample(number: int, look: int | None = None) -> Sample:
    mask = np.zeros((32, 32), np.float32)
    mask[8:24, 8:24] = 0.5
    return sample_of(
        scene_plan(1, number), f"scenes-1-{number:07d}", "scenes", picture(number if look is None else look), mask
    )


def order(folder: Path, count: int = 230) -> Order:
    made = Order("scenes", count, folder)
    made.tray.mkdir(parents=True)
    return made


def test_a_shard_holds_the_files_of_each_key_together(tmp_path: Path) -> None:
    asked = order(tmp_path, 3)
    work(asked, 0, sample)
    pack(asked, manifest_of(asked, "test"), last=True)
    with tarfile.open(tmp_path / "shard-000000.tar") as tar:
        names = tar.getnames()
        facts = json.loads(tar.extractfile("scenes-1-0000000.json").read())  # type: ignore[union-attr]
    assert names[:3] == ["scenes-1-0000000.webp", "scenes-1-0000000.mask.png", "scenes-1-0000000.json"]
    assert facts["kind"] == "scenes"
    assert facts["split"] in ("train", "held")
    assert len(facts["captions"]) >= 3
    assert facts["attributes"]["light_colour"] in ("warm", "neutral", "cool")


def test_a_mask_survives_without_loss() -> None:
    data = np.frombuffer(sample(0).files["mask.png"], np.uint8)
    mask = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    assert mask.shape == (32, 32)
    assert set(np.unique(mask).tolist()) == {0, 128}


def test_the_manifest_lists_what_is_on_disk_with_its_hash(tmp_path: Path) -> None:
    asked = order(tmp_path)
    work(asked, 0, sample)
    pack(asked, manifest_of(asked, "test"), last=True)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert [shard["samples"] for shard in manifest["shards"]] == [100, 100, 30]
    assert manifest["counts"]["samples"] == 230
    assert manifest["counts"]["train"] + manifest["counts"]["held"] == 230
    for shard in manifest["shards"]:
        data = (tmp_path / shard["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == shard["sha256"]
        assert len(data) == shard["size"]


def test_a_worker_draws_only_what_is_missing(tmp_path: Path) -> None:
    asked = order(tmp_path, 120)
    work(asked, 0, sample)
    pack(asked, manifest_of(asked, "test"), last=False)
    (asked.tray / "110.sample").unlink()  # killed half-way through this one
    drew: list[int] = []
    work(asked, 0, lambda index: drew.append(index) or sample(index))  # type: ignore[func-returns-value]
    assert drew == [110]
    assert packed(tmp_path) | drawn(asked.tray) == set(range(120))


def test_a_second_run_carries_on_with_the_shards_of_the_first(tmp_path: Path) -> None:
    first = order(tmp_path, 100)
    work(first, 0, sample)
    pack(first, manifest_of(first, "test"), last=True)
    more = Order("scenes", 150, tmp_path)
    work(more, 0, sample)
    pack(more, manifest_of(more, "test"), last=True)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert [shard["path"] for shard in manifest["shards"]] == ["shard-000000.tar", "shard-000001.tar"]
    assert manifest["counts"]["samples"] == 150


def test_workers_share_the_numbers_between_them(tmp_path: Path) -> None:
    asked = Order("scenes", 10, tmp_path, workers=3)
    asked.tray.mkdir()
    for worker in range(3):
        work(asked, worker, sample)
    assert drawn(asked.tray) == set(range(10))


def test_the_same_picture_goes_in_once(tmp_path: Path) -> None:
    asked = order(tmp_path, 20)
    work(asked, 0, lambda index: sample(index, look=index // 2))
    pack(asked, manifest_of(asked, "test"), last=True)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["counts"]["samples"] == 10
    assert manifest["filters"] == {"duplicate": 10}


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    target = folder / "shard.tar"
    write_whole(target, b"first")
    assert target.read_bytes() == b"first"
    assert list(folder.glob(".*.part")) == []
    with pytest.raises(NoSpace, match="start the same command again"):
        write_whole(tmp_path / "missing" / "shard.tar", b"second")


def test_progress_says_when_it_will_be_done() -> None:
    assert progress(100, 400, 50, 1800.0) == "100/400 scenes, 100 an hour, 3 h 00 min left"
    assert progress(0, 400, 0, 5.0) == "0/400 scenes"


def test_a_tar_of_the_same_samples_has_the_same_bytes() -> None:
    from scenes.shards import shard_bytes

    first, second = shard_bytes([sample(1)]), shard_bytes([sample(1)])
    assert first == second
    assert io.BytesIO(first).read(257)


def test_a_scene_that_kills_its_worker_twice_is_left_out(tmp_path: Path) -> None:
    asked = order(tmp_path, 3)

    def dies_on_one(index: int) -> Sample:
        if index == 1:
            raise RuntimeError("the renderer is gone")
        return sample(index)

    for _ in range(2):
        with pytest.raises(RuntimeError):
            work(asked, 0, dies_on_one)
    work(asked, 0, dies_on_one)
    assert drawn(asked.tray) == {0, 2}


def test_a_shard_that_was_promised_but_not_listed_is_made_again(tmp_path: Path) -> None:
    asked = order(tmp_path, 5)
    work(asked, 0, sample)
    promise(tmp_path, "shard-000000.tar", [0, 1, 2, 3, 4], [])  # the power failed right after this
    assert packed(tmp_path) == set()
    pack(asked, manifest_of(asked, "test"), last=True)
    assert json.loads((tmp_path / "manifest.json").read_text())["counts"]["samples"] == 5
    assert packed(tmp_path) == {0, 1, 2, 3, 4}
