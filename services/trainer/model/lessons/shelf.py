"""Rows of one shape in a file: what is encoded once and read all run long may be far larger than memory."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.generic]


class Shelf:
    """Rows are put down one after the other and read back by their number; only what is read is in memory."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: npt.DTypeLike) -> None:
        """A new, empty file at `path`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.shape, self.dtype, self.count = path, shape, np.dtype(dtype), 0
        self._file = path.open("wb")
        self._rows: Rows | None = None

    def put(self, row: Rows) -> int:
        """Put a row down; returns its number. Raises OSError when the disk is full."""
        self._file.write(np.ascontiguousarray(row.reshape(self.shape), self.dtype).tobytes())
        self.count += 1
        self._rows = None
        return self.count - 1

    def take(self, numbers: Sequence[int]) -> Rows:
        """(len(numbers), *shape) a copy of those rows."""
        if self._rows is None:
            self._file.flush()
            self._rows = np.memmap(self.path, self.dtype, "r", shape=(self.count, *self.shape))
        return np.array(self._rows[list(numbers)])
