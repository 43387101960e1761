"""What a run starts from and must beat: a base model that is offered, and the LoRA that is in use on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.trainer.store.registry import ModelRegistry
from shared.contracts.blobs import safe
from shared.contracts.errors import BadRequest
from shared.contracts.events import TrainingRequested

CONTINUING = ("engaged",)  # a brief last stage goes on from what is in use


@dataclass(frozen=True)
class StartingPoints:
    """`bases`: model name -> folder or hub id. Beside these only `models`/<name> and revisions here are offered."""

    registry: ModelRegistry
    bases: Mapping[str, str]
    models: Path = Path("models")

    def name(self, request: TrainingRequested) -> str:
        """The base model as it is written into events and lineage; a revision stands for the base it was made on.

        Raises BadRequest for any other path or id: an event must not choose what is loaded from disk or the hub.
        """
        own = self.bases.get(request.model, str(self.models / safe(request.model)))
        if request.base is None or request.base == own or self._revision(request):
            return own
        if request.base in self.bases:
            return self.bases[request.base]
        if request.base in self.bases.values():
            return request.base
        words = f"base `{request.base}` is neither listed in TRAINER_BASES nor a revision of {request.model}"
        raise BadRequest("base_not_offered", words)

    def base(self, request: TrainingRequested) -> Path:
        """The base model as a folder, or a hub id in the form of a path."""
        return Path(self.name(request))

    def start(self, request: TrainingRequested, folder: Path) -> Path | None:
        """LoRA weights to continue from: the revision asked for, or for the last stage what is in use."""
        if self._revision(request):
            ref = self.registry.weights(request.model, str(request.base))
            return self.registry.bring(ref, folder) if ref else None
        return self.in_use(request, folder) if request.stage in CONTINUING else None

    def in_use(self, request: TrainingRequested, folder: Path) -> Path | None:
        """The weights that a new model must beat; None while the base itself is in use."""
        used = self.registry.in_use(request.model, request.stage, self.name(request))
        return self.registry.bring(used.weights, folder) if used else None

    def _revision(self, request: TrainingRequested) -> bool:
        return request.base is not None and self.registry.weights(request.model, request.base) is not None
