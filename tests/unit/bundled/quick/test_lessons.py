"""The committed folder of lessons is what its command draws, and what a shop could hand over."""

from pathlib import Path

import cv2
import numpy as np

from backdrop.submitting.photos import read_photos
from bundled.quick.__main__ import main

COMMITTED = Path(__file__).parents[4] / "samples" / "lessons"


def test_the_command_draws_the_committed_pictures(tmp_path: Path) -> None:
    main([str(tmp_path), "--count", "2"])
    for name in ("drawn-0.webp", "drawn-1.webp", "masks/drawn-0.png"):
        drawn, kept = (cv2.imread(str(folder / name)).astype(float) for folder in (tmp_path, COMMITTED))
        assert np.abs(drawn - kept).mean() < 0.5, name  # libraries may round a pixel differently


def test_the_command_lists_what_it_draws(tmp_path: Path) -> None:
    main([str(tmp_path), "--count", "2"])
    listed = (COMMITTED / "products.jsonl").read_text().splitlines()
    assert (tmp_path / "products.jsonl").read_text().splitlines() == listed[:2]


def test_every_lesson_may_be_trained_on_and_brings_its_mask() -> None:
    photos = read_photos(COMMITTED)
    assert len(photos.submitted) == 14 and not photos.refused
    assert all(photo.facts.may_train and photo.facts.promoted and photo.mask for photo in photos.submitted)
