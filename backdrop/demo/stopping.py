"""How a run is stopped from outside, and how its process ends whatever its threads do."""

import os
import signal
import sys
import threading
from typing import NoReturn

BY_SIGNAL = 128  # a shell's habit: 130 after Ctrl-C, 143 after SIGTERM


class Interrupted(KeyboardInterrupt):
    """A person or the system ended the run with a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by signal {number}")
        self.number = number


def hear_signals() -> None:
    """The first Ctrl-C or SIGTERM raises Interrupted, so that what is there is written; a second one leaves at once."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, _interrupt)


def leave(code: int) -> NoReturn:
    """End the process with a code.

    Python would wait for ever for a thread of a pool that cannot be stopped, daemon or not, such as a training deep
    in C. As everything is written by now, the process ends without it.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if threading.active_count() > 1:
        os._exit(code)
    raise SystemExit(code)


def _interrupt(number: int, _frame: object) -> NoReturn:
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, _leave_at_once)
    raise Interrupted(number)


def _leave_at_once(number: int, _frame: object) -> NoReturn:
    os._exit(BY_SIGNAL + number)
