"""What a training asks of the machine: a precision it has, and as many threads as help."""

import os

import torch

from shared.model.gpu_memory import gpu_memory
from shared.model.precision import Precision, training_dtype

__all__ = ["available_cores", "gpu_memory", "prepare", "sensible_threads"]

MOST_THREADS = 8  # batches are small: beyond, threads wait for each other


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
