"""A LoRA's whole way at the published sizes, with random weights: only here does all of it have to fit."""

import os
from pathlib import Path

import pytest
import torch

from benchmarks.models.full_size import walked
from shared.model.precision import computes_bfloat16
from tests.missing import missing


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("layout", "frozen", "layers", "needed_gb"),
    [("sd15", "float32", 282, 12), ("sdxl", "bfloat16", 794, 16)],
    ids=["sd15", "sdxl"],
)
def test_a_lora_of_a_published_size_is_trained_saved_read_back_adopted_and_painted_with(
    layout: str, frozen: str, layers: int, needed_gb: int, tmp_path: Path
) -> None:
    if os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") < needed_gb * 1024**3:
        missing(f"this machine has less than {needed_gb} GB of memory")
    if frozen == "bfloat16" and not computes_bfloat16(torch.device("cpu")):
        missing("this processor has no units for bfloat16, and without them it would take hours")
    figures = walked(layout, tmp_path, size=64, frozen=frozen)
    assert figures["lora_layers"] == layers and figures["reload_difference"] < 1e-4
