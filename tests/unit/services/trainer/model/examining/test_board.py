"""Curves of a run, for those who look with TensorBoard."""

from pathlib import Path

import numpy as np
from PIL import Image

from services.trainer.model.examining.board import Board


def test_a_run_leaves_its_curves_in_its_folder(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(picture)
    with Board(tmp_path / "run") as board:
        board.show(1, 0.5, None, ())
        board.show(2, 0.4, 0.6, (picture,))
    (events,) = (tmp_path / "run").iterdir()
    assert events.name.startswith("events.out.tfevents") and b"held-out loss" in events.read_bytes()


def test_without_a_folder_nothing_is_written() -> None:
    with Board(None) as board:
        board.show(1, 0.5, 0.5, ())
