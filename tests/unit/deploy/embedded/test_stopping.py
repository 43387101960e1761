"""A signal disturbs no step that it meets, and the process ends with its code whatever else stands still."""

import subprocess
from pathlib import Path

import pytest

from tests.forks import python

ROOT = Path(__file__).resolve().parents[4]
BEGIN = """\
import signal, sys, threading
from concurrent.futures import ThreadPoolExecutor
from deploy.embedded import stopping

def waits_for_ever():
    ThreadPoolExecutor(1).submit(threading.Event().wait)
"""


def ended(script: str) -> subprocess.CompletedProcess[str]:
    """A process that ran this, and ended by itself."""
    command = [*python(), "-c", BEGIN + script]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_a_step_that_a_signal_meets_goes_on_and_who_asks_afterwards_is_told() -> None:
    process = ended("""
stopping.hear_signals()
lock = threading.Lock()
lock.acquire()
signal.raise_signal(signal.SIGTERM)  # here, an exception would leave the lock to nobody
lock.release()
try:
    stopping.heed()
except stopping.Interrupted as error:
    print(error.number, lock.locked())
""")
    assert (process.stdout, process.returncode) == ("15 False\n", 0), process.stderr


@pytest.mark.parametrize(
    "rest",
    ["threading.Event().wait()", "signal.raise_signal(signal.SIGTERM)", "waits_for_ever(); raise ValueError('late')"],
    ids=["a wait without an end", "a second signal", "an error, and a thread that nobody can stop"],
)
def test_what_was_told_to_stop_ends_with_the_signals_code_even_without_order(rest: str) -> None:
    process = ended(f"""
stopping.hear_signals(orderly_s=0.5)
signal.raise_signal(signal.SIGTERM)
{rest}
""")
    assert process.returncode == 143, process.stderr


def test_before_anything_can_be_lost_a_signal_ends_it_at_once() -> None:
    process = ended("""
stopping.leave_on_signals("stopped early")
try:
    signal.raise_signal(signal.SIGINT)
finally:
    print("too late")
""")
    assert (process.stdout, process.returncode) == ("stopped early\n", 130), process.stderr


def test_an_error_that_nobody_expected_is_told_and_waits_for_no_thread() -> None:
    process = ended("""
def work():
    waits_for_ever()
    raise ValueError("nobody expected this")
stopping.leave_after(work)
""")
    assert (process.returncode, "ValueError: nobody expected this" in process.stderr) == (1, True), process.stderr


def test_a_reader_that_has_gone_changes_no_code() -> None:
    process = ended("""
import os
read, write = os.pipe()
os.close(read)
sys.stdout = os.fdopen(write, "w")
print("to nobody")
waits_for_ever()
stopping.leave(3)
""")
    assert process.returncode == 3, process.stderr


def test_a_loop_whose_threads_do_not_end_is_waited_for_some_time_only() -> None:
    process = ended("""
import asyncio
async def main():
    asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)
def work():
    stopping.run_to_its_end(main(), threads_s=0.2)
    return 4
stopping.leave_after(work)
""")
    assert process.returncode == 4, process.stderr


def test_a_loop_whose_threads_end_is_closed_and_its_result_waited_for() -> None:
    process = ended("""
import asyncio, time
async def main():
    asyncio.get_running_loop().run_in_executor(None, lambda: (time.sleep(0.1), print("in hand")))
def work():
    stopping.run_to_its_end(main(), threads_s=60)
    return sum(thread is not threading.main_thread() for thread in threading.enumerate())
stopping.leave_after(work)
""")
    assert (process.stdout, process.returncode) == ("in hand\n", 0), process.stderr
