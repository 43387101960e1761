"""What a run starts from and must beat: a base that is offered, and what is in use on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.trainer.stages import STAGES
from services.trainer.store.registry import ModelRegistry
from shared.contracts.blobs import safe
from shared.contracts.errors import BadRequest
from shared.contracts.events import TrainingRequested
from shared.contracts.local_copies import Use
from shared.contracts.models import AT, LORA, PIPELINE, based_on


@dataclass(frozen=True)
class Points:
    """Where one run stands: local files, and the samples that what it goes on from, or is compared with, has seen.

    `judge`: the promoted one, None while none is.
    """

    base: Path
    start: Path | None
    in_use: Path | None
    inherited: frozenset[str]
    seen: frozenset[str]
    judge: Path | None = None


@dataclass(frozen=True)
class StartingPoints:
    """`bases`: model name -> folder or hub id. Beside these only `models`/<name> and revisions here are offered.

    `judge`: name of the judge whose newest revision compares models.
    """

    registry: ModelRegistry
    bases: Mapping[str, str]
    models: Path = Path("models")
    judge: str = "mini-judge"

    def name(self, request: TrainingRequested) -> str:
        """The base model as events and lineage name it: a folder, a hub id, or `<model>@<revision>`.

        A LoRA's revision stands for the base it was made on. A silent request goes on from what is in use of the stage
        before. Raises BadRequest for any other path or id: an event must not choose what is loaded from disk or hub.
        """
        own = self.bases.get(request.model, str(self.models / safe(request.model)))
        if request.base is None:
            return self._newest(request, own)
        if request.base == own:
            return own
        if request.base in self.bases:
            return self.bases[request.base]
        if request.base in self.bases.values():
            return request.base
        revision = self._revision(request)
        if self.registry.holds(request.model, revision, PIPELINE):
            return f"{request.model}{AT}{revision}"
        made_on = self.registry.base_of(request.model, revision) if self._lora(request) else None
        if made_on is not None:
            return made_on
        words = f"base `{request.base}` is neither listed in TRAINER_BASES nor a revision of {request.model}"
        raise BadRequest("base_not_offered", words)

    def points(self, request: TrainingRequested, use: Use) -> Points:
        """All that the run needs, brought to where `use` says if it is not there yet."""
        name, model = self.name(request), request.model
        used = self.registry.in_use(model, request.stage, name)
        start = self._revision(request) if self._lora(request) else None
        if start is None and STAGES[request.stage].continues and used is not None:
            start = used.revision
        before = {revision for revision in (start, based_on(name, model)) if revision}
        known = {
            revision: self.registry.learnt(model, revision)
            for revision in before | {used and used.revision}
            if revision
        }
        return Points(
            base=self._base(name, model, use),
            start=self.registry.bring(model, start, use) if start else None,
            in_use=self.registry.bring(model, used.revision, use) if used else None,
            inherited=frozenset().union(*(known[revision] for revision in before)),
            seen=frozenset().union(*known.values()),
            judge=self._judge(use),
        )

    def _judge(self, use: Use) -> Path | None:
        used = self.registry.in_use(self.judge, "judge", "")
        return self.registry.bring(used.model, used.revision, use) if used else None

    def _newest(self, request: TrainingRequested, own: str) -> str:
        line = STAGES[request.stage].from_line
        used = self.registry.in_use(request.model, line, own) if line else None
        return f"{request.model}{AT}{used.revision}" if used else own

    def _base(self, name: str, model: str, use: Use) -> Path:
        """A folder, or a hub id in the form of a path."""
        revision = based_on(name, model)
        return self.registry.bring(model, revision, use) if revision else Path(name)

    def _revision(self, request: TrainingRequested) -> str:
        return str(request.base).removeprefix(f"{request.model}{AT}")

    def _lora(self, request: TrainingRequested) -> bool:
        return request.base is not None and bool(self.registry.holds(request.model, self._revision(request), LORA))
