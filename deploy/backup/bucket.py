"""Every object of a bucket in a folder, and back. For stacks of this size; a large store has its own replication."""

import json
from pathlib import Path

from shared.contracts.blobs import BlobStore, digest
from shared.contracts.errors import BadRequest

INDEX = "objects.jsonl"


def save(blobs: BlobStore, folder: Path) -> int:
    """One numbered file for each object, and an index of keys; how many."""
    folder.mkdir(exist_ok=True)
    count = 0
    with (folder / INDEX).open("w") as index:
        for key in blobs.keys(""):
            if (found := blobs.find(key)) is None:
                continue
            data = blobs.get(key)
            (folder / f"{count}").write_bytes(data)
            index.write(json.dumps([key, found.content_type, digest(data)]) + "\n")
            count += 1
    return count


def restore(blobs: BlobStore, folder: Path) -> int:
    """Put every object that is not there; what is there stays, for keys name their content or their first writer.

    Raises BadRequest for a file that is not what was saved.
    """
    count = 0
    for number, line in enumerate((folder / INDEX).read_text().splitlines()):
        key, content_type, sha256 = json.loads(line)
        data = (folder / f"{number}").read_bytes()
        if digest(data) != sha256:
            raise BadRequest(
                "copy_damaged", f"{folder / str(number)} is not what was saved of {key}: take another copy"
            )
        count += blobs.put_if_absent(key, data, content_type)
    return count
