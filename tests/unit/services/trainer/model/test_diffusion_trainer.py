"""The LoRA trainer on a tiny base: every layer, an exact reload, an exact resume, honest refusals."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from services.trainer.core import CHECKPOINT, HELD_OUT, HELD_OUT_BASE, Progress, Stopped, TrainedModel, TrainingPlan
from services.trainer.model import lora
from services.trainer.model.diffusion_trainer import DiffusionTrainer
from services.trainer.model.lessons.text_states import TextStates
from services.trainer.model.means import Means
from services.trainer.model.pipeline_folder import read_base
from shared.contracts.datasets import MANIFEST, DatasetManifest
from shared.contracts.errors import Permanent
from tests.fakes.tiny_inpainter import write_tiny_sdxl

from .conftest import write_samples


@pytest.fixture(scope="module")
def plan(base: Path) -> TrainingPlan:
    return TrainingPlan(stage="product", base=base, steps=4, batch=2, rank=2, learning_rate=2e-3, size=64, seed=3)


@pytest.fixture(scope="module")
def run(
    plan: TrainingPlan, samples: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[TrainedModel, list[Progress]]:
    """A training from its start to its end, and what it said on the way."""
    beats: list[Progress] = []
    return DiffusionTrainer().train(plan, samples, tmp_path_factory.mktemp("trained"), beats.append), beats


@pytest.fixture(scope="module")
def trained(run: tuple[TrainedModel, list[Progress]]) -> TrainedModel:
    """What came of it."""
    return run[0]


def test_a_run_reports_measures_and_saves_every_layer(plan, run):
    model, beats = run
    assert [beat.step for beat in beats] == [0] * 6 + [1, 2, 3, 4]  # six examples were encoded before
    assert beats[-1].eta_s == 0
    assert model.weights.suffix == ".safetensors" and model.weights.exists()
    assert model.metrics["held_samples"] == 4 and model.metrics["samples"] == 6  # two of eight help to compare
    assert 0 < model.metrics[HELD_OUT] < 10 and 0 < model.metrics[HELD_OUT_BASE] < 10
    assert model.metrics[HELD_OUT] != model.metrics[HELD_OUT_BASE]
    layers = [m for m in read_base(plan.base, 9).unet.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    assert model.metrics["lora_layers"] == len(layers)  # every linear layer and convolution
    assert model.metrics["reload_difference"] < 1e-4  # read back by the layers of peft, which round otherwise


def test_on_a_base_frozen_in_half_precision_a_lora_learns_is_saved_and_reads_back_in_full(plan, samples, tmp_path):
    """A step of 1e-4 is lost on a weight of 0.1 in bfloat16, whose next number is 5e-4 away."""
    trainer = DiffusionTrainer(Means(frozen="bfloat16"))
    model = trainer.train(replace(plan, learning_rate=1e-2), samples, tmp_path, lambda beat: None)
    layers = load_file(model.weights).values()
    assert {layer.dtype for layer in layers} == {torch.float32}
    assert model.metrics["reload_difference"] < 1e-4
    assert all(layer.any() for layer in layers)  # the halves that begin at zero have moved


def saved(weights: Path) -> dict[str, bytes]:
    """Every layer to the bit; the order of a file's metadata is the library's and not ours."""
    return {name: layer.numpy().tobytes() for name, layer in load_file(weights).items()}


def test_an_interrupted_run_goes_on_as_if_nothing_had_happened(plan, samples, trained, tmp_path):
    def stop_at_two(beat: Progress) -> None:
        if beat.step == 2:
            raise KeyboardInterrupt

    trainer = DiffusionTrainer(Means(checkpoint_s=0.0))
    with pytest.raises(KeyboardInterrupt):
        trainer.train(plan, samples, tmp_path / "b", stop_at_two)
    assert (tmp_path / "b" / CHECKPOINT).exists()
    steps: list[int] = []
    resumed = trainer.train(plan, samples, tmp_path / "b", lambda beat: steps.append(beat.step))
    steps = [step for step in steps if step]
    assert steps[0] > 1 and steps[-1] == 4
    assert resumed.metrics[HELD_OUT] == trained.metrics[HELD_OUT]
    assert saved(resumed.weights) == saved(trained.weights)


def test_a_second_stage_goes_on_from_the_first_ones_lora(plan, samples, trained, tmp_path):
    second = DiffusionTrainer().train(
        replace(plan, stage="engaged", steps=1, learning_rate=1e-9, start=trained.weights),
        samples,
        tmp_path / "b",
        lambda beat: None,
    )
    assert second.metrics[HELD_OUT] == pytest.approx(trained.metrics[HELD_OUT], rel=1e-3)


def test_a_file_that_lost_layers_is_noticed(plan, trained, tmp_path):
    weights = {key: value for key, value in load_file(trained.weights).items() if "attn" not in key}
    cut = tmp_path / trained.weights.name
    save_file(weights, cut)
    pipeline = read_base(plan.base, 9)
    lora.add(pipeline.unet, plan.rank)
    with pytest.raises(lora.LostLayers, match="layers came back"):
        lora.verified(pipeline, cut)


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
        DiffusionTrainer().train(replace(plan, **change), samples, tmp_path, lambda beat: None)
    assert refusal.value.reason == reason


def test_a_dataset_without_samples_is_refused(plan, tmp_path):
    empty = DatasetManifest(name="test", version="1", kind="product", created=datetime.now(UTC), shards=())
    (tmp_path / MANIFEST).write_text(empty.model_dump_json())
    with pytest.raises(Permanent):
        DiffusionTrainer().train(plan, tmp_path, tmp_path / "work", lambda beat: None)


def test_held_out_losses_are_the_same_in_every_run_whatever_its_seed_and_batch(plan, samples, tmp_path):
    one = DiffusionTrainer().train(replace(plan, steps=1), samples, tmp_path / "a", lambda beat: None)
    two = DiffusionTrainer().train(replace(plan, steps=1, seed=9, batch=3), samples, tmp_path / "b", lambda beat: None)
    assert one.held["loss"].in_use == two.held["loss"].in_use and len(one.held["loss"].in_use) == 4
    assert one.held["loss"].challenger != two.held["loss"].challenger


def test_the_model_in_use_is_measured_on_the_same_samples_with_the_same_noise(plan, samples, trained, tmp_path):
    again = DiffusionTrainer().train(replace(plan, in_use=trained.weights), samples, tmp_path / "b", lambda beat: None)
    assert again.held["loss"].in_use == pytest.approx(trained.held["loss"].challenger, rel=1e-5)
    assert (
        again.held["loss"].challenger == trained.held["loss"].challenger
    )  # it did not start from what it was compared with
    assert again.metrics[HELD_OUT_BASE] == trained.metrics[HELD_OUT_BASE]


def test_a_stop_is_seen_before_the_first_step_and_between_steps(plan, samples, tmp_path):
    with pytest.raises(Stopped):
        DiffusionTrainer().train(plan, samples, tmp_path / "a", lambda beat: None, lambda: True)
    assert not (tmp_path / "a" / CHECKPOINT).exists()
    steps: list[int] = []
    with pytest.raises(Stopped):
        DiffusionTrainer().train(
            plan, samples, tmp_path / "b", lambda b: steps.append(b.step), lambda: steps[-1:] == [2]
        )
    rest: list[int] = []
    DiffusionTrainer().train(plan, samples, tmp_path / "b", lambda beat: rest.append(beat.step))
    assert steps == [0] * 6 + [1, 2] and rest == [0] * 6 + [4]  # the third step was kept when the stop was seen


def test_a_pickle_is_no_base(plan, samples, tmp_path):
    base = tmp_path / "base"
    shutil.copytree(plan.base, base)
    weights = base / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save(load_file(weights), base / "unet" / "diffusion_pytorch_model.bin")
    weights.unlink()
    with pytest.raises(Permanent) as refusal:
        DiffusionTrainer().train(replace(plan, base=base), samples, tmp_path / "work", lambda beat: None)
    assert refusal.value.reason == "base_unreadable" and "safetensors" in refusal.value.message


def test_a_base_without_numbers_is_named_before_anything_is_learnt(plan, samples, tmp_path):
    base, steps = tmp_path / "base", list[int]()
    shutil.copytree(plan.base, base)
    weights = base / "unet" / "diffusion_pytorch_model.safetensors"
    layers = load_file(weights)
    layers["conv_out.bias"][:] = float("nan")
    save_file(layers, weights, metadata={"format": "pt"})
    with pytest.raises(Permanent, match="the base itself has no finite loss") as refusal:
        DiffusionTrainer().train(replace(plan, base=base), samples, tmp_path / "work", lambda b: steps.append(b.step))
    assert refusal.value.reason == "loss_not_finite" and set(steps) == {0}


def test_samples_without_words_are_passed_over_and_counted(plan, tmp_path):
    wordless = b'{"key": "00000", "captions": [""], "kind": "product"}'
    folder = write_samples(tmp_path, json=wordless)
    model = DiffusionTrainer().train(replace(plan, steps=1), folder, tmp_path / "work", lambda beat: None)
    assert model.metrics["samples_passed_over"] == 1 and "00000" not in model.learnt


def test_a_pipeline_that_is_no_inpaint_model_is_refused_by_its_name(plan, samples, tmp_path):
    base = tmp_path / "base"
    shutil.copytree(plan.base, base)
    index = base / "model_index.json"
    index.write_text(index.read_text().replace("StableDiffusionInpaintPipeline", "FluxPipeline"))
    with pytest.raises(Permanent, match=r"model_index\.json names FluxPipeline"):
        DiffusionTrainer().train(replace(plan, base=base), samples, tmp_path / "work", lambda beat: None)


def test_sdxl_learns_with_its_two_encoders_and_its_added_conditions(plan, samples, tmp_path):
    base = write_tiny_sdxl(tmp_path / "base")
    model = DiffusionTrainer().train(replace(plan, base=base, steps=2), samples, tmp_path / "work", lambda beat: None)
    layers = [m for m in read_base(base, 9).unet.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    assert model.metrics["lora_layers"] == len(layers) and model.metrics["reload_difference"] < 1e-5
    assert 0 < model.metrics[HELD_OUT] < 10
    pipeline = read_base(base, 9)
    pipeline.load_lora_weights(model.weights.parent, weight_name=model.weights.name)
    expected = pipeline.encode_prompt("a mug", device="cpu", num_images_per_prompt=1, do_classifier_free_guidance=False)
    states = TextStates(pipeline, torch.device("cpu"), tmp_path / "text")
    states.learn(["", "a mug"])
    found = states.states(["a mug"])
    for name, wanted in (("text", expected[0]), ("pooled", expected[2])):  # kept in half precision
        torch.testing.assert_close(found[name], wanted, atol=2e-3, rtol=2e-3)
