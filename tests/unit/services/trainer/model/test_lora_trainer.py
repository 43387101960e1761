"""The LoRA trainer on a tiny base: every layer, an exact reload, an exact resume, honest refusals."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from torch import nn

from services.trainer.core import CHECKPOINT, HELD_OUT, HELD_OUT_BASE, Progress, TrainingPlan
from services.trainer.model import lora
from services.trainer.model.lora_trainer import LoraTrainer
from services.trainer.model.pipeline_folder import read_folder
from shared.contracts.datasets import MANIFEST, DatasetManifest
from shared.contracts.errors import Permanent


@pytest.fixture
def plan(base: Path) -> TrainingPlan:
    return TrainingPlan(stage="product", base=base, steps=4, batch=2, rank=2, learning_rate=2e-3, size=64, seed=3)


def test_a_run_reports_measures_and_saves_every_layer(plan, samples, tmp_path):
    beats: list[Progress] = []
    model = LoraTrainer().train(plan, samples, tmp_path, beats.append)
    assert [beat.step for beat in beats] == [1, 2, 3, 4] and beats[-1].eta_s == 0
    assert model.weights.suffix == ".safetensors" and model.weights.exists()
    assert model.metrics["held_samples"] == 2 and model.metrics["samples"] == 8
    assert 0 < model.metrics[HELD_OUT] < 10 and 0 < model.metrics[HELD_OUT_BASE] < 10
    assert model.metrics[HELD_OUT] != model.metrics[HELD_OUT_BASE]
    layers = [m for m in read_folder(plan.base).unet.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    assert model.metrics["lora_layers"] == len(layers)  # every linear layer and convolution
    assert model.metrics["reload_difference"] == 0.0


def test_an_interrupted_run_goes_on_as_if_nothing_had_happened(plan, samples, tmp_path):
    unbroken = LoraTrainer().train(plan, samples, tmp_path / "a", lambda beat: None)

    def stop_at_two(beat: Progress) -> None:
        if beat.step == 2:
            raise KeyboardInterrupt

    trainer = LoraTrainer(checkpoint_s=0.0)
    with pytest.raises(KeyboardInterrupt):
        trainer.train(plan, samples, tmp_path / "b", stop_at_two)
    assert (tmp_path / "b" / CHECKPOINT).exists()
    steps: list[int] = []
    resumed = trainer.train(plan, samples, tmp_path / "b", lambda beat: steps.append(beat.step))
    assert steps[0] > 1 and steps[-1] == 4
    assert resumed.metrics[HELD_OUT] == unbroken.metrics[HELD_OUT]
    assert resumed.weights.read_bytes() == unbroken.weights.read_bytes()


def test_a_second_stage_goes_on_from_the_first_ones_lora(plan, samples, tmp_path):
    first = LoraTrainer().train(plan, samples, tmp_path / "a", lambda beat: None)
    second = LoraTrainer().train(
        replace(plan, stage="engaged", steps=1, learning_rate=1e-9, start=first.weights),
        samples,
        tmp_path / "b",
        lambda beat: None,
    )
    assert second.metrics[HELD_OUT] == pytest.approx(first.metrics[HELD_OUT], rel=1e-3)


def test_a_file_that_lost_layers_is_noticed(plan, samples, tmp_path):
    from safetensors.torch import load_file, save_file

    model = LoraTrainer().train(plan, samples, tmp_path, lambda beat: None)
    weights = {key: value for key, value in load_file(model.weights).items() if "attn" not in key}
    save_file(weights, model.weights)
    trained = read_folder(plan.base).unet
    lora.add(trained, plan.rank)
    with pytest.raises(lora.LostLayers, match="layers came back"):
        lora.verified(trained, read_folder(plan.base), model.weights)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"stage": "judge"}, "stage_unavailable"),
        ({"size": 50}, "size_unusable"),
        ({"base": Path("/nowhere/at/all")}, "base_unreadable"),
    ],
)
def test_what_cannot_be_trained_is_refused_with_a_reason(plan, samples, tmp_path, change, reason):
    with pytest.raises(Permanent) as refusal:
        LoraTrainer().train(replace(plan, **change), samples, tmp_path, lambda beat: None)
    assert refusal.value.reason == reason


def test_a_dataset_without_samples_is_refused(plan, tmp_path):
    empty = DatasetManifest(name="test", version="1", kind="product", created=datetime.now(UTC), shards=())
    (tmp_path / MANIFEST).write_text(empty.model_dump_json())
    with pytest.raises(Permanent):
        LoraTrainer().train(plan, tmp_path, tmp_path / "work", lambda beat: None)
