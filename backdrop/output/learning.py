"""The learning lane as the gallery tells it: samples, dataset, training, and options before and after."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from backdrop.output.results import ResultImage

LEARNING_FILE = "learning.json"


class BeforeAfter(BaseModel):
    """The same wish and seed for the same product, drawn by the model as it was and as it is now."""

    model_config = ConfigDict(frozen=True)

    product_id: str
    prompt: str | None
    before: ResultImage
    after: ResultImage


class Learning(BaseModel):
    """One pass through the learning lane. `verdict` says in words whether the new model took over, and why."""

    model_config = ConfigDict(frozen=True)

    source: str
    kept: int = 0
    dropped: dict[str, int] = {}
    dataset: str | None = None
    version: str | None = None
    samples: int = 0
    model: str | None = None
    revision: str | None = None
    steps: int = 0
    loss: float | None = None
    seconds: float = 0.0
    metrics: dict[str, float] = {}
    promoted: bool = False
    verdict: str
    pairs: tuple[BeforeAfter, ...] = ()


def read_learning(root: Path) -> Learning | None:
    """The learning lane's story in a results folder, if it ran."""
    path = root / LEARNING_FILE
    return Learning.model_validate_json(path.read_text(encoding="utf-8")) if path.is_file() else None


def write_learning(root: Path, learning: Learning) -> None:
    """Keep it beside the results."""
    (root / LEARNING_FILE).write_text(learning.model_dump_json(indent=1), encoding="utf-8")
