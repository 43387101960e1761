"""Which scenes are in which shard: written before the manifest, believed only for shards that the manifest lists."""

import json
from pathlib import Path
from typing import Any

from bundled.studio.run.shards import write_whole


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.exists() else {}


def finished(folder: Path) -> dict[str, dict[str, list[Any]]]:
    listed = {shard["path"] for shard in _read(folder / "manifest.json").get("shards", [])}
    return {name: row for name, row in _read(folder / ".ledger.json").items() if name in listed}


def packed(folder: Path) -> set[int]:
    """Numbers of the scenes that are in a finished shard, or were dropped as the same picture."""
    return {index for row in finished(folder).values() for index in row["scenes"]}


def seen(folder: Path) -> set[str]:
    """Hashes of the pictures that are in a finished shard."""
    return {digest for row in finished(folder).values() for digest in row["pictures"]}


def duplicates(folder: Path) -> int:
    """How many pictures were left out because they were there already."""
    return sum(len(row["scenes"]) - len(row["pictures"]) for row in finished(folder).values())


def add_duplicates(folder: Path, scenes: list[int]) -> None:
    """A whole batch of them makes no shard: they are written down with the last one."""
    rows = finished(folder)
    last = max(rows)
    rows[last] = {**rows[last], "scenes": [*rows[last]["scenes"], *scenes]}
    write_whole(folder / ".ledger.json", json.dumps(rows).encode())


def promise(folder: Path, shard: str, scenes: list[int], pictures: list[str]) -> None:
    """What the shard will hold; counts from the moment the manifest lists it."""
    rows = {**finished(folder), shard: {"scenes": scenes, "pictures": pictures}}
    write_whole(folder / ".ledger.json", json.dumps(rows).encode())
