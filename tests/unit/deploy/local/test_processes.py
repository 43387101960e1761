"""The local stack starts each process once, finds it again, and stops that one only."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from deploy.local.__main__ import main
from deploy.local.places import Places, apart
from deploy.local.ports import HOST, free_ports
from deploy.local.processes import LocalStackError, Process, alone, find, log_of, start, started, stop, wait_until_ready


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return apart(tmp_path)


def sleeper(places: Places, *, code: str = "import time; print('up', flush=True); time.sleep(60)") -> Process:
    def ready() -> str | None:
        path = log_of("sleeper", places)
        return None if path.exists() and "up" in path.read_text() else "it has not said `up`"

    (port,) = free_ports(1)
    command = (sys.executable, "-c", code)
    return Process(name="sleeper", command=command, where="nowhere", port=port, ready=ready, patience_s=60)


def test_up_down_and_up_again(places: Places) -> None:
    process = sleeper(places)
    assert start(process, places) is True
    wait_until_ready(process, places)
    assert start(process, places) is False  # it runs already
    assert started(places) == ["sleeper"]
    assert stop("sleeper", places) is True
    assert find("sleeper", places) is None
    assert stop("sleeper", places) is False


def test_one_that_ends_as_the_patience_with_it_does_is_stopped(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    process = sleeper(places)
    start(process, places)
    wait_until_ready(process, places)
    wait = psutil.wait_procs
    monkeypatch.setattr(psutil, "wait_procs", lambda family, timeout: (wait(family, timeout=60), family))
    assert stop("sleeper", places) is True
    assert find("sleeper", places) is None


def test_a_stranger_with_the_same_pid_is_left_alone(places: Places) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        places.run.mkdir(parents=True)
        note = {"pid": stranger.pid, "created": 1.0, "where": "", "stop_signal": 15}
        (places.run / "sleeper.json").write_text(json.dumps(note))
        assert find("sleeper", places) is None
        assert stop("sleeper", places) is False
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_one_that_dies_is_told_with_the_end_of_its_log(places: Places) -> None:
    process = sleeper(places, code="raise SystemExit('no licence to start')")
    start(process, places)
    with pytest.raises(LocalStackError, match="no licence to start"):
        wait_until_ready(process, places)


def test_a_port_that_is_taken_is_named_with_the_knob_that_moves_ours(places: Places) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        process = Process(name="kafka", command=("true",), where="", port=taken.getsockname()[1], ready=lambda: None)
        with pytest.raises(LocalStackError, match="LOCAL_KAFKA_PORT"):
            start(process, places)


def test_a_second_stack_has_ports_of_its_own(tmp_path: Path) -> None:
    one = apart(tmp_path)
    ports = [value for name, value in one.model_dump().items() if name.endswith("_port")]
    assert len(set(ports)) == len(ports) == 13
    assert one.servers == Places().servers


def test_two_do_not_start_and_stop_the_same_stack_at_once(places: Places) -> None:
    with alone(places):
        with pytest.raises(LocalStackError, match="is at work here"), alone(places):
            pass
        assert started(places) == []
    with alone(places):
        pass


def test_a_port_that_is_no_number_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_KAFKA_PORT", "many")
    monkeypatch.setattr(sys, "argv", ["deploy.local", "environment"])
    assert main() == 2
    assert "LOCAL_KAFKA_PORT: Input should be a valid integer" in capsys.readouterr().err
