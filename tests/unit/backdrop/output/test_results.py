"""The folder of results: one line per requested scene, and every file it names."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from backdrop.output.results import ResultsFolder, read_results
from backdrop.submitting.progress import SubmissionProgress
from backdrop.submitting.submissions import Refusal, SubmittedProduct
from shared.contracts.images import encode_image
from tests.fakes.answers import MASK, PHOTO, generated, never_submitted, product, stored, submission


def answered(*products: SubmittedProduct) -> SubmissionProgress:
    progress = SubmissionProgress(submission(*products))
    progress.hear(generated(products[0], 0, turned_down=1), seconds=2.345)
    progress.give_up(Refusal(reason="judge_rejected", detail="each had a seam"), seconds=3.0)
    return progress


def test_every_requested_scene_has_one_line_in_the_order_of_asking(tmp_path: Path) -> None:
    cup, film = product(), never_submitted()
    ResultsFolder(tmp_path, stored(cup)).write(answered(cup, film))
    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [(line["product_id"], line["prompt"], line["status"], line["reason"]) for line in lines] == [
        ("cup", "on <marble>", "generated", None),
        ("cup", None, "rejected", "judge_rejected"),
        ("film", "on <marble>", "rejected", "format_not_taken"),
        ("film", None, "rejected", "format_not_taken"),
    ]
    assert len({line["request_id"] for line in lines}) == 4


def test_a_line_names_files_that_are_there_and_what_they_are(tmp_path: Path) -> None:
    cup = product()
    ResultsFolder(tmp_path, stored(cup)).write(answered(cup))
    line = json.loads((tmp_path / "results.jsonl").read_text().splitlines()[0])
    (image,) = line["images"]
    assert (tmp_path / line["photo"]).read_bytes() == PHOTO
    assert (tmp_path / line["mask"]).read_bytes() == MASK
    assert (tmp_path / image["path"]).read_bytes() == PHOTO
    assert (image["seed"], image["prompt"], image["width"], image["height"]) == (7, "on <marble>", 40, 48)
    assert image["model"] == "mini@base"
    assert image["scores"] == {"expansion": 0.01, "shrinkage": 0.0, "seam": 0.02, "adherence": 0.9, "judge": 0.8}
    assert line["seconds"] == 2.35


def test_previews_are_small_copies(tmp_path: Path) -> None:
    large = encode_image(np.full((1200, 1800, 3), 200, np.uint8))
    cup = product("cup", large)
    blobs = stored(cup)
    blobs.put(str(cup.image_key), large, "image/png")
    ResultsFolder(tmp_path, blobs).write(answered(cup))
    result = read_results(tmp_path)[0]
    with Image.open(tmp_path / str(result.photo_preview)) as preview:
        assert (preview.format, preview.size) == ("WEBP", (900, 600))
    with Image.open(tmp_path / str(result.images[0].preview)) as preview:
        assert (preview.format, preview.size) == ("WEBP", (40, 48))  # what is small already is not blown up


def test_a_broken_photo_keeps_its_bytes_and_has_no_preview(tmp_path: Path) -> None:
    note = product("note", b"hello")
    blobs = stored(note)
    blobs.put(str(note.image_key), b"hello", "image/png")
    progress = SubmissionProgress(submission(note))
    progress.give_up(Refusal(reason="not_an_image", detail="it is text"), seconds=1.0)
    result = ResultsFolder(tmp_path, blobs).write(progress)[0]
    assert (tmp_path / str(result.photo)).read_bytes() == b"hello"
    assert result.photo_preview is None


def test_a_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    nasty = product("../../etc/passwd")
    results = ResultsFolder(tmp_path / "out", stored(nasty)).write(answered(nasty))
    for path in (results[0].photo, results[0].mask, results[0].images[0].path):
        assert (tmp_path / "out" / str(path)).resolve().is_relative_to(tmp_path / "out")
        assert (tmp_path / "out" / str(path)).is_file()


def test_long_names_that_begin_alike_keep_apart(tmp_path: Path) -> None:
    first, second = ("杯" * 60 + end for end in "12")
    for name in (first, second):
        cup = product().model_copy(update={"product_id": name})
        ResultsFolder(tmp_path / name[-1], stored(cup)).write(answered(cup))
    photos = {path.name for n in "12" for path in (tmp_path / n / "photos").iterdir()}
    assert len(photos) == 2 and all(len(name) <= 125 for name in photos)


def test_writing_again_gives_the_same_lines(tmp_path: Path) -> None:
    cup = product()
    for folder in ("one", "two"):
        ResultsFolder(tmp_path / folder, stored(cup)).write(answered(cup))
    assert (tmp_path / "one" / "results.jsonl").read_bytes() == (tmp_path / "two" / "results.jsonl").read_bytes()


def test_two_ids_never_share_a_file(tmp_path: Path) -> None:
    spaced = product("blue mug")
    written = ResultsFolder(tmp_path, stored(spaced)).write(answered(spaced))[0].photo
    assert written is not None
    for name in ("blue_20mug", Path(written).stem, "mug-0123456789abcdef"):
        other = product(name)
        photo = ResultsFolder(tmp_path, stored(other)).write(answered(other))[0].photo
        assert photo is not None and photo != written
    assert photo == "photos/mug-0123456789abcdef.png"
