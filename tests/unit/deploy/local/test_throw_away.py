"""A stack whose owner was killed goes with the next one; one whose owner lives stays."""

import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from deploy.local.places import Places
from deploy.local.processes import find
from deploy.local.throw_away import PREFIX, owned, sweep

ROOT = Path(__file__).resolve().parents[4]
KILLED = """
import os, signal, sys
from pathlib import Path
from deploy.local.places import Places
from deploy.local.processes import Process, start
from deploy.local.throw_away import owned

folder = Path(sys.argv[1])
sleeps = (sys.executable, "-c", "import time; time.sleep(600)")
with owned(folder):
    start(Process(name="sleeper", command=sleeps, where="", port=0, ready=lambda: None), Places(var=folder))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_owner_left_running_is_stopped_and_removed(tmp_path: Path) -> None:
    left, kept = tmp_path / f"{PREFIX}left", tmp_path / f"{PREFIX}kept"
    left.mkdir()
    kept.mkdir()
    subprocess.run([sys.executable, "-c", KILLED, str(left)], cwd=ROOT, timeout=120)
    sleeper = find("sleeper", Places(var=left))
    assert sleeper is not None
    with owned(kept):
        sweep(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [kept.name]
    assert not sleeper.is_running() or sleeper.status() == psutil.STATUS_ZOMBIE
