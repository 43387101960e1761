"""Whole runs with real processes that are killed, hang, find no disk or are stopped: nothing lost, nothing doubled."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from bundled.studio.plan.balance import scene_plan

ROOT = Path(__file__).parents[4]
STUDIO = ROOT / "tests/fakes/scene_studio.py"
Start = Callable[..., "subprocess.Popen[str]"]

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def ctrl_c_is_heard() -> Iterator[None]:
    """A shell that starts these tests in the background has them ignore Ctrl-C, and their children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def start(tmp_path: Path, ctrl_c_is_heard: None) -> Iterator[Start]:
    """Starts a run in a process of its own, and ends at last what it left behind."""
    runs: list[subprocess.Popen[str]] = []

    def start_one(*more: str, count: int = 8, workers: int = 2, **environment: str) -> "subprocess.Popen[str]":
        command = [
            sys.executable,
            str(STUDIO),
            "--out",
            str(tmp_path),
            f"--count={count}",
            f"--workers={workers}",
            *more,
        ]
        env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        pipe = subprocess.PIPE
        runs.append(subprocess.Popen(command, env=env, cwd=ROOT, stdout=pipe, stderr=subprocess.STDOUT, text=True))
        return runs[-1]

    yield start_one
    for run in runs:
        run.kill()
        run.wait()


def workers_of(run: "subprocess.Popen[str]", started: int = 2) -> list[psutil.Process]:
    return wait_for(lambda: len(found := psutil.Process(run.pid).children()) >= started and found)


def wait_for(ready: Callable[[], Any], seconds: float = 100) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := ready():
            return found
        time.sleep(0.02)
    raise AssertionError("it never came")


def drawn(folder: Path) -> int:
    return len(list((folder / ".spool").glob("*.sample")))


def keys(folder: Path) -> list[str]:
    """The samples of all listed shards, each of which must have the bytes that its hash names."""
    found = []
    for shard in manifest(folder)["shards"]:
        path = folder / shard["path"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == shard["sha256"]
        with tarfile.open(path) as tar:
            found += [name.removesuffix(".webp") for name in tar.getnames() if name.endswith(".webp")]
    return found


def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text())


def all_keys(count: int, without: tuple[int, ...] = ()) -> list[str]:
    return [f"{number:07d}" for number in range(count) if number not in without]


def test_the_last_line_of_a_run_tells_the_truth(start: Start, tmp_path: Path) -> None:
    said, _ = start(count=5).communicate()
    assert said.splitlines()[0] == "0/5 scenes"
    assert said.splitlines()[-1].startswith("5/5 scenes; ")
    assert said.splitlines()[-1].endswith(" an hour, 5 in 0 h 00 min")
    assert keys(tmp_path) == all_keys(5)
    said, _ = start(count=5).communicate()
    assert said.splitlines()[-1] == "5/5 scenes; nothing was left to draw"


def test_what_a_power_cut_left_half_written_is_made_again(start: Start, tmp_path: Path) -> None:
    (tmp_path / ".spool").mkdir()
    (tmp_path / ".shard-000000.tar.77.part").write_bytes(b"half")
    (tmp_path / ".spool/.2.sample.77.part").write_bytes(b"half")
    (tmp_path / "shard-000000.tar").write_bytes(b"whole, but listed nowhere")
    start(count=3, workers=1).communicate()
    assert keys(tmp_path) == all_keys(3)
    assert [*tmp_path.rglob(".*.part")] == []


def test_a_killed_worker_is_started_again_and_loses_nothing(start: Start, tmp_path: Path) -> None:
    run = start(count=40, SECONDS="0.1")
    victim = workers_of(run)[0]
    victim.suspend()  # so that it is not through before it is killed
    wait_for(lambda: drawn(tmp_path) >= 2)
    victim.kill()
    said, _ = run.communicate()
    assert run.returncode == 0
    assert "ended with status -9" in said
    assert keys(tmp_path) == all_keys(40)
    assert manifest(tmp_path)["filters"] == {}


def test_a_scene_that_hangs_for_ever_is_given_up_after_two_tries(start: Start, tmp_path: Path) -> None:
    run = start("--patience=1", count=4, workers=1, TROUBLE="hang:2")
    said, _ = run.communicate(timeout=100)
    assert run.returncode == 0
    assert "finished nothing for 1 s and was ended at scene 2; that scene is left out" in said
    assert said.splitlines()[-1].endswith("; 1 given up, which ended their worker twice: 2")
    assert keys(tmp_path) == all_keys(4, without=(2,))
    assert start(count=5).wait() == 0
    assert keys(tmp_path) == all_keys(5, without=(2,))
    assert manifest(tmp_path)["filters"] == {"gave up": 1}


def test_a_scene_that_kills_its_worker_once_comes_out_at_the_second_try(start: Start, tmp_path: Path) -> None:
    start(count=3, TROUBLE="die:1").communicate()
    assert keys(tmp_path) == all_keys(3)
    assert manifest(tmp_path)["filters"] == {}


def test_a_killed_run_takes_its_workers_along_and_the_next_carries_on(start: Start, tmp_path: Path) -> None:
    run = start(count=60, SECONDS="0.2")
    workers = workers_of(run)
    wait_for(lambda: drawn(tmp_path) >= 3)
    run.kill()
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert alive == []
    assert 3 <= drawn(tmp_path) < 60
    said, _ = start(count=60).communicate()
    assert int(said.splitlines()[0].partition("/")[0]) >= 3
    assert keys(tmp_path) == all_keys(60)
    assert manifest(tmp_path)["filters"] == {}


def test_a_worker_that_hangs_does_not_outlive_a_killed_run_for_long(start: Start, tmp_path: Path) -> None:
    run = start("--patience=1", workers=1, TROUBLE="hang:0")
    workers = workers_of(run, started=1)
    wait_for(lambda: (tmp_path / ".spool/worker-0").exists())  # it is at the scene: only its own alarm ends it now
    run.kill()
    assert psutil.wait_procs(workers, timeout=60)[1] == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_keeps_what_is_finished_and_blames_no_scene(
    start: Start, tmp_path: Path, how: signal.Signals
) -> None:
    run = start(count=60, SECONDS="0.2")
    workers = workers_of(run)
    wait_for(lambda: drawn(tmp_path) >= 3)
    run.send_signal(how)
    said, _ = run.communicate(timeout=100)
    assert run.returncode == 130
    assert said.endswith("stopped; the same command carries on\n")
    assert psutil.wait_procs(workers, timeout=60)[1] == []
    assert list((tmp_path / ".spool").glob("*.tried")) == []
    start(count=60).communicate()
    assert keys(tmp_path) == all_keys(60)


def test_a_full_disk_ends_the_whole_run_with_words(start: Start, tmp_path: Path) -> None:
    run = start(count=100, SECONDS="0.1", TROUBLE="full:1")
    workers = workers_of(run)
    said, _ = run.communicate(timeout=100)
    assert run.returncode == 3
    assert "cannot write picture.exr: No space left on device; free some disk and start the same command again" in said
    assert said.endswith("and the same command carries on\n")
    assert psutil.wait_procs(workers, timeout=60)[1] == []
    assert manifest(tmp_path)["shards"] == []
    start(count=3).communicate()
    assert set(all_keys(3)) <= set(keys(tmp_path))


def test_two_runs_do_not_write_into_one_folder(start: Start, tmp_path: Path) -> None:
    first = start(SECONDS="0.3")
    workers_of(first)
    first.send_signal(signal.SIGSTOP)  # so that it cannot be through before the second has looked, however slow that is
    second = start()
    said, _ = second.communicate()
    first.send_signal(signal.SIGCONT)
    assert second.returncode == 3
    assert said == f"another run is at work in {tmp_path}; wait for it, or give another folder\n"
    assert first.wait() == 0
    assert keys(tmp_path) == all_keys(8)


def test_a_chosen_row_of_scenes_keeps_the_numbers_of_the_whole_row(start: Start, tmp_path: Path) -> None:
    assert start("--surface=marble", count=3).wait() == 0
    first = keys(tmp_path)
    assert start("--surface=marble", count=5).wait() == 0
    assert keys(tmp_path)[:3] == first
    assert [scene_plan(1, int(key)).surface for key in keys(tmp_path)] == ["marble"] * 5


def test_what_a_killed_renderer_left_in_its_scratch_folder_is_gone_after_the_next_run(
    start: Start, tmp_path: Path
) -> None:
    left = tmp_path / ".spool/scratch/blender_x1/picture.exr"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    assert start(count=2).wait(100) == 0
    assert list((tmp_path / ".spool/scratch").iterdir()) == []
