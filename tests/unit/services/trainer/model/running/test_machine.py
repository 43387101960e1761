"""Threads that fit the cores, and a precision that the device has."""

import pytest
import torch

from services.trainer.model.running.machine import available_cores, prepare, sensible_threads
from shared.contracts.errors import Permanent


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (3, 1), (4, 2), (8, 4), (16, 8), (128, 8)])
def test_a_training_leaves_half_of_the_cores_to_others(cores: int, threads: int) -> None:
    assert sensible_threads(cores) == threads


def test_at_least_one_core_is_ours() -> None:
    assert available_cores() >= 1


def test_threads_that_were_asked_for_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = list[int]()
    monkeypatch.setattr(torch, "set_num_threads", taken.append)
    prepare("cpu", "float32", threads=3)
    prepare("cpu", "float32", threads=None)
    assert taken == [3, sensible_threads(available_cores())]


def test_a_precision_that_the_device_has_not_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    with pytest.raises(Permanent, match="bfloat16 was asked for on cpu"):
        prepare("cpu", "bfloat16", threads=1)
