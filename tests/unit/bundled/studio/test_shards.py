"""Shards and their manifest: whole or not listed, resumable, never a picture twice."""

import errno
import hashlib
import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from bundled.studio.plan.balance import scene_plan
from bundled.studio.plan.requests import SceneFilter
from bundled.studio.plan.samples import StudioSample, sample_of
from bundled.studio.run.ledger import packed, promise
from bundled.studio.run.order import DrawingOrder
from bundled.studio.run.packing import OtherOrder, Packer, manifest_of
from bundled.studio.run.shards import NoSpace, shard_bytes, write_whole
from bundled.studio.run.spool import At, Spool, spool_of
from bundled.studio.run.worker import work


def picture(number: int) -> np.ndarray:
    return np.random.RandomState(number).randint(0, 255, (32, 32, 3), np.uint8)


def sample(number: int, look: int | None = None) -> StudioSample:
    mask = np.zeros((32, 32), np.float32)
    mask[8:24, 8:24] = 0.5
    return sample_of(
        scene_plan(1, number), f"scenes-1-{number:07d}", "scenes", picture(number if look is None else look), mask
    )


def order(folder: Path, count: int = 230) -> DrawingOrder:
    made = DrawingOrder("scenes", count, folder)
    spool_of(made).folder.mkdir(parents=True)
    return made


def spool(folder: Path) -> Spool:
    return spool_of(DrawingOrder("scenes", 0, folder))


def pack(asked: DrawingOrder, last: bool = True) -> None:
    Packer(asked, manifest_of(asked, "test")).pack(last=last)


def manifest_in(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text())


def test_a_shard_holds_the_files_of_each_key_together(tmp_path: Path) -> None:
    asked = order(tmp_path, 3)
    work(asked, 0, sample)
    pack(asked)
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
    pack(asked)
    manifest = manifest_in(tmp_path)
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
    pack(asked, last=False)
    spool(tmp_path).discard(110)  # killed half-way through this one
    drew: list[int] = []
    work(asked, 0, lambda index: drew.append(index) or sample(index))  # type: ignore[func-returns-value]
    assert drew == [110]
    assert packed(tmp_path) | spool(tmp_path).drawn() == set(range(120))


def test_a_second_run_carries_on_with_the_shards_of_the_first(tmp_path: Path) -> None:
    first = order(tmp_path, 100)
    work(first, 0, sample)
    pack(first)
    more = DrawingOrder("scenes", 150, tmp_path)
    work(more, 0, sample)
    pack(more)
    manifest = manifest_in(tmp_path)
    assert [shard["path"] for shard in manifest["shards"]] == ["shard-000000.tar", "shard-000001.tar"]
    assert manifest["counts"]["samples"] == 150


def test_a_worker_that_is_through_helps_the_slower_one_from_the_far_end(tmp_path: Path) -> None:
    asked = DrawingOrder("scenes", 6, tmp_path, workers=2)
    spool_of(asked).folder.mkdir()
    spool_of(asked).begin(1, At(1, 0))  # the other worker is at its first scene
    drew: list[int] = []
    work(asked, 0, lambda index: drew.append(index) or sample(index))  # type: ignore[func-returns-value]
    assert drew == [0, 2, 4, 5, 3]


def test_workers_share_the_numbers_between_them(tmp_path: Path) -> None:
    asked = DrawingOrder("scenes", 10, tmp_path, workers=3)
    spool(tmp_path).folder.mkdir()
    for worker in range(3):
        work(asked, worker, sample)
    assert spool(tmp_path).drawn() == set(range(10))


def test_the_same_picture_goes_in_once(tmp_path: Path) -> None:
    asked = order(tmp_path, 20)
    work(asked, 0, lambda index: sample(index, look=index // 2))
    pack(asked)
    manifest = manifest_in(tmp_path)
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


def test_a_tar_of_the_same_samples_has_the_same_bytes() -> None:
    first, second = shard_bytes([sample(1)]), shard_bytes([sample(1)])
    assert first == second
    with tarfile.open(fileobj=io.BytesIO(first)) as tar:
        assert {(file.mtime, file.uid, file.gid, file.uname) for file in tar} == {(0, 0, 0, "")}


def test_a_shard_that_was_promised_but_not_listed_is_made_again(tmp_path: Path) -> None:
    asked = order(tmp_path, 5)
    work(asked, 0, sample)
    promise(tmp_path, "shard-000000.tar", [0, 1, 2, 3, 4], [])  # the power failed right after this
    assert packed(tmp_path) == set()
    pack(asked)
    assert manifest_in(tmp_path)["counts"]["samples"] == 5
    assert packed(tmp_path) == {0, 1, 2, 3, 4}


def test_a_batch_of_nothing_but_known_pictures_is_counted_once_however_often_the_run_resumes(tmp_path: Path) -> None:
    work(order(tmp_path, 5), 0, sample)
    pack(DrawingOrder("scenes", 5, tmp_path))
    more = DrawingOrder("scenes", 7, tmp_path)
    for _ in range(2):
        work(more, 0, lambda index: sample(index, look=index % 5))
        pack(more)
    manifest = manifest_in(tmp_path)
    assert manifest["filters"] == {"duplicate": 2}
    assert manifest["counts"]["samples"] == 5
    assert packed(tmp_path) == set(range(7))


def test_a_scene_given_up_stands_in_the_manifest_once_and_is_not_tried_again(tmp_path: Path) -> None:
    asked = order(tmp_path, 4)
    assert [spool(tmp_path).fail(2) for _ in range(2)] == [False, True]
    for _ in range(2):
        work(asked, 0, sample)
        pack(asked)
    assert manifest_in(tmp_path)["filters"] == {"gave up": 1}
    assert packed(tmp_path) == {0, 1, 3}


def test_a_scene_that_comes_out_at_the_second_try_is_not_held_against_anybody(tmp_path: Path) -> None:
    asked = order(tmp_path, 1)
    spool(tmp_path).fail(0)
    work(asked, 0, sample)
    assert spool(tmp_path).given_up() == set()
    assert [path.name for path in spool(tmp_path).folder.iterdir()] == ["0.sample"]


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"seed": 2}, "seed 1, not 2"),
        ({"size": 512}, "size 256, not 512"),
        ({"samples": 16}, "samples_per_pixel 4, not 16"),
        ({"kind": "judge"}, "kind scenes, not judge"),
        ({"request": SceneFilter(surface="marble")}, r"only None, not \{'surface': 'marble'\}"),
    ],
)
def test_another_recipe_does_not_go_into_the_same_folder(tmp_path: Path, other: dict[str, Any], what: str) -> None:
    first = order(tmp_path, 1)
    manifest_of(first, "test").save()
    with pytest.raises(OtherOrder, match=what):
        manifest_of(replace(first, **other), "test")
    manifest_of(replace(first, count=9, workers=3), "test")


def test_a_chosen_row_goes_into_a_folder_of_its_own(tmp_path: Path) -> None:
    first = replace(order(tmp_path, 1), request=SceneFilter(surface="marble"))
    manifest_of(first, "test").save()
    assert manifest_in(tmp_path)["lineage"]["only"] == {"surface": "marble"}
    manifest_of(first, "test")
    with pytest.raises(OtherOrder, match="only"):
        manifest_of(replace(first, request=SceneFilter()), "test")


def test_a_manifest_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(OtherOrder, match="was not written by the studio"):
        manifest_of(order(tmp_path), "test")


class FullFile(io.BytesIO):
    def write(self, data: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


class FullDisk(type(Path())):  # type: ignore[misc]
    def open(self, *_: object, **__: object) -> FullFile:
        return FullFile()


def test_a_full_disk_is_said_so_and_lists_nothing(tmp_path: Path) -> None:
    asked = order(tmp_path, 3)
    work(asked, 0, sample)
    manifest = manifest_of(asked, "test")
    manifest.folder = FullDisk(tmp_path)
    with pytest.raises(NoSpace, match=r"shard-000000.tar: No space left on device; free some disk and start the same"):
        Packer(asked, manifest).pack(last=True)
    assert packed(tmp_path) == set()
    assert spool(tmp_path).drawn() == {0, 1, 2}


def test_a_full_disk_in_the_middle_of_a_picture_is_said_so_too(tmp_path: Path) -> None:
    def full(_: int) -> StudioSample:
        raise OSError(errno.ENOSPC, "No space left on device", "/tmp/picture.exr")

    with pytest.raises(NoSpace, match=r"cannot write /tmp/picture.exr: No space left"):
        work(order(tmp_path, 1), 0, full)
