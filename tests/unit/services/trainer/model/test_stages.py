"""All weights learn in the first stages: from text, and with random holes drawn anew; each result is the next base."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from services.trainer.core import HELD_OUT, Progress, TrainedModel, TrainingPlan
from services.trainer.model.diffusion_trainer import DiffusionTrainer
from services.trainer.model.examining import painter, watched
from services.trainer.model.examining.critics import Critic
from services.trainer.model.means import Means
from services.trainer.model.pipeline_folder import adapt, read_base
from shared.contracts.errors import Permanent


@pytest.fixture(scope="module")
def plan(base: Path) -> TrainingPlan:
    return TrainingPlan(stage="inpaint", base=base, steps=2, batch=2, rank=2, learning_rate=1e-3, size=64, seed=3)


@pytest.fixture(scope="module")
def trained(plan: TrainingPlan, samples: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    """What comes of it."""
    return DiffusionTrainer().train(plan, samples, tmp_path_factory.mktemp("trained"), lambda _: None)


def weights_of(folder: Path, channels: int) -> dict[str, torch.Tensor]:
    return read_base(folder, channels, exactly=True).unet.state_dict()  # type: ignore[arg-type]


def test_foundation_learns_from_text_and_inpaint_goes_on_from_it_with_new_channels(
    plan: TrainingPlan, samples: Path, tmp_path: Path
) -> None:
    first = DiffusionTrainer().train(replace(plan, stage="foundation"), samples, tmp_path / "a", lambda _: None)
    foundation = weights_of(first.weights, 4)
    assert foundation["conv_in.weight"].shape[1] == 4 and (first.weights / "vae").is_dir()
    with pytest.raises(Permanent, match="takes 4 channels; 9 are needed: `backdrop train inpaint`") as refused:
        read_base(first.weights, 9, exactly=True)  # as a LoRA wants its base
    assert refused.value.reason == "base_not_inpaint"
    second = DiffusionTrainer().train(replace(plan, base=first.weights), samples, tmp_path / "b", lambda _: None)
    inpaint = weights_of(second.weights, 9)
    assert inpaint["conv_in.weight"].shape[1] == 9
    assert sum(not torch.equal(inpaint[name], tensor) for name, tensor in foundation.items() if "conv_in" not in name)
    assert second.metrics["reload_difference"] < 1e-4 and 0 < second.metrics[HELD_OUT] < 10
    third = DiffusionTrainer().train(
        replace(plan, stage="product", base=second.weights, steps=1), samples, tmp_path / "c", lambda _: None
    )
    assert third.weights.suffix == ".safetensors"


def test_new_channels_begin_at_zero_so_that_the_model_paints_as_before(base: Path) -> None:
    narrow, wide = read_base(base, 4).unet, read_base(base, 4).unet
    adapt(wide, 9)
    noisy, shown = torch.randn(1, 4, 8, 8), torch.randn(1, 5, 8, 8)
    words = torch.randn(1, 4, narrow.config.cross_attention_dim)
    with torch.no_grad():
        before, after = narrow(noisy, 10, words).sample, wide(torch.cat([noisy, shown], 1), 10, words).sample
    assert not wide.conv_in.weight[:, 4:].any() and torch.equal(wide.conv_in.weight[:, :4], narrow.conv_in.weight)
    torch.testing.assert_close(after, before)  # more channels may be summed in another order


def test_a_layout_without_weights_starts_from_the_seed(plan: TrainingPlan, tmp_path: Path) -> None:
    layout = tmp_path / "layout"
    shutil.copytree(plan.base, layout)
    next((layout / "unet").glob("*.safetensors")).unlink()
    one, two, other = (read_base(layout, 4, seed=seed).unet.state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not torch.equal(one["conv_out.weight"], other["conv_out.weight"])
    with pytest.raises(Permanent, match="no diffusers model"):  # nothing was ever learnt that a LoRA could steer
        read_base(layout, 9, exactly=True)


def test_the_model_in_use_is_met_on_the_same_questions(
    plan: TrainingPlan, samples: Path, trained: TrainedModel, tmp_path: Path
) -> None:
    again = DiffusionTrainer().train(replace(plan, in_use=trained.weights), samples, tmp_path / "b", lambda _: None)
    assert again.held["loss"].in_use == pytest.approx(trained.held["loss"].challenger, rel=1e-5)


def test_recomputed_activations_change_nothing(plan: TrainingPlan, samples: Path, tmp_path: Path) -> None:
    losses: list[list[float]] = []
    for checkpointing in (False, True):
        steps: list[float] = []
        trainer = DiffusionTrainer(Means(at_once=1, checkpointing=checkpointing))
        trainer.train(plan, samples, tmp_path / str(checkpointing), lambda beat, steps=steps: steps.append(beat.loss))  # type: ignore[misc]
        losses.append(steps)
    assert losses[0] == pytest.approx(losses[1], rel=1e-4) and len(losses[0]) == 6 + 2


def test_what_was_withdrawn_is_not_drawn_any_more_and_the_model_says_so(
    plan: TrainingPlan, owned: Path, tmp_path: Path
) -> None:
    asked: list[int] = []

    def withdrawn() -> tuple[str, ...]:
        asked.append(len(asked))
        return ("product-1", "elsewhere") if len(asked) > 2 else ()

    model = DiffusionTrainer().train(plan, owned, tmp_path, lambda _: None, lambda: False, withdrawn)
    assert model.left_out == ("product-1",) and len(asked) == 1 + plan.steps and len(model.learnt) == 6


def test_what_was_withdrawn_between_release_and_start_is_neither_learnt_nor_asked_about(
    plan: TrainingPlan, owned: Path, tmp_path: Path
) -> None:
    model = DiffusionTrainer().train(
        plan, owned, tmp_path, lambda _: None, lambda: False, lambda: ["product-1", "product-9"]
    )
    assert model.left_out == ("product-1", "product-9") and not {"00001", "00009"} & model.learnt
    assert len(model.learnt) + model.metrics["held_samples"] == 8


def test_no_picture_of_a_held_out_product_is_shown_or_scored_once_it_was_withdrawn(
    plan: TrainingPlan, owned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "LEAST_STEPS", 1)
    monkeypatch.setattr(watched, "PICTURES_EVERY", 1)
    monkeypatch.setattr(painter, "STEPS", 1)
    shown: list[int] = []

    def critics(_: Path | None) -> Critic:
        return lambda photo, mask, output: {"judge": 0.5}

    def look(now: Progress) -> None:
        shown.extend(height_of(path) for path in now.pictures)

    asked: list[int] = []

    def withdrawn() -> tuple[str, ...]:
        asked.append(len(asked))
        return ("product-8",) if len(asked) > 1 else ()

    product = replace(plan, stage="product", steps=1)
    model = DiffusionTrainer(critics=critics).train(product, owned, tmp_path, look, lambda: False, withdrawn)
    assert model.left_out == ("product-8",) and model.metrics["held_samples"] == 3
    assert {len(found.challenger) for found in model.held.values()} == {3}
    assert model.sheet and height_of(model.sheet) == 3 * ROW and shown == [ROW]


ROW = 6 + 192  # of a sheet of square pictures


def height_of(path: Path) -> int:
    with Image.open(path) as picture:
        return picture.height


def test_a_dataset_that_was_withdrawn_whole_ends_the_run(plan: TrainingPlan, owned: Path, tmp_path: Path) -> None:
    everyone = [f"product-{n}" for n in range(10)]
    with pytest.raises(Permanent, match="every product of the dataset was withdrawn") as ended:
        DiffusionTrainer().train(plan, owned, tmp_path, lambda _: None, lambda: False, lambda: everyone)
    assert ended.value.reason == "dataset_withdrawn"


def test_words_of_the_task_stand_before_every_caption(
    plan: TrainingPlan, samples: Path, trained: TrainedModel, tmp_path: Path
) -> None:
    named = DiffusionTrainer().train(replace(plan, task="light"), samples, tmp_path / "b", lambda _: None)
    assert trained.metrics["base_held_out_loss"] != named.metrics["base_held_out_loss"]


def test_samples_that_a_model_has_seen_are_no_questions(plan: TrainingPlan, owned: Path, tmp_path: Path) -> None:
    fresh = DiffusionTrainer().train(plan, owned, tmp_path / "a", lambda _: None)
    assert fresh.metrics["held_samples"] == 4 and len(fresh.learnt) == 6
    seen = frozenset({"00008", *(f"{n:05d}" for n in range(8))})
    knowing = DiffusionTrainer().train(replace(plan, seen=seen), owned, tmp_path / "b", lambda _: None)
    assert knowing.metrics["held_samples"] == 1  # 00009 alone: too few to promote on


def test_a_run_that_goes_on_after_a_withdrawal_still_says_what_it_had_learnt_before(
    plan: TrainingPlan, owned: Path, tmp_path: Path
) -> None:
    def until_kept(now: Progress) -> None:
        if now.step == 1:
            raise InterruptedError

    trainer, gone = DiffusionTrainer(Means(checkpoint_s=0.0)), ["product-1"]
    with pytest.raises(InterruptedError):
        trainer.train(plan, owned, tmp_path, until_kept)
    model = trainer.train(plan, owned, tmp_path, lambda _: None, lambda: False, lambda: gone)
    assert model.left_out == ("product-1",) and "00001" in model.learnt and len(model.learnt) == 6
