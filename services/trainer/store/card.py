"""What a revision says of itself: its lineage for machines and its card for people. Pure."""

from dataclasses import asdict
from typing import Any

from services.trainer.core import TrainedModel, TrainingPlan
from shared.contracts.datasets import DatasetManifest
from shared.contracts.events import ModelTrained

PLACES = ("base", "start", "in_use", "seen", "inherited")  # of a plan: local paths and long lists


def lineage(trained: ModelTrained, plan: TrainingPlan, model: TrainedModel, data: DatasetManifest) -> dict[str, Any]:
    """What the model was made from. `withdrawn`: left out of the dataset; `withdrawn_in_training`: of the run."""
    return {
        "metrics": trained.metrics,
        "job": trained.job_id,
        "stage": trained.stage,
        "base": trained.base,
        "start": plan.start.parent.name if plan.start else None,
        "compared_with": _revision(plan),
        "plan": {name: value for name, value in asdict(plan).items() if name not in PLACES},
        "dataset": {"name": data.name, "version": data.version, "shards": {s.path: s.sha256 for s in data.shards}},
        "withdrawn": list(data.withdrawn),
        "withdrawn_in_training": list(model.left_out),
    }


def _revision(plan: TrainingPlan) -> str | None:
    if plan.in_use is None:
        return None
    return plan.in_use.name if plan.in_use.is_dir() else plan.in_use.parent.name


def card(trained: ModelTrained, plan: TrainingPlan, model: TrainedModel, data: DatasetManifest) -> str:
    """The same in words, as Markdown."""
    metrics = "\n".join(f"| {name} | {value:.6g} |" for name, value in sorted(trained.metrics.items()))
    return f"""# {trained.model} {trained.revision}

Stage `{trained.stage}` of job `{trained.job_id}`, started from `{trained.base}`: {plan.steps} steps of batch
{plan.batch} at {plan.size} px, rank {plan.rank}, learning rate {plan.learning_rate:g}, seed {plan.seed}.

Learnt from dataset `{data.name}` {data.version} ({sum(shard.samples for shard in data.shards)} samples).
{_withdrawn(model)}
| metric | value |
|---|---|
{metrics}
"""


def _withdrawn(model: TrainedModel) -> str:
    if not model.left_out:
        return ""
    count = len(model.left_out)
    return f"""
**Withdrawn while it was trained**: {count} product{"s" * (count > 1)}. Nothing of them was drawn from then on, but what
was learnt before cannot be unlearnt: the next release is without them, and the training that it asks for as well.
"""
