"""WebDataset shards and their manifest: a shard is listed only when it is whole and on disk."""

import errno
import hashlib
import io
import json
import os
import tarfile
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bundled.studio.plan.samples import StudioSample


class NoSpace(OSError):
    """A file cannot be written; nothing half-written was listed."""


def cannot_write(path: Path | str, error: OSError) -> NoSpace:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    remedy = "free some disk" if full else "mend that or give another folder"
    return NoSpace(f"cannot write {path}: {error.strerror}; {remedy} and start the same command again")


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error


def shard_bytes(samples: Iterable[StudioSample]) -> bytes:
    """The same samples give the same bytes: no times, no owners."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for sample in samples:
            for ending, data in sample.files.items():
                member = tarfile.TarInfo(f"{sample.key}.{ending}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def write_whole(path: Path, data: bytes, *, lasting: bool = True) -> None:
    """All or nothing, even when the power fails half-way; what need not outlive that is not waited for."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


@dataclass
class Manifest:
    """What the folder holds; written anew after every shard."""

    folder: Path
    name: str
    kind: str
    created: str
    lineage: dict[str, Any]
    shards: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)

    @property
    def path(self) -> Path:
        return self.folder / "manifest.json"

    @property
    def next_shard(self) -> str:
        return f"shard-{len(self.shards):06d}.tar"

    def add_shard(self, samples: list[StudioSample]) -> None:
        data = shard_bytes(samples)
        name = self.next_shard
        write_whole(self.folder / name, data)
        self.shards.append(
            {"path": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "samples": len(samples)}
        )
        self.count(samples)
        self.save()

    def count(self, samples: list[StudioSample]) -> None:
        for sample in samples:
            facts = json.loads(sample.files["json"])
            self.counts["samples"] += 1
            self.counts[facts["split"]] += 1

    def save(self) -> None:
        write_whole(self.path, (json.dumps(self.document(), indent=1) + "\n").encode())

    def document(self) -> dict[str, Any]:
        whole = hashlib.sha256("".join(shard["sha256"] for shard in self.shards).encode()).hexdigest()
        return {
            "name": self.name,
            "version": whole[:12],
            "kind": self.kind,
            "created": self.created,
            "shards": self.shards,
            "counts": dict(self.counts),
            "filters": dict(+self.dropped),
            "lineage": self.lineage,
            "withdrawn": [],
        }

    def load(self) -> "Manifest":
        """Carry on with what an earlier run finished."""
        if self.path.exists():
            known = json.loads(self.path.read_text())
            self.shards, self.counts, self.dropped = (
                known["shards"],
                Counter(known["counts"]),
                Counter(known["filters"]),
            )
            self.created = known["created"]
        return self
