"""The judge as a stage of the trainer: from a released dataset of reviews, resumable, measured on held-out pairs."""

import io
import json
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from services.trainer.core import CHECKPOINT, HELD_OUT, HELD_OUT_BASE, Progress, TrainingPlan
from services.trainer.model import judge_trainer as judge
from shared.contracts.errors import NotKnown, Permanent
from shared.contracts.images import encode_image
from shared.model.judge import new_judge, write_judge

SMALL = {"embedding_size": 8, "hidden_sizes": [8, 8], "depths": [1, 1], "layer_type": "basic", "num_channels": 7}


def write_reviews(folder: Path, *, train: int = 8, held: int = 4, mask: tuple[int, int] = (48, 48)) -> Path:
    """A judge dataset: bright outputs please raters, dark ones do not."""
    folder.mkdir(parents=True)
    cover = encode_image(np.full(mask[::-1], 255, np.uint8))
    with tarfile.open(folder / "0.tar", "w") as tar:
        for at in range(train + held):
            good = at % 2 == 0
            output = encode_image(np.full((48, 48, 3), 230 if good else 20, np.uint8), "webp")
            record = {
                "key": f"{at:03}",
                "captions": [],
                "kind": "judge",
                "split": "train" if at < train else "held",
                "score": 0.95 if good else 0.05,
                "product_id": f"product-{at:03}",
            }
            members = {
                "webp": output,
                "original.webp": encode_image(np.full((48, 48, 3), 128, np.uint8), "webp"),
                "mask.png": cover,
                "json": json.dumps(record).encode(),
            }
            for suffix, data in members.items():
                info = tarfile.TarInfo(f"{at:03}.{suffix}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    shard = {"path": "0.tar", "sha256": "0" * 64, "size": 1, "samples": train + held}
    manifest = {"name": "judge", "version": "1", "kind": "judge", "created": "2026-01-01T00:00:00Z", "shards": [shard]}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def plan_for(folder: Path, *, steps: int = 12) -> TrainingPlan:
    torch.manual_seed(0)
    write_judge(new_judge(width=8), folder / "base")
    return TrainingPlan(
        stage="judge", base=folder / "base", steps=steps, batch=4, rank=1, learning_rate=3e-3, size=160, seed=0
    )


def test_the_judge_learns_what_raters_said(tmp_path: Path) -> None:
    seen: list[Progress] = []
    samples, plan = write_reviews(tmp_path / "data"), plan_for(tmp_path, steps=25)
    trained = judge.JudgeTrainer().train(plan, samples, tmp_path / "work", seen.append)
    assert {path.name for path in trained.weights.iterdir()} == {"config.json", "model.safetensors"}
    assert trained.metrics[HELD_OUT] < trained.metrics[HELD_OUT_BASE]
    assert [progress.step for progress in seen] == list(range(1, 26))


def test_a_stopped_run_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    samples, plan = write_reviews(tmp_path / "data"), plan_for(tmp_path, steps=6)

    def stop(progress: Progress) -> None:
        if progress.step == 4:
            raise InterruptedError

    trainer = judge.JudgeTrainer(checkpoint_s=0.0)
    with pytest.raises(InterruptedError):
        trainer.train(plan, samples, tmp_path / "work", stop)
    assert (tmp_path / "work" / CHECKPOINT).exists()
    seen: list[int] = []
    trainer.train(plan, samples, tmp_path / "work", lambda progress: seen.append(progress.step))
    assert seen == [5, 6]  # the checkpoint was made before the step was told of


def test_without_held_out_reviews_there_is_nothing_to_compare(tmp_path: Path) -> None:
    samples, plan = write_reviews(tmp_path / "data", held=0), plan_for(tmp_path, steps=1)
    assert judge.JudgeTrainer().train(plan, samples, tmp_path / "work", lambda _: None).held["loss"].comparable is False


def spoilt(folder: Path, how: str) -> None:
    """A judge of another layout, as a pickle, without numbers, or none at all."""
    model = new_judge(width=8)
    if how == "numbers":
        torch.nn.init.constant_(model.classifier[1].bias, float("nan"))
    if how in ("channels", "labels"):
        model = type(model)(type(model.config)(**{**SMALL, f"num_{how}": 3}))
    shutil.rmtree(folder)
    if how == "pickle":
        model.config.save_pretrained(folder)
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
    elif how != "nothing":
        write_judge(model, folder)


@pytest.mark.parametrize(
    ("how", "reason", "words"),
    [
        ("nothing", "base_unreadable", "no judge to start from at base"),
        ("pickle", "base_unreadable", "safetensors"),
        ("channels", "base_unreadable", "it looks at 3 channels, a judge at 7"),
        ("labels", "base_unreadable", "it tells 3 things apart, a judge 11"),
        ("numbers", "loss_not_finite", "begin with another base"),
    ],
)
def test_a_base_that_is_no_judge_is_refused_with_a_reason(tmp_path: Path, how: str, reason: str, words: str) -> None:
    samples, plan = write_reviews(tmp_path / "data"), plan_for(tmp_path)
    spoilt(plan.base, how)
    with pytest.raises(Permanent, match=words) as caught:
        judge.JudgeTrainer().train(plan, samples, tmp_path / "work", lambda _: None)
    assert caught.value.reason == reason and not (tmp_path / "work" / "judge").exists()


def test_a_mask_of_another_size_is_named_with_its_sample(tmp_path: Path) -> None:
    samples, plan = write_reviews(tmp_path / "data", mask=(40, 48)), plan_for(tmp_path)
    with pytest.raises(NotKnown, match="sample 000: the mask is 40 x 48, the photo 48 x 48") as caught:
        judge.JudgeTrainer().train(plan, samples, tmp_path / "work", lambda _: None)
    assert caught.value.reason == "mask_of_another_size"


def test_what_was_withdrawn_is_neither_learnt_nor_asked_about_and_the_judge_says_so(tmp_path: Path) -> None:
    samples, plan, asked = write_reviews(tmp_path / "data"), plan_for(tmp_path, steps=3), list[int]()

    def withdrawn() -> tuple[str, ...]:
        asked.append(len(asked))
        return ("product-001",) if len(asked) < 3 else ("product-001", "product-002", "product-009", "elsewhere")

    trained = judge.JudgeTrainer().train(plan, samples, tmp_path / "work", lambda _: None, lambda: False, withdrawn)
    assert trained.left_out == ("product-001", "product-002", "product-009")
    assert "001" not in trained.learnt and "002" in trained.learnt  # that was learnt before
    assert len(trained.held["loss"].challenger) == len(trained.held["loss"].in_use) == 3


def test_a_dataset_without_training_pairs_is_refused_with_a_reason(tmp_path: Path) -> None:
    samples, plan = write_reviews(tmp_path / "data", train=0), plan_for(tmp_path)
    with pytest.raises(Permanent) as caught:
        judge.JudgeTrainer().train(plan, samples, tmp_path / "work", lambda _: None)
    assert caught.value.reason == "dataset_empty"


def test_a_judge_in_use_is_the_one_to_beat(tmp_path: Path) -> None:
    samples, plan = write_reviews(tmp_path / "data"), plan_for(tmp_path, steps=25)
    first = judge.JudgeTrainer().train(plan, samples, tmp_path / "one", lambda _: None)
    again = judge.JudgeTrainer().train(replace(plan, in_use=first.weights), samples, tmp_path / "two", lambda _: None)
    assert again.held["loss"].challenger == first.held["loss"].challenger
    assert again.held["loss"].in_use == pytest.approx(first.held["loss"].challenger, abs=1e-5)
    assert first.held["loss"].in_use != first.held["loss"].challenger
