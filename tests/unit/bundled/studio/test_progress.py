"""What a run says about itself."""

import pytest

from bundled.studio.run.progress import RunReporter, ending, progress


def test_progress_says_when_it_will_be_done() -> None:
    assert progress(100, 400, 50, 1800.0) == "100/400 scenes, 100 an hour, 3 h 00 min left"
    assert progress(0, 400, 0, 5.0) == "0/400 scenes"


def test_nobody_waits_for_a_scene_that_was_given_up() -> None:
    assert progress(300, 400, 50, 1800.0, lost=100) == "300/400 scenes, 100 an hour, 0 h 00 min left"


def test_the_pace_after_a_resume_is_that_of_this_run(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = RunReporter(count=1000, had=900)
    reporter.started -= 3600
    reporter.tell(950, lost=0)
    assert capsys.readouterr().out == "950/1000 scenes, 50 an hour, 1 h 00 min left\n"


def test_a_log_gets_a_line_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = RunReporter(count=10, had=0)
    for _ in range(3):
        reporter.tell(0, lost=0)
    assert capsys.readouterr().out == "0/10 scenes\n"
    assert reporter.told is not None
    reporter.told -= 61
    reporter.tell(0, lost=0)
    assert capsys.readouterr().out == "0/10 scenes\n"


def test_the_end_says_what_came_out_and_what_did_not() -> None:
    assert ending(4, 4, 4, 900.0, set(), 0) == "4/4 scenes; 16 an hour, 4 in 0 h 15 min"
    assert ending(4, 4, 0, 1.0, set(), 0) == "4/4 scenes; nothing was left to draw"
    assert ending(97, 99, 97, 3600.0, {40, 17}, 3) == (
        "97/99 scenes; 97 an hour, 97 in 1 h 00 min; 3 left out as the same picture as another; "
        "2 given up, which ended their worker twice: 17, 40"
    )
