"""The parent's care for its workers, tried on real processes of the shell."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bundled.studio.run.spool import At, Spool
from bundled.studio.run.supervisor import Hopeless, Process, Supervisor

Clock = Callable[[], float]


def supervisor(
    folder: Path, script: str, said: list[str], limit: float = 60, clock: Clock = time.monotonic
) -> Supervisor:
    """Workers that run `script` in the spool, told their number as $0."""

    def start(number: int) -> Process:
        return subprocess.Popen(["sh", "-c", script, str(number)], cwd=folder)

    return Supervisor(Spool(folder), start, limit=limit, say=said.append, clock=clock)


def until_done(supervisor: Supervisor, workers: int = 1, enough: Callable[[], bool] = lambda: False) -> None:
    try:
        supervisor.begin(workers)
        while supervisor.tend() and not enough():
            time.sleep(0.01)
    finally:
        supervisor.end()


def test_a_worker_that_never_gets_to_a_scene_ends_the_run_with_words(tmp_path: Path) -> None:
    said: list[str] = []
    with pytest.raises(Hopeless, match="worker 0 ended 6 times without finishing a scene"):
        until_done(supervisor(tmp_path, "exit 1", said))
    assert said == ["worker 0 ended with status 1 before its first scene; starting it again"] * 6


def test_a_renderer_that_fails_at_every_scene_ends_the_run_and_no_scene_is_blamed(tmp_path: Path) -> None:
    said: list[str] = []
    script = 'for n in 0 1 2 3; do grep -qs xx $n.tried || break; done; echo "$n 0" > .new; mv .new worker-0; exit 1'
    with pytest.raises(Hopeless):
        until_done(supervisor(tmp_path, script, said))
    assert said[0] == "worker 0 ended with status 1 at scene 0; starting it again"
    assert said[1] == "worker 0 ended with status 1 at scene 0; that scene is left out"
    assert said[5] == "worker 0 ended with status 1 at scene 2; that scene is left out"
    assert list(tmp_path.glob("*.tried")) == []


def test_a_worker_that_finishes_scenes_between_its_ends_is_started_again_every_time(tmp_path: Path) -> None:
    said: list[str] = []
    until_done(
        supervisor(tmp_path, 'rm -f 7.tried; echo "7 1" > .new; mv .new worker-0; exit 9', said),
        enough=lambda: len(said) >= 10,
    )
    assert len(said) == 10


def test_a_worker_that_is_deaf_to_polite_ends_is_ended_when_it_hangs(tmp_path: Path) -> None:
    said: list[str] = []
    script = (
        "trap '' TERM INT; grep -qs xx 4.tried && exit 0; echo '4 0' > .n; mv .n worker-0; while :; do sleep 1; done"
    )
    until_done(supervisor(tmp_path, script, said, limit=0.3))
    assert said == [
        "worker 0 finished nothing for 0 s and was ended at scene 4; starting it again",
        "worker 0 finished nothing for 0 s and was ended at scene 4; that scene is left out",
    ]
    assert Spool(tmp_path).given_up() == {4}


def test_a_worker_that_goes_on_from_scene_to_scene_does_not_hang(tmp_path: Path) -> None:
    said: list[str] = []
    now = [0.0]
    made = supervisor(tmp_path, "exec sleep 100", said, limit=60, clock=lambda: now[0])
    try:
        made.begin(1)
        for scene in range(8):
            Spool(tmp_path).begin(0, At(scene, finished=scene))
            assert made.tend()
            now[0] += 50
    finally:
        made.end()
    assert said == []


def test_one_worker_that_cannot_start_ends_all_of_them(tmp_path: Path) -> None:
    made = supervisor(tmp_path, "[ $0 = 1 ] && exit 3; exec sleep 100", [])
    with pytest.raises(Hopeless, match="for the reason above"):
        until_done(made, workers=2)
    assert [worker.process.returncode for worker in made.workers.values()] == [-9, 3]


def test_a_mark_of_an_earlier_run_blames_no_scene(tmp_path: Path) -> None:
    (tmp_path / "worker-0").write_text("5 0")
    with pytest.raises(Hopeless):
        until_done(supervisor(tmp_path, "exit 1", []))
    assert list(tmp_path.glob("*.tried")) == []
