"""Peak memory of the whole process, models included, for inputs that once took more than the machine had."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
MOST_MB = 2500


@pytest.mark.slow  # a core for a minute
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["tiny product blown up", "four megapixels by aspect 1:5"])
def test_the_heaviest_requests_fit_into_two_and_a_half_gigabytes(name: str) -> None:
    command = [sys.executable, "-m", "benchmarks.models.inpainter_memory", "--inside", name]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280)
    assert ran.returncode == 0, ran.stderr[-2000:]
    peak, answer = ran.stdout.strip().splitlines()[-1].split(" ", 1)
    assert answer.startswith("1 pictures"), answer
    assert 300 < float(peak) <= MOST_MB
