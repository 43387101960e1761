"""Which models learned from what a release leaves out: from the lists that models, releases and recipes keep.

A model's `learnt.txt` names its samples, those of the models that it went on from among them; a release's recipes name
whose sample is whose. Together they say yes or no; where one of them is missing, it is said which, and that it may be.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.contracts.blobs import BlobStore, dataset_prefix, fetch, model_prefix
from shared.contracts.datasets import MANIFEST, DatasetManifest, ShardEntry
from shared.contracts.errors import NotKnown
from shared.contracts.events import ModelTrained
from shared.contracts.models import BESIDE, based_on

_, LINEAGE, LEARNT, _ = BESIDE
PLATE = "-plate"  # behind the key of a sample: its scene without the product, learnt as a sample of its own


class _Named(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    product_id: str
    key: str


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    item: _Named


@dataclass
class _Release:
    """What one version has of the removed products: whose each key is; `missing`: what is not there to say it."""

    owners: dict[str, str] = field(default_factory=dict)
    missing: str = ""
    left_out: frozenset[str] = frozenset()

    def suspects(self, removed: frozenset[str]) -> frozenset[str]:
        """What may be in it, as far as it can be told."""
        return removed - self.left_out if self.missing else frozenset(self.owners.values())


@dataclass(frozen=True)
class _Past:
    """The releases that a model and those it went on from were trained on; `missing`: what of them is not there."""

    releases: frozenset[tuple[str, str]]
    missing: str = ""


def learned_from_removed(one: DatasetManifest, trained: Iterable[ModelTrained], blobs: BlobStore) -> list[str]:
    """A line for each model that learned, or may have learned, from what `one` leaves out; else one that none did.

    Models of every dataset count: a model goes on from others, and its samples are named with theirs.
    """
    removed = frozenset(one.withdrawn)
    pasts = [(model, _past(model, blobs)) for model in trained] if removed else []
    if not pasts:
        return []
    versions = sorted(frozenset().union(*(past.releases for _, past in pasts)))
    releases = {version: _release(*version, removed, blobs) for version in versions}
    lines = [_told(model, past, releases, removed, blobs) for model, past in pasts]
    return [line for line in lines if line] or ["learned from by none of the models that were announced"]


def _past(model: ModelTrained, blobs: BlobStore) -> _Past:
    releases, missing = {(model.dataset, model.dataset_version)}, ""
    waiting, known = [model.revision], set[str]()
    while waiting:
        revision = waiting.pop()
        known.add(revision)
        told = _lineage(model.model, revision, blobs)
        if told is None:
            missing = missing or f"the {LINEAGE} of {revision}, which is in it, is not in the store"
            continue
        releases.add((told["dataset"]["name"], told["dataset"]["version"]))
        before = [told.get("start"), based_on(told["base"], model.model)]
        waiting += [one for one in before if one and one not in known]
    return _Past(frozenset(releases), missing)


def _told(
    model: ModelTrained,
    past: _Past,
    known: dict[tuple[str, str], _Release],
    removed: frozenset[str],
    blobs: BlobStore,
) -> str:
    learnt, mine = _learnt(model, blobs), [known[version] for version in sorted(past.releases)]
    owners = {key: whose for release in known.values() for key, whose in release.owners.items()}
    sure = frozenset(owners[key] for key in learnt if key in owners)
    unsure = [release for release in mine if release.missing or not learnt]
    perhaps = frozenset[str]().union(*(release.suspects(removed) for release in unsure))
    perhaps = (removed if past.missing else perhaps) - sure
    reasons = [past.missing, *(release.missing for release in mine), f"its {LEARNT} names no samples"]
    parts = []
    if sure:
        parts.append(f"learned from {_listed(sure, _withdrawn_in_training(model, blobs))}")
    if perhaps:
        parts.append(f"may have learned from {', '.join(sorted(perhaps))}, as {next(filter(None, reasons))}")
    source = f"trained on {model.dataset} {model.dataset_version}"
    return f"{model.model} {model.revision} {'; '.join(parts)} ({source})" if parts else ""


def _listed(products: frozenset[str], in_training: frozenset[str]) -> str:
    return ", ".join(f"{one} until it was withdrawn" if one in in_training else one for one in sorted(products))


def _learnt(model: ModelTrained, blobs: BlobStore) -> frozenset[str]:
    """Keys of the samples it learned from; none where it names none."""
    data = _found(blobs, model_prefix(model.model, model.revision) + LEARNT)
    return frozenset(key.removesuffix(PLATE) for key in (data or b"").decode().split())


def _withdrawn_in_training(model: ModelTrained, blobs: BlobStore) -> frozenset[str]:
    told = _lineage(model.model, model.revision, blobs) or {}
    return frozenset(told.get("withdrawn_in_training", ()))


def _lineage(model: str, revision: str, blobs: BlobStore) -> dict[str, Any] | None:
    data = _found(blobs, model_prefix(model, revision) + LINEAGE)
    return None if data is None else dict(json.loads(data))


def _release(name: str, version: str, removed: frozenset[str], blobs: BlobStore) -> _Release:
    prefix, found = dataset_prefix(name, version), _Release()
    data = _found(blobs, prefix + MANIFEST)
    if data is None:
        found.missing = f"the {MANIFEST} of {name} {version} is not in the store"
        return found
    manifest = DatasetManifest.model_validate_json(data)
    found.left_out = frozenset(manifest.withdrawn)
    if removed <= found.left_out:
        return found
    for entry in manifest.shards:
        try:
            found.owners |= {line.key: line.product_id for line in _lines(blobs, prefix, entry, removed)}
        except NotKnown as gone:
            found.missing = gone.message
    return found


def _lines(blobs: BlobStore, prefix: str, entry: ShardEntry, removed: frozenset[str]) -> Iterator[_Named]:
    """The lines of a recipe that are of these products. Raises NotKnown where there is no such recipe."""
    ref = blobs.find(prefix + entry.recipe_path)
    if entry.recipe is None or ref is None:
        raise NotKnown("no_recipe", f"{prefix}{entry.recipe_path} is not in the store")
    recipe = fetch(blobs, ref.model_copy(update={"sha256": entry.recipe}))
    items = (_Line.model_validate_json(line).item for line in recipe.splitlines())
    return (item for item in items if item.product_id in removed)


def _found(blobs: BlobStore, key: str) -> bytes | None:
    return blobs.get(key) if blobs.find(key) is not None else None
