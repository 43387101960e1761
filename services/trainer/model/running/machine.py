"""What a training asks of the machine: a precision it has, as many threads as help, memory that stays at hand."""

import ctypes
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from shared.model.gpu_memory import gpu_memory
from shared.model.precision import Precision, training_dtype

__all__ = ["available_cores", "gpu_memory", "memory_at_hand", "prepare", "sensible_threads"]

MOST_THREADS = 8  # batches are small: beyond, threads wait for each other
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # as mallopt(3) numbers them
LARGEST, NEVER = 32 * 2**20, 2**31 - 1  # bytes; glibc moves its thresholds up to these 32 MB, and twice that, by itself


def prepare(device: str, precision: Precision, *, threads: int | None) -> None:
    """Set torch's threads. Raises Permanent for a precision that the device cannot train in."""
    training_dtype(device, precision)
    torch.set_num_threads(threads or sensible_threads(available_cores()))


def available_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def sensible_threads(cores: int) -> int:
    """Half of the cores, as the other services want theirs; one on one or two, where threads only get in the way."""
    return max(1, min(MOST_THREADS, cores // 2))


@contextmanager
def memory_at_hand() -> Iterator[None]:
    """Let glibc keep what one step frees for the next one, and give it back at the end; elsewhere nothing changes.

    By itself it returns the activations after each step, and asking for them anew is a twentieth of a step.
    """
    if platform.libc_ver()[0] != "glibc":
        yield
        return
    library = ctypes.CDLL(None)
    library.mallopt(MMAP_THRESHOLD, LARGEST)
    library.mallopt(TRIM_THRESHOLD, NEVER)
    try:
        yield
    finally:
        library.mallopt(TRIM_THRESHOLD, 2 * LARGEST)
        library.malloc_trim(0)
