"""Which models learned from what a release leaves out: from the lists that models, releases and recipes keep.

A model's `learnt.txt` names its samples, those of the models that it went on from among them; a release's recipes name
whose sample is whose. Together they say yes or no; where one of them is missing, it is said which, and that it may be.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.contracts.blobs import BlobStore, dataset_prefix, fetch, model_prefix
from shared.contracts.datasets import MANIFEST, DatasetManifest, ShardEntry
from shared.contracts.errors import NotKnown
from shared.contracts.events import ModelTrained
from shared.contracts.models import LEARNT, LINEAGE, PLATE, based_on

LineageOf = Callable[[str, str], dict[str, Any] | None]  # of a model and its revision; None where it is not there


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
    """The releases that a model and those it went on from were trained on; `missing`: what of them is not there.

    `in_training`: products that were withdrawn while it was trained on them.
    """

    releases: frozenset[tuple[str, str]]
    in_training: frozenset[str]
    missing: str = ""


@dataclass(frozen=True)
class _Known:
    """Whose samples are asked about, what each release says of them, and the owners that any of them names."""

    removed: frozenset[str]
    releases: dict[tuple[str, str], _Release]
    owners: dict[str, str]


def learned_from_removed(one: DatasetManifest, trained: Iterable[ModelTrained], blobs: BlobStore) -> list[str]:
    """A line for each model that learned, or may have learned, from what `one` leaves out; else one that none did.

    Models of every dataset count: a model goes on from others, and its samples are named with theirs.
    """
    removed = frozenset(one.withdrawn)
    lineage_of = cache(partial(_lineage, blobs))  # models go on from the same ones
    pasts = [(model, _past(model, lineage_of)) for model in trained] if removed else []
    if not pasts:
        return []
    versions = sorted(frozenset().union(*(past.releases for _, past in pasts)))
    releases = {version: _release(*version, removed, blobs) for version in versions}
    owners = {key: whose for release in releases.values() for key, whose in release.owners.items()}
    known = _Known(removed, releases, owners)
    lines = [_told(model, past, _learnt(model, blobs), known) for model, past in pasts]
    return [line for line in lines if line] or ["learned from by none of the models that were announced"]


def _past(model: ModelTrained, lineage_of: LineageOf) -> _Past:
    releases, missing = {(model.dataset, model.dataset_version)}, ""
    waiting, known = [model.revision], set[str]()
    while waiting:
        revision = waiting.pop()
        known.add(revision)
        told = lineage_of(model.model, revision)
        if told is None:
            missing = missing or f"the {LINEAGE} of {revision}, which is in it, is not in the store"
            continue
        releases.add((told["dataset"]["name"], told["dataset"]["version"]))
        before = [told.get("start"), based_on(told["base"], model.model)]
        waiting += [one for one in before if one and one not in known]
    own = lineage_of(model.model, model.revision) or {}
    return _Past(frozenset(releases), frozenset(own.get("withdrawn_in_training", ())), missing)


def _told(model: ModelTrained, past: _Past, learnt: frozenset[str], known: _Known) -> str:
    mine = [known.releases[version] for version in sorted(past.releases)]
    sure = frozenset(known.owners[key] for key in learnt if key in known.owners)
    unsure = [release for release in mine if release.missing or not learnt]
    perhaps = frozenset[str]().union(*(release.suspects(known.removed) for release in unsure))
    perhaps = (known.removed if past.missing else perhaps) - sure
    reasons = [past.missing, *(release.missing for release in mine), f"its {LEARNT} names no samples"]
    parts = []
    if sure:
        parts.append(f"learned from {_listed(sure, past.in_training)}")
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


def _lineage(blobs: BlobStore, model: str, revision: str) -> dict[str, Any] | None:
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
    try:
        return blobs.get(key)
    except NotKnown:
        return None
