"""A preparing command that fails, or never ends, is told in words."""

import sys
from pathlib import Path

import pytest

from deploy.local.preparing import appearing, need, run
from deploy.local.processes import LocalStackError


def test_what_a_failed_command_said_is_told() -> None:
    with pytest.raises(LocalStackError, match=r"fetching jars failed .* ended with 3\):\nno route to host"):
        run((sys.executable, "-c", "print('no route to host'); raise SystemExit(3)"), "fetching jars")


def test_one_that_does_not_end_is_ended_and_said_so() -> None:
    with pytest.raises(LocalStackError, match="fetching jars did not end in 1 s"):
        run((sys.executable, "-c", "import time; time.sleep(60)"), "fetching jars", limit_s=1.0)


def test_what_one_that_succeeds_said_is_there() -> None:
    assert run((sys.executable, "-c", "print('all there')"), "nothing much") == "all there"


def test_a_folder_appears_whole_or_not_at_all_and_a_quicker_one_stays(tmp_path: Path) -> None:
    jars = tmp_path / "jars"
    with pytest.raises(LocalStackError), appearing(jars) as draft:
        (draft / "half").touch()
        raise LocalStackError("cut off")
    assert list(tmp_path.iterdir()) == []
    with appearing(jars) as late, appearing(jars) as quick:
        (late / "late").touch()
        (quick / "quick").touch()
    assert list(jars.iterdir()) == [jars / "quick"] and list(tmp_path.iterdir()) == [jars]


def test_a_program_that_is_missing_is_named_with_its_remedy() -> None:
    with pytest.raises(LocalStackError, match=r"`no-such-tool` is missing\. Install it from the shop"):
        need("no-such-tool", "it from the shop")
