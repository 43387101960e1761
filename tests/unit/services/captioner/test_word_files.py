"""Words are data: read whole and valid, or refused with the file's name."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from services.captioner.word_files import read_words


class Greeting(BaseModel):
    """A file of one word."""

    hello: str


def test_a_valid_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "words.toml").write_text('hello = "grüezi"\n', encoding="utf-8")
    assert read_words(tmp_path / "words.toml", Greeting) == Greeting(hello="grüezi")


@pytest.mark.parametrize(
    ("content", "complaint"), [("hello = ", r"words\.toml: Invalid value"), ("hello = 3\n", r"words\.toml: 1 valid")]
)
def test_a_broken_file_is_named_with_what_is_wrong(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "words.toml").write_text(content)
    with pytest.raises(ValueError, match=complaint):
        read_words(tmp_path / "words.toml", Greeting)
