"""Each training runs from its command line at the smallest size, and leaves a model that its reader opens."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import BlipForConditionalGeneration, ResNetForImageClassification

from bundled.training import judge, probe
from bundled.training.captioner import train as captioner
from bundled.training.inpainter import stages
from bundled.training.inpainter import train as inpainter
from bundled.training.segmenter import train as segmenter
from services.segmenter.model import load_sam
from services.trainer.model.pipeline_folder import read_base
from services.trainer.model.running.ranks import ALONE

FEW = ("--steps", "2", "--pictures", "30", "--unseen", "4", "--plates", "no-plates")


def test_the_segmenter(tmp_path: Path) -> None:
    out = tmp_path / "mini-segmenter"
    segmenter.main(["--out", str(out), "--minutes", "0.02", "--unseen", "1", "--work", str(tmp_path / "work")])
    assert load_sam(out).image_encoder.img_size == 256
    assert json.loads((out / "training.json").read_text())["steps"] >= 1
    assert not list((tmp_path / "work").glob("*.pt"))


def test_the_probe_and_a_judge_that_starts_from_it(tmp_path: Path) -> None:
    work = ("--work", str(tmp_path / "work"))
    probe.main([str(tmp_path / "probe"), *FEW, *work])
    assert ResNetForImageClassification.from_pretrained(tmp_path / "probe").config.num_channels == 6
    words = [
        "--steps",
        "2",
        "--drawn",
        "3",
        "--unseen",
        "1",
        "--plates",
        "no-plates",
        "--start",
        str(tmp_path / "probe"),
    ]
    judge.main([str(tmp_path / "judge"), *words, *work])
    assert ResNetForImageClassification.from_pretrained(tmp_path / "judge").config.num_channels == 7
    assert json.loads((tmp_path / "judge" / "figures.json").read_text())["steps"] == 2
    assert not list((tmp_path / "work").glob("*.pt"))


def test_the_captioner(tmp_path: Path) -> None:
    captioner.main([str(tmp_path / "captioner"), *FEW, "--work", str(tmp_path / "work")])
    assert BlipForConditionalGeneration.from_pretrained(tmp_path / "captioner").config.vision_config.image_size == 128


def test_the_inpainter_stage_after_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "CORPUS", 500)
    monkeypatch.setattr(stages, "ANSWERS", 500)
    words = [
        "--out",
        str(tmp_path / "mini-inpainter"),
        "--work",
        str(tmp_path / "work"),
        "--minutes",
        "0.0001",
        "--first",
        "2",
    ]
    run, wanted = inpainter.arguments([*words, "--plates", "no-plates", "--ranks", "1", "--unseen", "1"])
    for stage in wanted:
        stages.STAGES[stage](run, ALONE)
    assert read_base(tmp_path / "mini-inpainter", 9).unet.config.in_channels == 9
    configs = (tmp_path / "mini-inpainter").glob("*/config.json")
    assert not any(str(tmp_path) in config.read_text() for config in configs)
    _learns_on(tmp_path)


def _learns_on(tmp_path: Path) -> None:
    """The finished painter goes on where it stopped; its autoencoder is as it was."""
    before, after = tmp_path / "mini-inpainter", tmp_path / "further"
    files = ["--out", str(after), "--work", str(tmp_path / "anew"), "--start", str(before), "--plates", "no-plates"]
    run, (stage,) = inpainter.arguments([*files, "--stages", "unet", "--minutes", "0.0001", "--first", "2"])
    stages.STAGES[stage](run, ALONE)
    first, later = (read_base(folder, 9) for folder in (before, after))
    assert _distance(first.vae, later.vae) == 0
    assert 0 < _distance(first.unet, later.unet) < 0.01
    stages.export(replace(run, out=tmp_path / "half-way", share=0.5), ALONE)
    half = read_base(tmp_path / "half-way", 9)
    assert _distance(first.unet, half.unet) == pytest.approx(_distance(first.unet, later.unet) / 2, rel=0.1)


def _distance(one: torch.nn.Module, other: torch.nn.Module) -> float:
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return max(float((mine.detach().float() - its.detach().float()).abs().max()) for mine, its in pairs)


def test_the_inpainter_learns_on_only_from_a_model_and_only_to_paint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unet = ["--stages", "unet"]
    for words, why in (
        ([], "give --stages unet"),
        (unet, "there is no painter to start from in"),
        ([*unet, "--share", "0"], "--share is a number above 0 up to 1"),
        (["--traced", "1.1"], "--traced is a share from 0 to 1"),
    ):
        with pytest.raises(SystemExit):
            inpainter.arguments(["--start", str(tmp_path), *words])
        assert why in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--steps", "0"], ["--steps", "many"], ["--unheard-of"]])
def test_words_that_make_no_sense_are_refused_before_anything_is_drawn(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (probe, captioner, judge):
        with pytest.raises(SystemExit) as ended:
            command.arguments([str(tmp_path), *words])
        assert ended.value.code == 2 and words[0] in capsys.readouterr().err


def test_the_inpainter_learns_in_one_process_on_a_gpu_if_there_is_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit):
        inpainter.main(["--device", "cuda", "--ranks", "2"])
    assert "one process trains on a GPU" in capsys.readouterr().err
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit, match="torch finds no GPU"):
        inpainter.main(["--device", "cuda"])
