"""The model registry in the blob store: weights, card and lineage per revision, and which revision is in use."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from services.trainer.core import TrainedModel, TrainingPlan
from services.trainer.stages import LINES
from services.trainer.store.card import card, lineage
from shared.contracts.blobs import BlobRef, BlobStore, digest, fetch, model_prefix
from shared.contracts.datasets import DatasetManifest
from shared.contracts.errors import NotKnown, PromiseBroken
from shared.contracts.events import ModelPromoted, ModelTrained, TrainingRequested

LORA = "lora.safetensors"
LEARNT, LINEAGE, CARD = "learnt.txt", "metrics.json", "README.md"
PIPELINE = "model_index.json"
JUDGE = "model.safetensors"
JSON, BINARY, TEXT = "application/json", "application/octet-stream", "text/plain"
PROMOTED = "promoted"
OURS = (LEARNT, LINEAGE, CARD)  # written beside the weights, no part of them


@dataclass(frozen=True)
class ModelRegistry:
    """Models under `models/<name>/<revision>/`; the revision is the hash of the weights, so equal weights are one.

    Every promotion stays under `models/<name>/promoted/<line>/`; the newest of a line is the one in use.
    """

    blobs: BlobStore
    clock: Callable[[], float] = time.time

    def put(
        self, request: TrainingRequested, plan: TrainingPlan, model: TrainedModel, *, base: str, data: DatasetManifest
    ) -> ModelTrained:
        """Store weights, card and lineage. Repeating it with the same weights changes nothing."""
        files = _files(model.weights)
        revision = _revision({name: _sha256(path) for name, path in files.items()})
        prefix = model_prefix(request.model, revision)
        refs = {name: self.blobs.put(prefix + name, path.read_bytes(), BINARY) for name, path in files.items()}
        trained = ModelTrained(
            model=request.model, revision=revision, job_id=request.job_id, stage=request.stage, base=base,
            weights=refs[_main(list(refs))], metrics=model.metrics,
            dataset=request.dataset, dataset_version=request.dataset_version,
        )  # fmt: skip
        learnt = "\n".join(sorted(model.learnt | plan.inherited))
        self.blobs.put_if_absent(prefix + LEARNT, learnt.encode(), TEXT)
        about = json.dumps(lineage(trained, plan, model, data), indent=1, sort_keys=True)
        self.blobs.put_if_absent(prefix + LINEAGE, about.encode(), JSON)
        self.blobs.put_if_absent(prefix + CARD, card(trained, plan, model, data).encode(), "text/markdown")
        return trained

    def promote(self, trained: ModelTrained | ModelPromoted) -> ModelPromoted:
        """Put a revision into use; the moment is its number, so that an older promotion heard late is told apart."""
        history = self.history(trained.model, trained.stage, trained.base)
        last = history[-1].sequence if history else 0
        facts = trained.model_dump(include=set(ModelPromoted.model_fields) - {"sequence"})
        promoted = ModelPromoted(**facts, sequence=max(last + 1, int(self.clock() * 1000)))
        key = f"{_line_prefix(trained.model, trained.stage, trained.base)}{promoted.sequence:016d}.json"
        self.blobs.put(key, promoted.model_dump_json(indent=1).encode(), JSON)
        return promoted

    def history(self, model: str, stage: str, base: str) -> list[ModelPromoted]:
        """Every promotion of a line, oldest first; `product` and `engaged` share one per base."""
        keys = self.blobs.keys(_line_prefix(model, stage, base))
        return [ModelPromoted.model_validate_json(self.blobs.get(key)) for key in keys]

    def promotions(self, model: str) -> list[ModelPromoted]:
        """Every promotion of a model, whatever its line, oldest first."""
        keys = self.blobs.keys(model_prefix(model, PROMOTED))
        found = [ModelPromoted.model_validate_json(self.blobs.get(key)) for key in keys]
        return sorted(found, key=lambda one: one.sequence)

    def in_use(self, model: str, stage: str, base: str) -> ModelPromoted | None:
        """The revision in use in that line; None while the base itself is."""
        keys = list(self.blobs.keys(_line_prefix(model, stage, base)))
        return ModelPromoted.model_validate_json(self.blobs.get(keys[-1])) if keys else None

    def learnt(self, model: str, revision: str) -> frozenset[str]:
        """Keys of the samples that a revision has learnt from, with those of what it went on from."""
        key = model_prefix(model, revision) + LEARNT
        return frozenset(self.blobs.get(key).decode().split()) if self.blobs.find(key) else frozenset()

    def base_of(self, model: str, revision: str) -> str | None:
        """The base that a revision was made on; None for one that is not here."""
        key = model_prefix(model, revision) + LINEAGE
        return str(json.loads(self.blobs.get(key))["base"]) if self.blobs.find(key) else None

    def holds(self, model: str, revision: str, name: str) -> BlobRef | None:
        """A file of a revision, such as LORA or PIPELINE, if it has it."""
        return self.blobs.find(model_prefix(model, revision) + name)

    def bring(self, model: str, revision: str, folder: Path) -> Path:
        """A revision as a local file (a LoRA) or folder (all else) below `folder`, verified against its name.

        Raises NotKnown when its bytes are not those that it was named after.
        """
        prefix = model_prefix(model, revision)
        lora = self.holds(model, revision, LORA)
        names = [LORA] if lora else [key.removeprefix(prefix) for key in self._weights(prefix)]
        target = folder / revision
        hashes = {name: self._brought(prefix + name, target / name) for name in names}
        if _revision(hashes) != revision:
            raise NotKnown("model_changed", f"what is stored as {model} {revision} is not what was trained as that")
        return target / LORA if lora else target

    def _weights(self, prefix: str) -> Iterator[str]:
        return (key for key in self.blobs.keys(prefix) if key.removeprefix(prefix).split("/")[0] not in (*OURS, "exam"))

    def _brought(self, key: str, path: Path) -> str:
        ref = self.blobs.find(key)
        if ref is None:
            raise NotKnown("model_gone", f"{key} is not in the store")
        if not path.exists() or _sha256(path) != ref.sha256:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(fetch(self.blobs, ref))
        return ref.sha256


def _line_prefix(model: str, stage: str, base: str) -> str:
    line = LINES[stage]  # type: ignore[index]
    name = f"{line}-{digest(base.encode())[:12]}" if line == "lora" else line
    return f"{model_prefix(model, PROMOTED)}{name}/"


def _files(weights: Path) -> dict[str, Path]:
    """The files to store: a LoRA under its name, or a whole folder as it is."""
    if weights.is_file():
        return {LORA: weights}
    paths = sorted(path for path in weights.rglob("*") if path.is_file())
    if not any(path.suffix == ".safetensors" for path in paths):
        raise PromiseBroken("weights_missing", f"the trainer left no safetensors file at {weights.name}")
    return {path.relative_to(weights).as_posix(): path for path in paths}


def _main(names: list[str]) -> str:
    """The file an event points to: the UNet's weights where there are several."""
    weights = [name for name in names if name.endswith(".safetensors")]
    return next((name for name in weights if name.startswith("unet/")), weights[0])


def _revision(hashes: dict[str, str]) -> str:
    """Twelve digits that name these files: of one file its own hash, of several that of their list."""
    if len(hashes) == 1:
        return next(iter(hashes.values()))[:12]
    listing = "\n".join(f"{name} {sha256}" for name, sha256 in sorted(hashes.items()))
    return hashlib.sha256(listing.encode()).hexdigest()[:12]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
