"""Threads that fit the cores, a precision that the device has, memory that is not asked for twice."""

import platform
import resource

import pytest
import torch

from services.trainer.model.running.machine import available_cores, memory_at_hand, prepare, sensible_threads
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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators are left as they are")
def test_what_a_step_frees_is_at_hand_for_the_next_one() -> None:
    """By itself glibc gives 192 MB back and asks for them again, page by page."""

    def faults_of_a_step() -> int:
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
        activations = [torch.ones(2**19) for _ in range(96)]
        return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before + 0 * len(activations)

    with memory_at_hand():
        faults_of_a_step()
        assert min(faults_of_a_step() for _ in range(3)) < 192 * 2**20 / resource.getpagesize() / 4
