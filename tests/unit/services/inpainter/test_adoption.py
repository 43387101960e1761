"""Promoted models take over between two batches, when they are for us."""

from pathlib import Path
from typing import Any

import pytest

from services.inpainter.adoption import AdoptModel, Ours
from shared.contracts.blobs import digest
from shared.contracts.errors import NotKnown
from shared.contracts.events import ModelPromoted
from shared.contracts.local_copies import LocalCopies
from shared.contracts.models import REVISION, revision_of
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.painter import FakeInpainter, FixedJudge

BASE = "models/mini-inpainter"


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def adopt(blobs: MemoryBlobs, tmp_path: Path) -> AdoptModel:
    ours = Ours(model="mini-inpainter", base=BASE, judge="mini-judge")
    return AdoptModel(FakeInpainter(), FixedJudge(), blobs, ours, LocalCopies(tmp_path, (REVISION,)))


def promoted(blobs: MemoryBlobs, **changes: Any) -> ModelPromoted:
    weights = blobs.put("models/m/2/lora.safetensors", b"weights", "application/octet-stream")
    fields = {"model": "mini-inpainter", "revision": "2", "stage": "product", "base": BASE, "weights": weights}
    return ModelPromoted.model_validate(fields | changes)


class ReadingJudge:
    """A judge whose folder has to be there while it is adopted."""

    def adopt(self, folder: Path) -> None:
        """Read its weights."""
        assert len((folder / "model.safetensors").read_bytes()) == 600


JUDGE = {"model.safetensors": b"w", "config.json": b"{}"}
PIPELINE = {"model_index.json": b"{}", "unet/model.safetensors": b"w"}


def stored(blobs: MemoryBlobs, model: str, files: dict[str, bytes]) -> tuple[str, Any]:
    """A revision of several files, and the first of them."""
    revision = revision_of({name: digest(data) for name, data in files.items()})
    refs = [blobs.put(f"models/{model}/{revision}/{name}", data, "x/x") for name, data in files.items()]
    return revision, refs[0]


def test_a_lora_of_our_model_on_our_base_is_adopted(adopt: Any, blobs: MemoryBlobs) -> None:
    assert adopt(promoted(blobs, base=f"./{BASE}/")) == "adopted"
    assert adopt.painter.adopted == [(b"weights", "2")] and adopt.painter.bases == []


def test_a_lora_of_another_base_is_left_alone(adopt: Any, blobs: MemoryBlobs) -> None:
    assert adopt(promoted(blobs, base="stable/inpainting", sequence=9)) == "other_base"
    assert adopt.painter.adopted == [] and adopt(promoted(blobs, sequence=8)) == "adopted"


def test_an_older_promotion_that_comes_late_is_not_adopted_over_a_newer_one(adopt: Any, blobs: MemoryBlobs) -> None:
    told = [adopt(promoted(blobs, revision=f"of-{number}", sequence=number)) for number in (2, 1, 3, 2)]
    assert told == ["adopted", "outdated", "adopted", "outdated"]
    assert [revision for _, revision in adopt.painter.adopted] == ["of-2", "of-3"]


def test_unnumbered_promotions_are_adopted_as_they_come(adopt: Any, blobs: MemoryBlobs) -> None:
    assert [adopt(promoted(blobs, revision=name)) for name in ("a", "b")] == ["adopted", "adopted"]


def test_weights_that_are_gone_do_not_stand_in_the_way_of_an_older_promotion(adopt: Any, blobs: MemoryBlobs) -> None:
    gone = blobs.put("models/m/9/lora.safetensors", b"x", "application/octet-stream")
    blobs.stored.pop(gone.key)
    with pytest.raises(NotKnown):
        adopt(promoted(blobs, weights=gone, sequence=9))
    assert adopt(promoted(blobs, sequence=8)) == "adopted"


@pytest.mark.parametrize("change", [{"model": "other"}, {"stage": "judge"}, {"stage": "foundation"}])
def test_other_promoted_models_are_left_alone(adopt: Any, blobs: MemoryBlobs, change: dict[str, str]) -> None:
    assert adopt(promoted(blobs, **change)) == "not_ours"
    assert adopt.painter.adopted == [] and adopt.judge.adopted == []


def test_a_promoted_judge_is_adopted_and_its_numbers_are_its_own(adopt: Any, blobs: MemoryBlobs) -> None:
    assert adopt(promoted(blobs, sequence=50)) == "adopted"
    revision, weights = stored(blobs, "mini-judge", JUDGE)
    judge = {"model": "mini-judge", "stage": "judge", "base": "models/mini-judge", "weights": weights}
    assert adopt(promoted(blobs, revision=revision, sequence=7, **judge)) == "adopted"
    assert adopt.judge.adopted == [revision] and len(adopt.painter.adopted) == 1
    assert adopt(promoted(blobs, revision=revision, sequence=6, **judge)) == "outdated"


def test_a_judge_whose_files_are_not_those_it_is_named_after_is_refused(adopt: Any, blobs: MemoryBlobs) -> None:
    revision, weights = stored(blobs, "mini-judge", JUDGE)
    blobs.put(f"models/mini-judge/{revision}/config.json", b'{"other": 1}', "x/x")
    with pytest.raises(NotKnown) as refused:
        adopt(promoted(blobs, model="mini-judge", stage="judge", base="x", revision=revision, weights=weights))
    assert refused.value.reason == "model_changed" and adopt.judge.adopted == []


def test_a_base_that_was_trained_here_is_adopted_and_so_is_a_lora_on_it(adopt: Any, blobs: MemoryBlobs) -> None:
    revision, weights = stored(blobs, "mini-inpainter", PIPELINE)
    base = {"stage": "inpaint", "base": BASE, "weights": weights}
    assert adopt(promoted(blobs, revision=revision, sequence=1, **base)) == "adopted"
    assert [Path(folder).name for folder in adopt.painter.bases] == [revision] and adopt.painter.adopted == []
    on_it = f"mini-inpainter@{revision}"
    assert adopt(promoted(blobs, base=on_it, sequence=2)) == "adopted"
    assert len(adopt.painter.bases) == 1  # it stands there already
    assert adopt(promoted(blobs, base=BASE, sequence=3, revision="3")) == "adopted"  # rolled back to our own
    assert adopt.painter.bases[-1] == BASE and adopt.painter.adopted[-1] == (b"weights", "3")


def test_a_restart_finds_the_base_of_the_newest_lora_by_its_name(adopt: Any, blobs: MemoryBlobs) -> None:
    """The topic keeps the newest of a line: a base's own promotion may be heard after a LoRA's, or be older."""
    revision, _ = stored(blobs, "mini-inpainter", PIPELINE)
    assert adopt(promoted(blobs, base=f"mini-inpainter@{revision}", sequence=5)) == "adopted"
    assert len(adopt.painter.bases) == 1 and adopt.painter.adopted == [(b"weights", "2")]


def test_models_that_are_loaded_make_room_for_newer_ones(blobs: MemoryBlobs, tmp_path: Path) -> None:
    ours = Ours(model="mini-inpainter", base=BASE, judge="mini-judge")
    adopt = AdoptModel(FakeInpainter(), ReadingJudge(), blobs, ours, LocalCopies(tmp_path, (REVISION,), 1000))
    for number in range(1, 4):
        revision, weights = stored(blobs, "mini-judge", JUDGE | {"model.safetensors": bytes([number]) * 600})
        judge = {"model": "mini-judge", "stage": "judge", "base": "b", "revision": revision, "weights": weights}
        assert adopt(promoted(blobs, sequence=number, **judge)) == "adopted"
        assert [path.name for path in tmp_path.iterdir()] == [revision]
