"""What the job ledger holds of a job: its request, its lease, how it ended. Plain values."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from shared.contracts.events import ModelPromoted, ModelTrained, TrainingRequested


class LedgerEntry(BaseModel):
    """An accepted request and when it came (seconds since 1970), so that jobs run in order.

    `trace`: the `traceparent` that it came with, which its training goes on with.
    """

    model_config = ConfigDict(frozen=True)

    request: TrainingRequested
    received: float
    trace: str | None = None


@dataclass(frozen=True)
class Job:
    """An entry as it was found; without a request when what is written there cannot be read."""

    job_id: str
    request: TrainingRequested | None
    received: float = 0.0
    trace: str | None = None


class Outcome(BaseModel):
    """How a job ended: a trained model, promoted or not and why, or a failure with its reason."""

    model_config = ConfigDict(frozen=True)

    trained: ModelTrained | None = None
    promoted: ModelPromoted | None = None
    reason: str
    detail: str = ""


class Held(BaseModel):
    holder: str
    expires: float
    released: bool = False  # given back by its holder; one that only expired belonged to a worker that died


class Failure(BaseModel):
    """An attempt that ended without an outcome."""

    error: str
    message: str = ""
    holder: str = ""


def killed(holder: str) -> Failure:
    """What is noted for a lease that ended without being given back: killed, out of memory, or its machine is gone."""
    return Failure(error="Killed", message="its worker ended without a word", holder=holder)
