"""Promoted models replace those in use, between two batches: LoRAs, whole bases, judges. No Kafka or torch."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from shared.contracts.blobs import BlobStore, fetch
from shared.contracts.events import ModelPromoted
from shared.contracts.local_copies import LocalCopies
from shared.contracts.models import AT, PIPELINE, REVISION, based_on, bring, holds

Adopted = Literal["adopted", "not_ours", "other_base", "outdated"]


class Adopting(Protocol):
    """A painter as far as its weights can be changed."""

    @property
    def name(self) -> str:
        """Base model @ LoRA revision."""
        ...

    def adopt(self, weights: bytes, revision: str) -> None:
        """Use a LoRA (safetensors) from the next batch on. Raises BadRequest when it does not fit the model."""
        ...

    def rebase(self, folder: str) -> None:
        """Use another base from the next batch on, without a LoRA; raises BadRequest for one that cannot be used."""
        ...


class LearningJudge(Protocol):
    """A judge whose weights can be changed."""

    def adopt(self, folder: Path) -> None:
        """Use another judge from the next picture on; raises BadRequest for one that cannot be used."""
        ...


@dataclass(frozen=True, kw_only=True)
class Ours:
    """What this painter is: promotions of `model` made on `base` are for it, and judges of the name `judge`.

    `base`: as the trainer names it, by default the folder or hub id that the painter was started with.
    """

    model: str
    base: str
    judge: str


@dataclass
class AdoptModel:
    """The use case. A LoRA is for one base: that of another is left alone, unless it was trained here, too; then the
    base is adopted with it.

    Promotions are numbered; numbers live as long as the weights do, since a restart hears all again.
    """

    painter: Adopting
    judge: LearningJudge
    blobs: BlobStore
    ours: Ours
    copies: LocalCopies = field(default_factory=lambda: LocalCopies(Path("var/inpainter"), (REVISION,)))
    _sequences: dict[str, int] = field(default_factory=dict)
    _base: str = ""

    def __call__(self, event: ModelPromoted) -> Adopted:
        """Load it when it is for us and no newer one is in use.

        Raises NotKnown or BadRequest for weights that cannot be used.
        """
        kind = "judge" if event.stage == "judge" else "painter"
        if event.model != (self.ours.judge if kind == "judge" else self.ours.model) or event.stage == "foundation":
            return "not_ours"
        if event.sequence < self._sequences.get(kind, 0):
            return "outdated"
        outcome = self._judge(event) if kind == "judge" else self._painter(event)
        if outcome == "adopted":
            self._sequences[kind] = event.sequence
        return outcome

    def _judge(self, event: ModelPromoted) -> Adopted:
        with self.copies.in_use() as use:
            self.judge.adopt(bring(self.blobs, event.model, event.revision, use(event.revision)))
        return "adopted"

    def _painter(self, event: ModelPromoted) -> Adopted:
        base = f"{event.model}{AT}{event.revision}" if event.stage == "inpaint" else event.base
        if not self._stand_on(base):
            return "other_base"
        if event.stage != "inpaint":
            self.painter.adopt(fetch(self.blobs, event.weights), event.revision)
        return "adopted"

    def _stand_on(self, base: str) -> bool:
        """Whether the painter stands on that base by now; one that was trained here is brought."""
        if _same(base, self._base or self.ours.base):
            return True
        revision = based_on(base, self.ours.model)
        if _same(base, self.ours.base):
            self.painter.rebase(self.ours.base)
        elif revision and holds(self.blobs, self.ours.model, revision, PIPELINE):
            with self.copies.in_use() as use:
                self.painter.rebase(str(bring(self.blobs, self.ours.model, revision, use(revision))))
        else:
            return False
        self._base = base
        return True


def _same(one: str, other: str) -> bool:
    """Whether two names of a base mean one folder or hub id."""
    return Path(one) == Path(other)
