"""How a process with all services in it is stopped from outside, and how it ends whatever its threads do."""

import _thread
import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import FrameType
from typing import Any, NoReturn

BY_SIGNAL = 128  # a shell's habit: 130 after Ctrl-C, 143 after SIGTERM
UNEXPECTED = 1
ORDERLY_S = 120.0  # for writing what is there; the page of a thousand photos takes one
THREADS_S = 5.0  # longer than a small picture takes

_heard: list[int] = []


class Interrupted(KeyboardInterrupt):
    """A person or the system ended the run with a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by signal {number}")
        self.number = number


def leave_on_signals(last_words: str) -> None:
    """While nothing can be lost, Ctrl-C or SIGTERM ends the process at once."""

    def say_and_leave(number: int, frame: FrameType | None) -> NoReturn:
        with contextlib.suppress(OSError):
            os.write(1, f"{last_words}\n".encode())
        _leave_at_once(number, frame)

    _listen(say_and_leave)


def hear_signals(orderly_s: float = ORDERLY_S) -> None:
    """From now on the first Ctrl-C or SIGTERM is noted for `heed`, and a second one leaves at once.

    The first raises nothing by itself. It comes between any two steps of any library, and an exception there leaves
    a lock to nobody that was just taken, or is lost in a finalizer: a run hung for ever that way. A process that has
    not ended in order `orderly_s` seconds after it is ended all the same.
    """
    _listen(partial(_note, orderly_s))


def heed() -> None:
    """For whoever waits: raises Interrupted once a signal was noted."""
    for number in _heard:
        raise Interrupted(number)


def leave_after(work: Callable[[], int]) -> NoReturn:
    """Do the work, and end the process with the code it returns, or with 1 for what nobody expected it to raise."""
    code = UNEXPECTED
    try:
        code = work()
    except SystemExit as error:  # a library's way to say that it cannot start
        code = error.code if isinstance(error.code, int) else UNEXPECTED
    except BaseException:
        with contextlib.suppress(OSError):
            traceback.print_exc()
    leave(code)


def run_to_its_end(main: Coroutine[Any, Any, None], *, threads_s: float = THREADS_S) -> None:
    """As `asyncio.run`, which at its end waits for ever for threads that are still at work; here they have seconds.

    It closes its event loop when they have all ended. When not, only `leave` ends the process. Raises what `main` does.
    """
    runner, pool = asyncio.Runner(), ThreadPoolExecutor(thread_name_prefix="asyncio")
    runner.get_loop().set_default_executor(pool)
    try:
        runner.run(main)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    limit = time.monotonic() + threads_s
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(0.0, limit - time.monotonic()))
    if threading.active_count() == 1:
        runner.close()


def leave(code: int) -> NoReturn:
    """End the process with a code.

    Python would wait for ever for a thread of a pool that cannot be stopped, daemon or not, such as a training deep
    in C. As everything is written by now, the process ends without it.
    """
    for file in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # who read it is gone
            file.flush()
    if threading.active_count() > 1:
        os._exit(code)
    raise SystemExit(code)


def _listen(hear: Callable[[int, FrameType | None], None]) -> None:
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, hear)


def _note(orderly_s: float, number: int, _frame: FrameType | None) -> None:
    if _heard:
        _leave_at_once(number, None)
    _heard.append(number)
    with contextlib.suppress(RuntimeError):  # no thread can be had: then it ends in order or by a second signal
        _thread.start_new_thread(_end_after, (orderly_s, number))  # the bare one: it takes no lock


def _end_after(seconds: float, number: int) -> NoReturn:
    time.sleep(seconds)
    _leave_at_once(number, None)


def _leave_at_once(number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(BY_SIGNAL + number)
