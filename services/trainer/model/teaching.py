"""What learns in a stage: a LoRA on a frozen UNet, or all of the UNet's weights. Both are saved and read back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from services.trainer.core import TrainingPlan
from services.trainer.model import lora
from services.trainer.model.pipeline_folder import Channels, read_base
from services.trainer.stages import Learns
from shared.contracts.errors import Permanent, PromiseBroken

TOLERANCE = 1e-4  # of outputs that should be equal


@dataclass(frozen=True)
class Teaching:
    """`prepare` makes parameters learn and returns them; `save` writes what was learnt and proves that it reads back.

    `wearing` lends a UNet as the model in use has it. `adapts`: whether a base of the other kind may be adapted.
    """

    prepare: Callable[[Any, TrainingPlan], list[nn.Parameter]]
    save: Callable[[Any, TrainingPlan, Path], tuple[Path, dict[str, float]]]
    wearing: Callable[[Any, Path], Any]
    adapts: bool


def _prepare_lora(pipeline: Any, plan: TrainingPlan) -> list[nn.Parameter]:
    return lora.add(pipeline.unet, plan.rank, start=plan.start)


def _save_lora(pipeline: Any, plan: TrainingPlan, folder: Path) -> tuple[Path, dict[str, float]]:
    layers = float(lora.layer_count(pipeline.unet))
    weights = lora.save(pipeline, folder, task=plan.task)
    return weights, {"lora_layers": layers, "reload_difference": lora.verified(pipeline, weights)}


@contextmanager
def _wearing_lora(pipeline: Any, weights: Path) -> Iterator[Any]:
    lora.add(pipeline.unet, 1, start=weights)
    try:
        yield pipeline
    finally:
        pipeline.unet.unload_lora()


def _prepare_everything(pipeline: Any, plan: TrainingPlan) -> list[nn.Parameter]:
    if plan.start is not None:
        raise Permanent("start_does_not_fit", "a stage of all weights starts from a base, not from a LoRA")
    pipeline.unet.requires_grad_(True)
    return list(pipeline.unet.parameters())


@torch.no_grad()
def _save_everything(pipeline: Any, plan: TrainingPlan, folder: Path) -> tuple[Path, dict[str, float]]:
    """The whole pipeline: it is the base of the stages that follow."""
    pipeline.save_pretrained(folder, safe_serialization=True)
    channels: Channels = pipeline.unet.config.in_channels
    again, inputs = read_base(folder, channels, exactly=True).unet.to(pipeline.unet.device), lora.probe(pipeline.unet)
    difference = float((pipeline.unet(**inputs).sample.float() - again(**inputs).sample.float()).abs().max())
    if not difference <= TOLERANCE:
        raise PromiseBroken("weights_differ", f"what was saved paints otherwise: outputs differ by {difference:.2g}")
    return folder, {"reload_difference": difference}


@contextmanager
def _wearing_everything(pipeline: Any, folder: Path) -> Iterator[Any]:
    channels: Channels = pipeline.unet.config.in_channels
    yield read_base(folder, channels, dtype=pipeline.unet.dtype, exactly=True).to(pipeline.unet.device)


TEACHINGS: Mapping[Learns, Teaching] = {
    "lora": Teaching(_prepare_lora, _save_lora, _wearing_lora, adapts=False),
    "everything": Teaching(_prepare_everything, _save_everything, _wearing_everything, adapts=True),
}
