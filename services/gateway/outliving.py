"""Loops that no failure ends: what goes wrong in a round is told, and the next round comes."""

import logging
from dataclasses import dataclass
from types import TracebackType

from shared.contracts.errors import BackdropError


@dataclass(frozen=True)
class Outlived:
    """Around one round: an outage is a line, an error that nobody expected brings its traceback."""

    log: logging.Logger
    words: str

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, BackdropError):
            self.log.warning("%s: %s", self.words, error.message)
        elif isinstance(error, Exception):
            self.log.error("%s; trying again", self.words, exc_info=error)
        return isinstance(error, Exception)
