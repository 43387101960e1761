"""Reading the shards of a dataset: tars whose members, side by side, make up one sample. Pure; bounded in memory."""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from shared.contracts.datasets import MANIFEST, DatasetManifest, SampleRecord
from shared.contracts.errors import NotKnown

MEMBER_BYTES = 64 * 1024 * 1024  # a picture as large as a photo may be
SAMPLE_MEMBERS = 16
PICTURES = ("webp", "jpg", "png")
Split = Literal["train", "held"]


@dataclass(frozen=True)
class ShardSample:
    """One sample: its key, and its members' bytes by ending, such as `mask.png`."""

    key: str
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def record(self) -> SampleRecord:
        """What its JSON member says. Raises NotKnown when it has none that can be read."""
        try:
            return SampleRecord.model_validate_json(self.files.get("json", b""))
        except ValidationError as error:
            raise NotKnown("shard_broken", f"sample {self.key} has no record that can be read") from error

    @property
    def picture(self) -> bytes | None:
        """Its RGB picture, encoded."""
        return next((self.files[ending] for ending in PICTURES if ending in self.files), None)


def read_dataset(folder: Path, *, split: Split) -> Iterator[ShardSample]:
    """Every sample of one split, in order. Shards that the manifest does not list are unfinished and are not read.

    Raises FileNotFoundError without a manifest, NotKnown for a shard that is broken or outside the folder.
    """
    manifest = DatasetManifest.model_validate_json((folder / MANIFEST).read_text(encoding="utf-8"))
    for shard in manifest.shards:
        path = folder / shard.path
        if not path.resolve().is_relative_to(folder.resolve()):
            raise NotKnown("shard_broken", f"a shard lies outside its dataset: {shard.path}")
        yield from (sample for sample in read_shard(path) if sample.record.split == split)


def read_shard(path: Path, *, member_bytes: int = MEMBER_BYTES) -> Iterator[ShardSample]:
    """The samples of one tar; one of them is in memory at a time. Raises NotKnown (`shard_broken`) when it is no shard.

    Anything that is no plain file is passed over, so that no link and no device of a foreign tar is ever followed.
    """
    sample = ShardSample("")
    try:
        with tarfile.open(path, mode="r|") as tar:
            for info in tar:
                if not info.isfile():
                    continue
                key, ending = _parts(info, member_bytes)
                if key != sample.key and sample.files:
                    yield sample
                if key != sample.key:
                    sample = ShardSample(key)
                if ending in sample.files or len(sample.files) >= SAMPLE_MEMBERS:
                    raise NotKnown("shard_broken", f"sample {key} has a member twice or more than {SAMPLE_MEMBERS}")
                sample.files[ending] = _bytes(tar, info)
    except tarfile.TarError as error:
        raise NotKnown("shard_broken", f"{path.name} is not a whole tar: {error}") from error
    if sample.files:
        yield sample


def _parts(info: tarfile.TarInfo, member_bytes: int) -> tuple[str, str]:
    """Key and ending of a member, as WebDataset splits a name: at its first dot."""
    key, _, ending = info.name.partition(".")
    if not key or not ending or "/" in info.name or "\\" in info.name:
        raise NotKnown("shard_broken", f"{info.name!r} is not the name of a sample's member")
    if info.size > member_bytes:
        raise NotKnown("shard_broken", f"member {info.name} has {info.size} bytes, at most {member_bytes} may be read")
    return key, ending


def _bytes(tar: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(info)
    assert file is not None, info.name  # a plain file always has one
    return file.read()
