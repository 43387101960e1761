"""One of several processes of a training: python -m services.trainer.model.running.process JOB, started by a launcher.

Only the first one speaks: progress on stdout, a line of JSON each; how it ended in `ended.json` beside the job.
"""

import json
import sys
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from services.trainer.core import Progress, Stopped, TrainedModel, TrainingPlan
from services.trainer.model.diffusion_trainer import DiffusionTrainer
from services.trainer.model.examining.critics import Critics
from services.trainer.model.means import Means
from services.trainer.model.running.machine import prepare
from services.trainer.model.running.ranks import together
from services.trainer.promotion import Paired
from shared.contracts.errors import Permanent

JOB, ENDED, STOP, WITHDRAWN = "job.json", "ended.json", "stop", "withdrawn.json"
PATHS = ("base", "start", "in_use", "judge")
SETS = ("seen", "inherited")


def plan_to(plan: TrainingPlan) -> dict[str, Any]:
    """A plan as JSON."""
    given = asdict(plan) | {name: sorted(getattr(plan, name)) for name in SETS}
    return given | {name: str(given[name]) if given[name] else None for name in PATHS}


def plan_of(given: dict[str, Any]) -> TrainingPlan:
    """The plan that `plan_to` wrote."""
    paths = {name: Path(given[name]) if given[name] else None for name in PATHS}
    return TrainingPlan(**(given | paths | {name: frozenset(given[name]) for name in SETS}))


def model_to(model: TrainedModel) -> dict[str, Any]:
    """A trained model as JSON."""
    held = {name: asdict(found) for name, found in model.held.items()}
    sheet = str(model.sheet) if model.sheet else None
    return {
        "weights": str(model.weights),
        "metrics": model.metrics,
        "held": held,
        "learnt": sorted(model.learnt),
        "left_out": list(model.left_out),
        "sheet": sheet,
    }


def model_of(given: dict[str, Any]) -> TrainedModel:
    """The model that `model_to` wrote."""
    held = {name: Paired(tuple(one["challenger"]), tuple(one["in_use"])) for name, one in given["held"].items()}
    sheet = Path(given["sheet"]) if given["sheet"] else None
    weights, left_out = Path(given["weights"]), tuple(given["left_out"])
    return TrainedModel(weights, given["metrics"], held, frozenset(given["learnt"]), left_out, sheet)


def told(now: Progress) -> str:
    """Progress as a line."""
    return json.dumps(asdict(now) | {"pictures": [str(path) for path in now.pictures]})


def heard(line: str) -> Progress:
    """The progress of a line."""
    given = json.loads(line)
    return Progress(**(given | {"pictures": tuple(map(Path, given["pictures"]))}))


def main(job: Path) -> None:
    """Follow the plan in step with the others."""
    given, folder = json.loads(job.read_text()), job.parent
    trainer = _trainer(given)
    ended = _ended(trainer, given, folder)
    if trainer.means.ranks.first or "reason" in ended:
        draft = folder / f"{ENDED}.{trainer.means.ranks.rank}"
        draft.write_text(json.dumps(ended))
        draft.replace(folder / ENDED)


def _trainer(given: Mapping[str, Any]) -> DiffusionTrainer:
    board = given["means"]["board"]
    means = Means(**(given["means"] | {"board": Path(board) if board else None}))
    prepare(means.device, means.precision, threads=given["threads"])
    ranks = together(means.device)
    critics = Critics(*map(Path, given["critics"])) if given["critics"] and ranks.first else None
    return DiffusionTrainer(replace(means, ranks=ranks), critics, given["paints"])


def _ended(trainer: DiffusionTrainer, given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Train; what is written about how it ended: by the first process, or by any that was refused."""
    ranks = trainer.means.ranks

    def say(now: Progress) -> None:
        if ranks.first:
            print(told(now), flush=True)

    def withdrawn() -> Collection[str]:
        path = folder / WITHDRAWN
        return list(json.loads(path.read_text())) if path.exists() else ()

    try:
        plan, samples, work = plan_of(given["plan"]), Path(given["samples"]), Path(given["work"])
        model = trainer.train(plan, samples, work, say, (folder / STOP).exists, withdrawn)
        return {"model": model_to(model)} if ranks.first else {}
    except Stopped:
        return {"stopped": True}
    except Permanent as error:
        return {"reason": error.reason, "message": error.message}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
