"""Replicas of the load: waited for while they live."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.load.servers import wait_until_read
from deploy.local.processes import LocalStackError


def test_a_replica_that_ends_before_it_reads_is_not_waited_for(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    process.wait()
    with pytest.raises(LocalStackError, match="status 3"):
        wait_until_read({tmp_path / "segmenter.ready": process})


def test_a_replica_with_its_sign_is_there_whatever_became_of_it_since(tmp_path: Path) -> None:
    (tmp_path / "segmenter.ready").touch()
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    wait_until_read({tmp_path / "segmenter.ready": process})
