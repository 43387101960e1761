"""The model registry in the blob store: weights, card and metrics per revision, and which revision is in use."""

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from services.trainer.core import TrainedModel, TrainingPlan
from shared.contracts.blobs import BlobRef, BlobStore, digest, fetch, model_prefix
from shared.contracts.datasets import DatasetManifest
from shared.contracts.errors import PromiseBroken
from shared.contracts.events import ModelPromoted, ModelTrained, TrainingRequested

LORA = "lora.safetensors"
WEIGHTS = "model.safetensors"
JSON = "application/json"
BINARY = "application/octet-stream"
LORA_STAGES = ("product", "engaged")


@dataclass(frozen=True)
class ModelRegistry:
    """Models under `models/<name>/<revision>/`; the revision is the hash of the weights, so equal weights are one."""

    blobs: BlobStore

    def put(
        self, request: TrainingRequested, plan: TrainingPlan, model: TrainedModel, *, base: str, data: DatasetManifest
    ) -> ModelTrained:
        """Store weights, card and metrics. Repeating it with the same weights changes nothing."""
        files = _files(model.weights, WEIGHTS if request.stage not in LORA_STAGES else LORA)
        revision = _revision(files)
        prefix = model_prefix(request.model, revision)
        refs = {name: self.blobs.put(prefix + name, data, BINARY) for name, data in files.items()}
        trained = ModelTrained(
            model=request.model, revision=revision, job_id=request.job_id, stage=request.stage, base=base,
            weights=refs[_main(list(refs))], metrics=model.metrics,
            dataset=request.dataset, dataset_version=request.dataset_version,
        )  # fmt: skip
        lineage = _lineage(trained, plan, data)
        self.blobs.put_if_absent(prefix + "metrics.json", json.dumps(lineage, indent=1, sort_keys=True).encode(), JSON)
        self.blobs.put_if_absent(prefix + "README.md", _card(trained, plan, data).encode(), "text/markdown")
        return trained

    def promote(self, trained: ModelTrained) -> ModelPromoted:
        """Put a revision into use; the moment is its number, so that an older promotion heard late is told apart."""
        facts = trained.model_dump(include=set(ModelPromoted.model_fields))
        promoted = ModelPromoted(**facts, sequence=time.time_ns() // 1_000_000)
        key = _promoted_key(trained.model, trained.stage, trained.base)
        self.blobs.put(key, promoted.model_dump_json(indent=1).encode(), JSON)
        return promoted

    def in_use(self, model: str, stage: str, base: str) -> ModelPromoted | None:
        """The revision in use on that base. The LoRA stages share one line: each goes on from what the other left."""
        key = _promoted_key(model, stage, base)
        return ModelPromoted.model_validate_json(self.blobs.get(key)) if self.blobs.find(key) else None

    def weights(self, model: str, revision: str) -> BlobRef | None:
        """The LoRA weights of a revision, if there are any."""
        return self.blobs.find(model_prefix(model, revision) + LORA)

    def bring(self, ref: BlobRef, folder: Path) -> Path:
        """The weights as a local file, verified."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{ref.sha256[:16]}.safetensors"
        path.write_bytes(fetch(self.blobs, ref))
        return path


def _promoted_key(model: str, stage: str, base: str) -> str:
    line = "lora" if stage in LORA_STAGES else stage
    return f"{model_prefix(model, 'promoted')}{line}-{digest(base.encode())[:12]}.json"


def _files(weights: Path, name: str) -> dict[str, bytes]:
    """The files to store: one under `name`, or a whole folder as it is."""
    if weights.is_file():
        return {name: weights.read_bytes()}
    paths = sorted(path for path in weights.rglob("*") if path.is_file())
    if not any(path.suffix == ".safetensors" for path in paths):
        raise PromiseBroken("weights_missing", f"the trainer left no safetensors file at {weights.name}")
    return {path.relative_to(weights).as_posix(): path.read_bytes() for path in paths}


def _main(names: list[str]) -> str:
    """The file an event points to: the UNet's weights where there are several."""
    weights = [name for name in names if name.endswith(".safetensors")]
    return next((name for name in weights if name.startswith("unet/")), weights[0])


def _revision(files: dict[str, bytes]) -> str:
    if len(files) == 1:
        return digest(next(iter(files.values())))[:12]
    listing = "\n".join(f"{name} {digest(data)}" for name, data in sorted(files.items()))
    return hashlib.sha256(listing.encode()).hexdigest()[:12]


def _lineage(trained: ModelTrained, plan: TrainingPlan, data: DatasetManifest) -> dict[str, Any]:
    """What the model was made from."""
    dials = {name: value for name, value in asdict(plan).items() if name not in ("base", "start", "in_use")}
    return {
        "metrics": trained.metrics,
        "job": trained.job_id,
        "base": trained.base,
        "start": plan.start.stem if plan.start else None,
        "compared_with": plan.in_use.stem if plan.in_use else None,
        "plan": dials,
        "dataset": {"name": data.name, "version": data.version, "shards": {s.path: s.sha256 for s in data.shards}},
        "withdrawn": list(data.withdrawn),
    }


def _card(trained: ModelTrained, plan: TrainingPlan, data: DatasetManifest) -> str:
    metrics = "\n".join(f"| {name} | {value:.6g} |" for name, value in sorted(trained.metrics.items()))
    return f"""# {trained.model} {trained.revision}

Stage `{trained.stage}` of job `{trained.job_id}`, started from `{trained.base}`: {plan.steps} steps of batch
{plan.batch} at {plan.size} px, rank {plan.rank}, learning rate {plan.learning_rate:g}, seed {plan.seed}.

Learnt from dataset `{data.name}` {data.version} ({sum(shard.samples for shard in data.shards)} samples).

| metric | value |
|---|---|
{metrics}
"""
