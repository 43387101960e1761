"""The training program: lessons are exact, batched decoding is the published decoder, and a few steps learn."""

import io
import json
import tarfile
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bundled.training.segmenter import train
from bundled.training.segmenter.clock import TrainingClock
from bundled.training.segmenter.lessons import Split, _traced, lessons
from bundled.training.segmenter.train import decode, head_start, save
from services.segmenter.model import MINI, build_mini, load_sam

TINY = {
    **MINI,
    "img_size": 64,
    "embed_dim": 16,
    "depth": 1,
    "num_heads": 2,
    "window_size": 2,
    "global_attn_indexes": [0],
    "prompt_dim": 32,
    "decoder_mlp_dim": 32,
    "decoder_heads": 2,
}


def test_lessons_are_pictures_with_masks_and_three_prompts() -> None:
    for lesson in islice(lessons(4, 96, []), 6):
        assert lesson.rgb.shape == (96, 96, 3) and lesson.mask.shape == (96, 96)
        assert 0.01 < (lesson.mask >= 128).mean() < 0.9
        assert len(lesson.prompts) == 3
        assert [len(prompt.points) for prompt in lesson.prompts] == [5, 1, 5]


def test_the_same_seed_gives_the_same_lessons() -> None:
    one, two = next(lessons(9, 64, [])), next(lessons(9, 64, []))
    assert np.array_equal(one.rgb, two.rgb) and one.prompts == two.prompts


def shard(folder: Path, *samples: tuple[str, str, int]) -> Path:
    """Samples of (key, split, width): a white bar of that width on black, in the curator's format."""
    folder.mkdir(exist_ok=True)
    with tarfile.open(folder / "shard-000000.tar", "w") as tar:
        for key, split, wide in samples:
            mask = np.zeros((64, 64), np.uint8)
            mask[:, :wide] = 255
            facts = {"key": key, "captions": [], "kind": "scenes", "split": split}
            files = {"png": png(np.dstack([mask] * 3)), "mask.png": png(mask), "json": json.dumps(facts).encode()}
            for ending, data in files.items():
                info = tarfile.TarInfo(f"{key}.{ending}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return folder


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def widths(folder: Path, split: Split, count: int) -> set[int]:
    """Of the bars that come out of the shards."""
    pairs = islice(_traced([folder], split, 64, np.random.default_rng(0)), count)
    return {int((mask[0] >= 128).sum()) for _, mask in pairs}


def test_shards_give_the_pictures_of_one_split_round_and_round(tmp_path: Path) -> None:
    folder = shard(tmp_path / "mixed", ("a", "train", 10), ("b", "held", 20), ("c", "train", 30))
    assert widths(folder, "train", 5) == {10, 30}
    assert widths(folder, "held", 3) == {20}


def test_shards_without_the_split_or_no_shards_leave_only_drawings(tmp_path: Path) -> None:
    folder = shard(tmp_path / "train", ("a", "train", 10))
    for shards in ([], [folder]):
        assert len(list(islice(lessons(1, 64, shards, split="held", share=1.0), 3))) == 3


def test_lessons_come_from_the_shards_by_their_share(tmp_path: Path) -> None:
    folder = shard(tmp_path / "bars", ("a", "train", 24))
    from_shards, drawn = (next(lessons(1, 64, [folder], share=share)).rgb for share in (1.0, 0.0))
    assert not np.array_equal(from_shards, drawn)
    assert np.array_equal(drawn, next(lessons(1, 64, [], share=0.0)).rgb)


def test_the_figures_tell_drawings_from_the_held_pictures_of_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "MINI", TINY)
    sam = build_mini(TINY).eval()
    assert sorted(train.scores(sam, lessons(1, 64, []), "drawn", count=2)) == [
        "drawn_iou_best",
        "drawn_iou_picked",
    ]
    folder = shard(tmp_path / "held", ("a", "held", 24))
    figures = train.unseen(sam, [folder], count=2)
    assert set(figures) == {f"{name}_iou_{which}" for name in ("drawn", "traced") for which in ("best", "picked")}
    assert all(0 <= figures[f"{name}_iou_picked"] <= figures[f"{name}_iou_best"] <= 1 for name in ("drawn", "traced"))
    assert set(train.unseen(sam, [], count=2)) == {"drawn_iou_best", "drawn_iou_picked"}


def test_decoding_a_batch_is_what_the_published_decoder_does_one_by_one() -> None:
    torch.manual_seed(0)
    sam = build_mini({**MINI, "embed_dim": 16, "depth": 1, "num_heads": 2, "global_attn_indexes": [0]}).eval()
    picked = list(islice(lessons(2, MINI["img_size"], []), 2))
    embedding = torch.randn(2, MINI["prompt_dim"], 16, 16)
    with torch.inference_mode():
        masks, guesses = decode(sam, embedding, [lesson.prompts[0] for lesson in picked])
        for index, lesson in enumerate(picked):
            prompt, side = lesson.prompts[0], MINI["img_size"]
            points = torch.tensor([prompt.points]) * side
            sparse, dense = sam.prompt_encoder(
                (points, torch.tensor([prompt.labels])), torch.tensor([prompt.box]) * side, None
            )
            one, guess = sam.mask_decoder(
                embedding[index : index + 1], sam.prompt_encoder.get_dense_pe(), sparse, dense, multimask_output=True
            )
            assert torch.allclose(masks[index], one[0], atol=1e-4)
            assert torch.allclose(guesses[index], guess[0], atol=1e-4)


def test_patches_begin_as_their_cosine_transform() -> None:
    sam = build_mini({**MINI, "embed_dim": 16, "depth": 1, "num_heads": 2, "global_attn_indexes": [0]})
    head_start(sam)
    flat = torch.ones(1, 3, MINI["img_size"], MINI["img_size"])
    patches = sam.image_encoder.patch_embed(flat)[0, 0, 0]
    assert patches[0] > 1.0 and patches[1:8].abs().max() < 1e-3


class Steps(TrainingClock):
    """A clock that counts how often it is looked at."""

    def __init__(self, limit: int) -> None:
        super().__init__(1.0, 1.0)
        self.limit, self.looked = limit, 0

    def done(self) -> float:
        self.looked += 1
        return (self.looked - 1) / self.limit


def test_a_short_training_lowers_the_loss_and_leaves_a_loadable_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "MINI", TINY)
    monkeypatch.setattr(train, "BATCH", 4)
    said: list[str] = []
    sam, steps = train.train(lessons(1, 64, []), clock=Steps(40), file=tmp_path / "run.pt", report=said.append)
    losses = [float(line.split("loss ")[1].split()[0]) for line in said]
    assert steps == 40 and len(losses) == 2 and losses[-1] < losses[0]
    save(sam, tmp_path / "mini", {"steps": steps})
    assert json.loads((tmp_path / "mini" / "training.json").read_text()) == {"steps": steps}
    assert load_sam(tmp_path / "mini").image_encoder.img_size == 64
