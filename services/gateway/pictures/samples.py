"""Sample photos for who has none at hand: a folder with its `products.jsonl`, and nothing where there is no folder."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from services.gateway.shapes.replies import SampleReply

LIST = "products.jsonl"
ADDRESS = "/v1/samples/"


@dataclass(frozen=True)
class SampleShelf:
    """The photos of a folder, read once; only files that its list names are ever given."""

    folder: Path | None

    @cached_property
    def samples(self) -> tuple[SampleReply, ...]:
        """What there is, in the list's order."""
        return tuple(_reply(entry) for entry in self._entries())

    def file(self, name: str) -> bytes | None:
        """The bytes of a listed photo or mask; None for any other name."""
        if self.folder is None or name not in self._named:
            return None
        return (self.folder / name).read_bytes()

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset(name for entry in self._entries() for name in (entry["image"], entry.get("mask")) if name)

    def _entries(self) -> Iterator[dict[str, str | None]]:
        listed = None if self.folder is None else self.folder / LIST
        if listed is not None and listed.is_file():
            yield from (json.loads(line) for line in listed.read_text().splitlines() if line.strip())


def _reply(entry: dict[str, str | None]) -> SampleReply:
    image, mask = entry["image"] or "", entry.get("mask")
    return SampleReply(
        name=image,
        title=entry.get("title") or image,
        description=entry.get("description"),
        category=entry.get("category"),
        url=ADDRESS + quote(image),
        mask_url=None if mask is None else ADDRESS + quote(mask),
    )
