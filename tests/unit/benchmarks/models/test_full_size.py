"""A LoRA's whole way at a published size, with random weights: only here does all of it have to fit."""

import os
from pathlib import Path

import pytest

from benchmarks.models.full_size import walked
from tests.missing import missing

NEEDED_GB = 12


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_lora_of_sd15s_own_size_is_trained_saved_read_back_adopted_and_painted_with(tmp_path: Path) -> None:
    if os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") < NEEDED_GB * 1024**3:
        missing(f"this machine has less than {NEEDED_GB} GB of memory")
    figures = walked("sd15", tmp_path, size=64, frozen="float32")
    assert figures["lora_layers"] == 282 and figures["reload_difference"] < 1e-4
