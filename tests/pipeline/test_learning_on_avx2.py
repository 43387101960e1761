"""The demo's learning lane on a processor that knows AVX2 alone, as most laptops do: it ends, and in a verdict."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}

pytestmark = pytest.mark.timeout(900)


def test_on_avx2_the_learning_lane_ends_in_a_verdict_on_a_promotion(tmp_path: Path) -> None:
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    shutil.copy(ROOT / "samples/photos/mug-terracotta.jpg", photos)
    command = [sys.executable, "-m", "backdrop.cli", "demo", "--photos", photos, "--out", out, "--steps", "4"]
    done = subprocess.run(
        [*map(str, command)], cwd=ROOT, env=os.environ | AVX2, capture_output=True, text=True, timeout=850
    )
    assert done.returncode == 0, done.stdout + done.stderr
    learning = json.loads((out / "learning.json").read_text())
    assert learning["verdict"].startswith(f"Revision {learning['revision']} is ")
    assert learning["steps"] == 4 and learning["metrics"]["held_samples"] >= 4
    assert (out / "index.html").is_file()
