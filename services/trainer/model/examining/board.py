"""A run's curves for TensorBoard: loss, held-out loss and pictures, beside what the events say."""

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from PIL import Image


class Board:
    """Writes below `folder`, a run each; does nothing without one."""

    def __init__(self, folder: Path | None) -> None:
        self._writer: Any = None
        if folder is not None:
            from torch.utils.tensorboard import SummaryWriter  # here, as it is a second to import

            self._writer = SummaryWriter(str(folder))

    def __enter__(self) -> "Board":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._writer is not None:
            self._writer.close()

    def show(self, step: int, loss: float, validation_loss: float | None, pictures: tuple[Path, ...]) -> None:
        """One step of the run."""
        if self._writer is None:
            return
        self._writer.add_scalar("loss", loss, step)
        if validation_loss is not None:
            self._writer.add_scalar("held-out loss", validation_loss, step)
        for path in pictures:
            with Image.open(path) as picture:
                self._writer.add_image("painted", np.asarray(picture.convert("RGB")), step, dataformats="HWC")
