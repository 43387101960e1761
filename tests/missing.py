"""What a machine lacks: its tests are skipped with the reason; on CI, which installs it, they fail."""

import os
import shutil
from typing import NoReturn

import pytest


def on_ci() -> bool:
    """Whether everything that `.ci/run` installs must be there."""
    return os.environ.get("CI") == "true"


def missing(reason: str) -> NoReturn:
    """End the test that cannot run here."""
    if on_ci():
        pytest.fail(reason)
    pytest.skip(reason.splitlines()[0])


def needs(program: str) -> pytest.MarkDecorator:
    """The mark of tests that start this program; on CI they start it whether it is there or not."""
    there = shutil.which(program) is not None or on_ci()
    return pytest.mark.skipif(not there, reason=f"{program} is not installed")
