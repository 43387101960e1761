"""The model registry in the blob store: weights, card and lineage per revision, and which revision is in use."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from services.trainer.core import TrainedModel, TrainingPlan
from services.trainer.promotion import PromotionVerdict
from services.trainer.store.card import card, lineage
from shared.contracts.blobs import BlobRef, BlobStore, digest, model_prefix, safe
from shared.contracts.datasets import DatasetManifest
from shared.contracts.errors import PromiseBroken
from shared.contracts.events import LINES, ModelPromoted, ModelTrained, TrainingRequested
from shared.contracts.local_copies import Use
from shared.contracts.models import CARD, LEARNT, LINEAGE, LORA, bring, exam_prefix, holds, revision_of, sha256_of

JSON, BINARY, TEXT = "application/json", "application/octet-stream", "text/plain"
PROMOTED = "promoted"
STARTS = "starts"  # folder of local copies
ROLLBACKS = "jobs/~rollbacks/"  # what was asked and what came of it
NOTHING = (8).to_bytes(8, "little") + b"{}      "  # a LoRA without layers: the base as it is


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
        revision = revision_of({name: sha256_of(path) for name, path in files.items()})
        prefix = model_prefix(request.model, revision)
        refs = {name: self.blobs.put(prefix + name, path.read_bytes(), BINARY) for name, path in files.items()}
        trained = ModelTrained(
            model=request.model,
            revision=revision,
            job_id=request.job_id,
            stage=request.stage,
            base=base,
            weights=refs[_main(list(refs))],
            metrics=model.metrics,
            dataset=request.dataset,
            dataset_version=request.dataset_version,
        )
        learnt = "\n".join(sorted(model.learnt | plan.inherited))
        self.blobs.put_if_absent(prefix + LEARNT, learnt.encode(), TEXT)
        about = json.dumps(lineage(trained, plan, model, data), indent=1, sort_keys=True)
        self.blobs.put_if_absent(prefix + LINEAGE, about.encode(), JSON)
        self.blobs.put_if_absent(prefix + CARD, card(trained, plan, model, data).encode(), "text/markdown")
        return trained

    def keep(self, trained: ModelTrained, verdict: PromotionVerdict, sheet: Path | None) -> None:
        """What was found when it met the model in use: every number, and the pictures of both."""
        prefix = exam_prefix(trained.model, trained.revision, trained.job_id)
        self.blobs.put(f"{prefix}.json", json.dumps(asdict(verdict), indent=1).encode(), JSON)
        if sheet is not None:
            self.blobs.put(f"{prefix}.png", sheet.read_bytes(), "image/png")

    def promotion(self, trained: ModelTrained | ModelPromoted) -> ModelPromoted:
        """A revision as it will go into use; the moment is its number: an older promotion heard late is told apart."""
        history = self.history(trained.model, trained.stage, trained.base)
        last = history[-1].sequence if history else 0
        facts = trained.model_dump(include=set(ModelPromoted.model_fields) - {"sequence"})
        return ModelPromoted(**facts, sequence=max(last + 1, int(self.clock() * 1000)))

    def put_into_use(self, promoted: ModelPromoted) -> ModelPromoted:
        """From now on it is what others have to beat; done again, nothing changes.

        Whoever does so has written down before what follows from it: a kill in between must leave no model in use of
        which nobody hears.
        """
        key = f"{_line_prefix(promoted.model, promoted.stage, promoted.base)}{promoted.sequence:016d}.json"
        self.blobs.put(key, promoted.model_dump_json(indent=1).encode(), JSON)
        return promoted

    def put_back(self, request_id: str, promoted: ModelPromoted) -> ModelPromoted:
        """Promote an earlier revision again; the same request again returns the same promotion."""
        key = f"{ROLLBACKS}{safe(request_id)}.json"
        if self.blobs.find(key) is None:
            self.blobs.put_if_absent(key, self.promotion(promoted).model_dump_json(indent=1).encode(), JSON)
        return self.put_into_use(ModelPromoted.model_validate_json(self.blobs.get(key)))

    def bare(self, promoted: ModelPromoted) -> ModelPromoted:
        """The promotion that takes a LoRA off its base: a LoRA without layers is in use then."""
        revision = digest(NOTHING)[:12]
        weights = self.blobs.put(model_prefix(promoted.model, revision) + LORA, NOTHING, BINARY)
        return promoted.model_copy(update={"revision": revision, "weights": weights, "metrics": {}})

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
        return holds(self.blobs, model, revision, name)

    def bring(self, model: str, revision: str, use: Use) -> Path:
        """A revision as a local file (a LoRA) or folder (all else), verified; where, says `use`."""
        return bring(self.blobs, model, revision, use(f"{STARTS}/{revision}"))


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
