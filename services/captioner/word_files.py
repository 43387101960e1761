"""Reads the captioner's words, which are data beside the code: whole and valid, or not at all."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Words = TypeVar("Words", bound=BaseModel)


def read_words(file: Path, model: type[Words]) -> Words:
    """The file's content as `model`; raises ValueError with the file's name and what is wrong in it."""
    try:
        return model.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ValueError(f"{file}: {error}") from error
