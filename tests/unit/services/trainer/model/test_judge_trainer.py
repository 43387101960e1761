"""The judge as a stage of the trainer: from a released dataset of reviews, resumable, measured on held-out pairs."""

import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from services.trainer.core import CHECKPOINT, HELD_OUT, HELD_OUT_BASE, Progress, TrainingPlan
from services.trainer.model import judge_trainer as judge
from shared.contracts.errors import Permanent
from shared.contracts.images import encode_image
from shared.model.judge import new_judge, write_judge


def write_reviews(folder: Path, *, train: int = 8, held: int = 4) -> Path:
    """A judge dataset: bright outputs please raters, dark ones do not."""
    folder.mkdir(parents=True)
    mask = encode_image(np.full((48, 48), 255, np.uint8))
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
            }
            members = {
                "webp": output,
                "original.webp": encode_image(np.full((48, 48, 3), 128, np.uint8), "webp"),
                "mask.png": mask,
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


def test_a_base_that_is_no_judge_is_refused_with_a_reason(tmp_path: Path) -> None:
    samples, plan = write_reviews(tmp_path / "data"), plan_for(tmp_path)
    elsewhere = TrainingPlan(**{**vars(plan), "base": tmp_path / "nothing"})
    with pytest.raises(Permanent) as caught:
        judge.JudgeTrainer().train(elsewhere, samples, tmp_path / "work", lambda _: None)
    assert caught.value.reason == "base_not_known"


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
