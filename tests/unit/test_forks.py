"""A process that begins as a fork is to others what it would be by its own command."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from tests import forks

PLAIN = {name: said for name, said in os.environ.items() if name not in forks.LATE}
Start = Callable[..., "subprocess.Popen[str]"]
TELL = (
    "import json, os, sys; print(json.dumps([sys.argv, os.getcwd(), os.environ['TOLD'], 'fractions' in sys.modules]))"
)


@pytest.fixture(autouse=True, scope="module")
def ctrl_c_is_heard() -> Iterator[None]:
    """Also where these tests are some shell's background job, which ignores it, and so do its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts `python` and the words given, as a fork of a process that has a library which Python alone has not."""
    door = tmp_path_factory.mktemp("forks") / "door"
    command = [sys.executable, forks.__file__, door, "fractions"]
    parent = subprocess.Popen(command, stdin=subprocess.PIPE, env=PLAIN)  # whatever other tests made of ours
    while not door.exists():
        assert parent.poll() is None
        time.sleep(0.01)

    def start(*words: str, more: Mapping[str, str] = MappingProxyType({}), **how: Any) -> "subprocess.Popen[str]":
        command = [sys.executable, "-S", forks.__file__, door, "ask", *words]
        environment = {**PLAIN, **more}
        return subprocess.Popen(
            command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how
        )

    yield start
    parent.communicate()


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    said, complained = process.communicate(timeout=60)
    return process.returncode, said, complained


def gone(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return False
    return True


def test_it_has_its_words_its_folder_its_environment_and_the_libraries(start: Start, tmp_path: Path) -> None:
    (tmp_path / "told.py").write_text(TELL)
    for words, first in ((["-c", TELL], "-c"), (["-m", "told"], str(tmp_path / "told.py")), (["told.py"], "told.py")):
        code, said, complained = ended(start(*words, "a b", cwd=tmp_path, more={"TOLD": "yes"}))
        assert (code, complained) == (0, "")
        assert json.loads(said) == [[first, "a b"], str(tmp_path), "yes", True]


def test_modules_are_found_where_the_environment_says(start: Start, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text("print('found')")
    assert ended(start("-m", "elsewhere", cwd="/", more={"PYTHONPATH": str(tmp_path)})) == (0, "found\n", "")


def test_its_end_is_told_by_a_code_or_a_trace_or_a_signal(start: Start) -> None:
    assert ended(start("-c", "raise SystemExit(7)")) == (7, "", "")
    code, _, complained = ended(start("-c", "1 / 0"))
    assert code == 1 and "ZeroDivisionError" in complained
    assert ended(start("-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))[0] == -signal.SIGKILL


def test_it_hears_signals_in_its_own_way(start: Start) -> None:
    said = "print('up', flush=True); time.sleep(60)"
    polite = start("-c", f"import signal, sys, time; signal.signal(15, lambda *_: sys.exit(3)); {said}")
    other = start("-c", f"import time; {said}")
    for process, number, code in ((polite, signal.SIGTERM, 3), (other, signal.SIGINT, -signal.SIGINT)):
        assert process.stdout is not None and process.stdout.readline() == "up\n"
        process.send_signal(number)
        assert ended(process)[0] == code


def test_what_the_other_ignores_it_ignores_until_it_says_what_to_do(start: Start) -> None:
    code = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    hears = (
        "import signal, sys, time; signal.signal(2, lambda *_: sys.exit(4)); print('up', flush=True); time.sleep(60)"
    )
    assert ended(start("-c", code))[1] == "False\n"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert ended(start("-c", code))[1] == "True\n"
        process = start("-c", hears)
    finally:
        signal.signal(signal.SIGINT, before)
    assert process.stdout is not None and process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGINT)
    assert ended(process)[0] == 4


def test_it_is_killed_with_the_process_that_stands_for_it(start: Start) -> None:
    process = start("-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)")
    assert process.stdout is not None
    fork = int(process.stdout.readline())
    process.kill()
    process.communicate()
    for _ in range(6000):
        if gone(fork):
            return
        time.sleep(0.01)
    raise AssertionError("it lived on")


def test_it_leads_a_session_where_the_other_does(start: Start) -> None:
    code = "import os; print(os.getsid(0) == os.getpid())"
    assert ended(start("-c", code, start_new_session=True))[1] == "True\n"
    assert ended(start("-c", code))[1] == "False\n"


def test_what_it_prints_comes_at_once_where_that_is_asked_for(start: Start) -> None:
    code = "import os, sys; print('out'); print('err', file=sys.stderr); os._exit(0)"
    assert ended(start("-c", code)) == (0, "", "err\n")
    assert ended(start("-u", "-c", code)) == (0, "out\n", "err\n")
    assert ended(start("-c", code, more={"PYTHONUNBUFFERED": "1"})) == (0, "out\n", "err\n")


def test_other_values_of_what_libraries_read_early_make_a_process_from_nothing(start: Start) -> None:
    code = "import sys; print('fractions' in sys.modules)"
    assert ended(start("-c", code))[1] == "True\n"
    assert ended(start("-c", code, more={"OMP_NUM_THREADS": "7"})) == (0, "False\n", "")


def test_without_forks_it_is_started_by_its_own_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(forks.DOOR, raising=False)
    assert forks.python() == (sys.executable,)
    monkeypatch.setenv(forks.DOOR, str(tmp_path / "nobody"))
    done = subprocess.run([*forks.python(), "-c", "print('here')"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "here\n")
