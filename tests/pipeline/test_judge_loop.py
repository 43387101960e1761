"""The judge's loop: two blind raters vote, the curator releases, the trainer trains, the inpainters' gate has learnt.

The raters are an oracle whose one dislike is a light fringe around the product; on some pictures they disagree.
"""

from pathlib import Path

import numpy as np
import pytest
import torch

from backdrop.learned.raters import reviewed
from services.curator.core import RecordReview
from services.curator.datasets.release import ReleaseDatasets
from services.curator.policy import TrainingPolicy
from services.curator.records import Sample
from services.inpainter.adoption import AdoptModel, Ours
from services.inpainter.model.judge import MiniJudge
from services.trainer.app import assemble
from services.trainer.model.judge_trainer import JudgeTrainer
from services.trainer.settings import TrainerSettings
from shared.contracts.blobs import BlobRef, BlobStore, background_prefix, digest, image_key
from shared.contracts.events import BackgroundGenerated, Event, GeneratedImage, ModelPromoted, Scene, Scores
from shared.contracts.images import Pixels, encode_image
from shared.contracts.local_copies import LocalCopies
from shared.contracts.manifests import RequestManifest, manifest_key
from shared.contracts.models import REVISION
from shared.model.judge import new_judge, write_judge
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.catalogue import MemoryCatalogue
from tests.fakes.painter import FakeInpainter

SIDE, GATE = 72, 0.5
SCORES = Scores(expansion=0, shrinkage=0, seam=0, adherence=1, judge=0.5)


def drawn(number: int, *, fringe: bool) -> tuple[Pixels, Pixels, Pixels]:
    """Photo on white, output on a dull ground with or without the fringe, and the product's mask."""
    rng = np.random.default_rng(number)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (int(rng.integers(18, 26)) for _ in range(2))
    box = np.s_[top : top + 28, left : left + 28]
    mask[box] = 255
    output = np.full((SIDE, SIDE, 3), rng.integers(40, 140, 3), np.uint8)
    if fringe:
        output[top - 5 : top + 33, left - 5 : left + 33] = 250
    colour = rng.integers(0, 200, 3)
    output[box] = colour
    photo = np.full((SIDE, SIDE, 3), 255, np.uint8)
    photo[box] = colour
    return photo, output, mask


def votes_of(fringe: bool, number: int) -> str:
    """What two raters say who do not hear each other; on every fifth picture one of them is mistaken."""
    seen = "background" if fringe else "ok"
    other = ("ok" if fringe else "background") if number % 5 == 0 else seen
    return f"{seen},{other}"


def answer(blobs: BlobStore, number: int, *, fringe: bool) -> BackgroundGenerated:
    """A request that was answered, as the inpainter leaves it in the store."""
    photo, output, mask = (encode_image(pixels) for pixels in drawn(number, fringe=fringe))
    refs = [blobs.put(image_key(digest(data), "png"), data, "image/png") for data in (photo, mask)]
    option = blobs.put(f"{background_prefix(f'r-{number}')}1.png", output, "image/png")
    made = BackgroundGenerated(
        product_id=f"product-{number}",
        request_id=f"r-{number}",
        scene=Scene(),
        photo=refs[0],
        mask=refs[1],
        images=(GeneratedImage(image=option, seed=1, prompt="a wall", scores=SCORES, model="m@base"),),
    )
    manifest = RequestManifest.of(made).model_dump_json().encode()
    blobs.put_if_absent(manifest_key(made.request_id), manifest, "application/json")
    return made


def consenting(product_id: str, image: BlobRef) -> Sample:
    return Sample(
        product_id=product_id,
        image=image,
        mask=image,
        captions=("a wall",),
        product="mug",
        promoted=False,
        may_train=True,
        reason="kept",
    )


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_the_gate_learns_what_the_raters_dislike(tmp_path: Path) -> None:
    blobs, catalogue = MemoryBlobs(), MemoryCatalogue()
    torch.manual_seed(0)
    write_judge(new_judge(width=8), tmp_path / "models" / "mini-judge")
    review = RecordReview(catalogue)
    for number in range(70):
        made = answer(blobs, number, fringe=number % 2 == 0)
        catalogue.put_samples([consenting(made.product_id, made.photo)])
        review(reviewed(made, votes_of(number % 2 == 0, number), 1))
    releases = ReleaseDatasets(catalogue=catalogue, blobs=blobs, every=60)
    assert "judge" in releases.due()
    release = releases.release("judge")
    assert release is not None
    request = TrainingPolicy(steps=60)(release)  # by default, on nobody's request
    assert request is not None
    settings = TrainerSettings(work=tmp_path / "work", models=tmp_path / "models")
    training, said = assemble(settings, blobs, {"judge": JudgeTrainer()}), list[Event]()
    training.accept(request.model_copy(update={"learning_rate": 8e-4}))  # faster, it hangs on the processor
    (outcome,) = training.jobs.run_pending(said.append)
    assert outcome.reason == "better", outcome

    judge = MiniJudge(tmp_path / "models" / "mini-judge")
    ours = Ours(model="mini-inpainter", base="b", judge="mini-judge")
    adopt = AdoptModel(FakeInpainter(), judge, blobs, ours, LocalCopies(tmp_path / "inpainter", (REVISION,)))
    (promoted,) = [event for event in said if isinstance(event, ModelPromoted)]
    assert adopt(promoted) == "adopted"
    liked, disliked = ([chance(judge, number, fringe=fringe) for number in range(900, 915)] for fringe in (False, True))
    assert sum(one >= GATE for one in liked) >= 14 and sum(one < GATE for one in disliked) >= 14
    assert outcome.trained is not None
    assert outcome.trained.metrics["held_out_loss"] < outcome.trained.metrics["in_use_held_out_loss"]
    assert outcome.trained.metrics["calibration_error"] < 0.25


def chance(judge: MiniJudge, number: int, *, fringe: bool) -> float:
    photo, output, mask = drawn(number, fringe=fringe)
    return judge.score(photo, mask, [output])[0]
