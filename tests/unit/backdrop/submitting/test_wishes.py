"""Prompts files, and the scenes each photo gets."""

from pathlib import Path

import pytest

from backdrop.submitting.wishes import read_prompts, scenes_for
from shared.contracts.errors import BadRequest
from shared.contracts.events import Scene


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "prompts.txt"
    path.write_bytes(data)
    return path


def test_one_prompt_a_line_without_blank_lines_and_remarks(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeffon marble\r\n\n  # later\n  on sand, sea behind  \n".encode())
    assert read_prompts(path) == ("on marble", "on sand, sea behind")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "prompts_empty"),
        (b"# nothing yet\n\n", "prompts_empty"),
        (b"\xff\xfe\x00", "prompts_not_text"),
        (b"x" * 1001, "prompt_too_long"),
        (b"on marble\n" * 33, "too_many_prompts"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(BadRequest) as error:
        read_prompts(written(tmp_path, data))
    assert error.value.reason == reason


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRequest) as error:
        read_prompts(tmp_path / "none.txt")
    assert error.value.reason == "prompts_missing"


def test_prompts_are_topped_up_with_ideas() -> None:
    assert scenes_for(("on marble",), at_least=3) == (Scene(prompt="on marble"), Scene(), Scene())


def test_more_prompts_than_the_least_are_all_asked() -> None:
    assert len(scenes_for(("a", "b", "c", "d"), at_least=3)) == 4
