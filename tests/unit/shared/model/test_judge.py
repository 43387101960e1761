"""What the judge sees, and that it comes back from its folder as it was."""

from pathlib import Path

import numpy as np
import pytest
import torch

from shared.model.judge import (
    SIZE,
    around,
    chances_of_no_defect,
    judge_inputs,
    judge_view,
    new_judge,
    read_judge,
    write_judge,
)

PHOTO, OUTPUT = np.full((70, 90, 3), 255, np.uint8), np.zeros((70, 90, 3), np.uint8)
EVERYWHERE, NOWHERE = np.full((70, 90), 255, np.uint8), np.zeros((70, 90), np.uint8)


def test_the_view_is_the_output_the_change_inside_the_mask_and_the_mask() -> None:
    view = judge_view(PHOTO, OUTPUT, EVERYWHERE)
    assert view.shape == (7, SIZE, SIZE) and view.dtype == np.float32
    assert [float(channel.mean()) for channel in view] == [-1, -1, -1, -2, -2, -2, 1]


def test_the_photos_old_background_has_no_say() -> None:
    assert np.array_equal(judge_view(PHOTO, OUTPUT, NOWHERE), judge_view(OUTPUT, OUTPUT, NOWHERE))


def test_it_looks_around_the_product_and_at_everything_where_there_is_none() -> None:
    mask = np.zeros((100, 200), np.uint8)
    mask[40:61, 90:111] = 255  # 20 px across around (50, 100): reach 1.7 / 2 * 20 + 4 = 21
    assert around(mask) == (slice(29, 71), slice(79, 121))
    assert around(np.zeros((100, 200), np.uint8)) == (slice(0, 100), slice(0, 200))


def test_a_judge_comes_back_from_its_folder_and_stays_as_it_was(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = new_judge(width=8).eval()
    inputs = judge_inputs([judge_view(PHOTO, OUTPUT, EVERYWHERE)])
    assert write_judge(model, tmp_path) == tmp_path / "model.safetensors"
    assert next(model.parameters()).dtype == torch.float32
    chance, again = (float(chances_of_no_defect(one, inputs)) for one in (model, read_judge(tmp_path)))
    assert 0 < chance < 1 and again == pytest.approx(chance, abs=1e-3)


def test_no_folder_is_no_judge(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        read_judge(tmp_path)
