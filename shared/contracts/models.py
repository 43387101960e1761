"""Revisions of models in the blob store: which files are weights, how they are named, bringing one here verified."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from shared.contracts.blobs import BlobRef, BlobStore, fetch, model_prefix, safe
from shared.contracts.errors import NotKnown

REVISION = "[0-9a-f]" * 12  # the name of a revision, as a pattern
LORA = "lora.safetensors"  # the only file of a LoRA's revision; all others are folders as their libraries write them
PIPELINE = "model_index.json"  # in the folder of a whole diffusers pipeline, which is a base
CARD, LINEAGE, EXAM = "README.md", "metrics.json", "exam"
LEARNT = "learnt.txt"  # keys of the samples that a revision has learnt from
BESIDE = (CARD, LINEAGE, LEARNT, EXAM)  # written beside the weights, no part of them
PLATE = "-plate"  # behind the key of a sample: its scene without the product, learnt as a sample of its own
AT = "@"  # between a model and its revision, in the name of a base that was trained here


def revision_of(hashes: Mapping[str, str]) -> str:
    """Twelve digits that name files by their sha256: of one file its own hash, of several that of their list."""
    if len(hashes) == 1:
        return next(iter(hashes.values()))[:12]
    listing = "\n".join(f"{name} {sha256}" for name, sha256 in sorted(hashes.items()))
    return hashlib.sha256(listing.encode()).hexdigest()[:12]


def based_on(base: str, model: str) -> str | None:
    """The revision in the name of a base that was trained here as `model`; None for any other base."""
    return base.removeprefix(model + AT) if base.startswith(model + AT) else None


def exam_prefix(model: str, revision: str, job_id: str) -> str:
    """Where a job's exam is: its numbers with `.json` behind it, its sheet of pictures with `.png`."""
    return f"{model_prefix(model, revision)}{EXAM}/{safe(job_id)}"


def holds(blobs: BlobStore, model: str, revision: str, name: str) -> BlobRef | None:
    """A file of a revision, such as LORA or PIPELINE, if it has it."""
    return blobs.find(model_prefix(model, revision) + name)


def bring(blobs: BlobStore, model: str, revision: str, folder: Path) -> Path:
    """A revision as a local file (a LoRA) in `folder`, or as that folder; what is here already is only checked.

    Raises NotKnown where it is not whole (`model_gone`) or its bytes are not those that it is named after
    (`model_changed`).
    """
    prefix = model_prefix(model, revision)
    hashes = {name: _brought(blobs, prefix + name, folder / name) for name in _names(blobs, prefix)}
    if revision_of(hashes or {"": ""}) != revision:
        words = f"what is stored as {model} {revision} is not what was trained as that"
        raise NotKnown("model_changed" if hashes else "model_gone", words)
    return folder / LORA if LORA in hashes else folder


def sha256_of(path: Path) -> str:
    """Of a file that may be larger than memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _names(blobs: BlobStore, prefix: str) -> Iterator[str]:
    names = (key.removeprefix(prefix) for key in blobs.keys(prefix))
    return (name for name in names if name.split("/")[0] not in BESIDE)


def _brought(blobs: BlobStore, key: str, path: Path) -> str:
    ref = blobs.find(key)
    if ref is None:
        raise NotKnown("model_gone", f"{key} is not in the store")
    if not path.is_file() or sha256_of(path) != ref.sha256:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(fetch(blobs, ref))
    return ref.sha256
