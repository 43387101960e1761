"""What a run shows where no terminal is: the start, the end, and a line every few seconds."""

import io
import os

import pytest
from rich.console import Console

from backdrop.demo.screen import PatientConsole, Screen


@pytest.fixture
def shown() -> io.StringIO:
    return io.StringIO()


def test_start_and_end_are_said_and_nothing_twice(shown: io.StringIO) -> None:
    with Screen(Console(file=shown, width=100)) as screen:
        for done in (0, 0, 1, 2, 3, 3):
            screen.show("scenes", done, 3)
    assert shown.getvalue().splitlines() == ["  scenes: 0 of 3", "  scenes: 3 of 3"]


def test_in_between_it_says_how_much_is_left(shown: io.StringIO) -> None:
    now = iter([100.0, 100.0, 130.0, 130.0])
    with Screen(Console(file=shown, width=100), clock=lambda: next(now)) as screen:
        screen.show("scenes", 0, 4)
        screen.show("scenes", 1, 4)
    assert shown.getvalue().splitlines() == ["  scenes: 0 of 4", "  scenes: 1 of 4, about 1:30 left"]


def test_a_line_stays(shown: io.StringIO) -> None:
    with Screen(Console(file=shown, width=100)) as screen:
        screen.say("Loading the models …")
    assert shown.getvalue() == "Loading the models …\n"


def test_a_reader_that_goes_ends_what_is_said_and_nothing_else() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as nobody:
        console = PatientConsole(file=nobody)
        for line in ("first", "second"):
            console.print(line)
        assert console.quiet
