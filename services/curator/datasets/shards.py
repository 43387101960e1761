"""WebDataset shards whose bytes depend on their samples alone: sorted members, no times, no owners."""

import io
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from shared.contracts.images import Pixels, binary

SHARD_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Member:
    """One sample: file endings (such as `mask.png`) and their bytes; `recipe` is a line that says how to make it."""

    key: str
    files: Mapping[str, bytes]
    recipe: bytes = b""

    @property
    def size(self) -> int:
        """Bytes without the tar's own."""
        return sum(map(len, self.files.values()))


@dataclass(frozen=True)
class Shard:
    """A finished tar, how many samples it has, and how to make it again."""

    data: bytes
    samples: int
    recipe: bytes

    @classmethod
    def of(cls, members: Sequence[Member]) -> "Shard":
        """The shard of these members, in their order."""
        return cls(tar(members), len(members), b"".join(one.recipe for one in members))


def tar(members: Iterable[Member]) -> bytes:
    """A tar of the members; the same samples give the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for member in members:
            for ending, data in sorted(member.files.items()):
                info = tarfile.TarInfo(f"{member.key}.{ending}")
                info.size, info.mtime, info.mode = len(data), 0, 0o644
                archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def fitted(pixels: Pixels, side: int) -> Pixels:
    """RGB (H, W, 3) or a mask (H, W), made smaller until its longer side is at most `side`."""
    height, width = pixels.shape[:2]
    if max(height, width) <= side:
        return pixels
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return small if pixels.ndim == 3 else binary(small)
