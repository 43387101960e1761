"""What a run starts from: a base model on disk or the hub, and perhaps the LoRA of an earlier stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.trainer.store.registry import ModelRegistry
from shared.contracts.events import TrainingRequested

EARLIER = {"engaged": "product"}  # a brief last stage continues what the long one learnt


@dataclass(frozen=True)
class StartingPoints:
    """`bases`: model name -> folder or hub id, for requests that name none."""

    registry: ModelRegistry
    bases: Mapping[str, str]
    models: Path = Path("models")

    def name(self, request: TrainingRequested) -> str:
        """The base model as it is written into events and lineage; a revision stands for the base it was made on."""
        if request.base is None or self._revision(request):
            return self.bases.get(request.model, str(self.models / request.model))
        return request.base

    def base(self, request: TrainingRequested) -> Path:
        """The base model as a folder, or a hub id in the form of a path."""
        return Path(self.name(request))

    def start(self, request: TrainingRequested, folder: Path) -> Path | None:
        """LoRA weights to continue from: the revision asked for, or what the earlier stage has in use."""
        if self._revision(request):
            ref = self.registry.weights(request.model, str(request.base))
            return self.registry.bring(ref, folder) if ref else None
        earlier = self.registry.promoted(request.model, EARLIER.get(request.stage, "none"))
        if earlier is None or earlier.base != self.name(request):
            return None
        return self.registry.bring(earlier.weights, folder)

    def _revision(self, request: TrainingRequested) -> bool:
        return request.base is not None and self.registry.weights(request.model, request.base) is not None
