"""The worker: resumes, never runs a job twice at once, announces once, promotes only what is better."""

import errno
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors import SafetensorError

from services.trainer.app import TrainingService, assemble
from services.trainer.core import Progress, TrainedModel, TrainingPlan
from services.trainer.jobs.entries import Outcome
from services.trainer.jobs.listening import ProgressPace
from services.trainer.settings import TrainerSettings
from services.trainer.store.registry import ModelRegistry
from shared.contracts.blobs import digest
from shared.contracts.errors import DependencyDown, Permanent, Transient
from shared.contracts.events import (
    Event,
    ModelPromoted,
    ModelTrained,
    TrainingFailed,
    TrainingProgressed,
    TrainingRequested,
)
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.dataset import put_dataset
from tests.fakes.trainer import FakeTrainer, Killed

Service = Callable[..., TrainingService]
Request = Callable[..., TrainingRequested]


def said(events: list[Event], kind: type[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def test_a_request_becomes_a_trained_and_promoted_model(
    service: Service, request_for: Request, blobs: MemoryBlobs
) -> None:
    trainer, heard = FakeTrainer(), list[Event]()
    training = service(trainer)
    assert training.accept(request_for())
    (outcome,) = training.jobs.run_pending(heard.append)
    assert outcome.reason == "better"
    revision = digest(b"[0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]")[:12]
    (trained,), (promoted,) = said(heard, ModelTrained), said(heard, ModelPromoted)
    assert isinstance(trained, ModelTrained) and isinstance(promoted, ModelPromoted)
    assert trained.revision == promoted.revision == revision
    assert trained.weights.key == f"models/mini-inpainter/{revision}/lora.safetensors"
    assert trained.dataset_version == "0001-abc" and trained.base == "models/mini-inpainter"
    assert promoted.key == "mini-inpainter/lora/models/mini-inpainter"
    assert promoted.sequence > 1_700_000_000_000  # milliseconds since 1970: the next one is larger
    lineage = json.loads(blobs.get(f"models/mini-inpainter/{revision}/metrics.json"))
    assert lineage["job"] == "job-1" and lineage["dataset"]["version"] == "0001-abc"
    assert b"0001-abc" in blobs.get(f"models/mini-inpainter/{revision}/README.md")
    assert (trainer.samples[0] / "shard-00000.tar").read_bytes() == b"not really a tar"


def test_a_kill_in_the_middle_resumes_at_the_checkpoint(service: Service, request_for: Request) -> None:
    trainer, heard = FakeTrainer(die_at=4), list[Event]()
    service(trainer).accept(request_for())
    with pytest.raises(Killed):
        service(trainer, lease_s=0.05).jobs.run_pending(heard.append)
    (outcome,) = service(trainer, holder="two", lease_s=0.05).jobs.run_pending(_after_the_lease(heard))
    assert outcome.reason == "better"
    assert trainer.steps == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert len(said(heard, ModelTrained)) == 1


def _after_the_lease(heard: list[Event]) -> Callable[[Event], None]:
    time.sleep(0.1)
    return heard.append


def test_a_kill_after_the_outcome_announces_it_without_training_again(service: Service, request_for: Request) -> None:
    trainer, heard = FakeTrainer(), list[Event]()

    def die(event: Event) -> None:
        if isinstance(event, ModelTrained):
            raise Killed

    service(trainer).accept(request_for())
    with pytest.raises(Killed):
        service(trainer, lease_s=0.05).jobs.run_pending(die)
    service(trainer, holder="two").jobs.run_pending(_after_the_lease(heard))
    assert len(trainer.plans) == 1
    assert [type(event) for event in heard] == [ModelTrained, ModelPromoted]
    again = list[Event]()
    assert service(trainer, holder="three").jobs.run_pending(again.append) == () and again == []


def test_an_unsaid_outcome_is_said_later_and_never_given_up(service: Service, request_for: Request) -> None:
    trainer, heard = FakeTrainer(), list[Event]()

    def kafka_is_down(event: Event) -> None:
        if not isinstance(event, TrainingProgressed):
            raise DependencyDown("kafka_down", "nobody answers")

    training = service(trainer, max_failures=1)
    training.accept(request_for())
    for _ in range(3):
        with pytest.raises(DependencyDown):
            training.jobs.run_pending(kafka_is_down)
    training.jobs.run_pending(heard.append)
    assert [type(event) for event in heard] == [ModelTrained, ModelPromoted] and len(trainer.plans) == 1


def test_two_workers_share_one_lease(service: Service, request_for: Request) -> None:
    first, second, heard = FakeTrainer(), FakeTrainer(), list[Event]()
    other = service(second, holder="two")
    service(first).accept(request_for())
    meanwhile = list[tuple[Outcome, ...]]()
    service(first).jobs.run_pending(
        heard.append, progress=lambda _: meanwhile.append(other.jobs.run_pending(heard.append))
    )
    assert meanwhile == [()] * 10  # at none of the ten steps did the other find anything to do
    assert len(first.plans) == 1 and second.plans == []


def test_a_worker_that_was_taken_over_stops_and_says_nothing(
    service: Service, request_for: Request, blobs: MemoryBlobs
) -> None:
    trainer, heard = FakeTrainer(), list[Event]()
    service(trainer).accept(request_for())

    def taken_over(now: Progress) -> None:
        if now.step == 3:
            blobs.put("jobs/job-1/lease-000002.json", b'{"holder": "two", "expires": 0}', "application/json")

    assert service(trainer).jobs.run_pending(heard.append, progress=taken_over) == ()
    assert trainer.steps == [1, 2, 3, 4]
    assert said(heard, ModelTrained) == [] and blobs.find("jobs/job-1/done.json") is None


def test_a_model_that_is_not_better_is_trained_but_not_promoted(service: Service, request_for: Request) -> None:
    heard = list[Event]()
    training = service(FakeTrainer(losses=(1.01, 0.99, 1.0)))
    training.accept(request_for())
    (outcome,) = training.jobs.run_pending(heard.append)
    assert outcome.reason == "not_better"
    assert len(said(heard, ModelTrained)) == 1 and said(heard, ModelPromoted) == []


def test_a_redelivered_request_trains_once(service: Service, request_for: Request) -> None:
    trainer, heard = FakeTrainer(), list[Event]()
    training = service(trainer)
    assert training.accept(request_for())
    training.jobs.run_pending(heard.append)
    assert not training.accept(request_for())
    assert training.jobs.run_pending(heard.append) == ()
    assert len(trainer.plans) == 1 and len(said(heard, ModelTrained)) == 1


def test_an_outage_frees_the_job_and_does_not_count_as_a_failure(service: Service, request_for: Request) -> None:
    trainer = FakeTrainer()
    trainer.error = DependencyDown("blobs_down", "nobody answers")
    training = service(trainer, max_failures=1)
    training.accept(request_for())
    assert training.jobs.run_pending(lambda _: None) == ()
    trainer.error = None
    (outcome,) = training.jobs.run_pending(lambda _: None)
    assert outcome.reason == "better"


def test_an_outage_of_which_the_ledger_itself_cannot_hear_is_no_failure_either(
    service: Service, request_for: Request, blobs: MemoryBlobs
) -> None:
    training = service(FakeTrainer(), max_failures=1, lease_s=0.05)
    training.accept(request_for())

    def goes_down(now: Progress) -> None:
        blobs.down = now.step < 10

    for _ in range(2):
        with pytest.raises(DependencyDown):
            training.jobs.run_pending(lambda _: None, progress=goes_down)
        blobs.down = False
        time.sleep(0.06)
    (outcome,) = training.jobs.run_pending(lambda _: None)
    assert outcome.reason == "better"


def test_nothing_is_in_use_of_which_the_ledger_does_not_know(
    service: Service, request_for: Request, blobs: MemoryBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a worker that is killed in between leaves a model in use that nobody hears of, and that beats itself."""
    trainer, heard, store = FakeTrainer(), list[Event](), blobs.put_if_absent
    service(trainer).accept(request_for())

    def dies_over_the_outcome(key: str, data: bytes, content_type: str) -> bool:
        if key.endswith("done.json"):
            raise Killed
        return store(key, data, content_type)

    with monkeypatch.context() as killing, pytest.raises(Killed):
        killing.setattr(blobs, "put_if_absent", dies_over_the_outcome)
        service(trainer, lease_s=0.05).jobs.run_pending(heard.append)
    (outcome,) = service(trainer, holder="two").jobs.run_pending(_after_the_lease(heard))
    assert [plan.in_use for plan in trainer.plans] == [None, None]
    assert said(heard, ModelPromoted) == [outcome.promoted] == ModelRegistry(blobs).promotions("mini-inpainter")


def test_a_permanent_error_ends_the_job_with_its_reason(service: Service, request_for: Request) -> None:
    trainer, heard = FakeTrainer(), list[Event]()
    trainer.error = Permanent("rank_too_high", "the adapter is larger than the layer")
    training = service(trainer)
    training.accept(request_for())
    (outcome,) = training.jobs.run_pending(heard.append)
    assert (outcome.reason, outcome.detail) == ("rank_too_high", "the adapter is larger than the layer")
    (failed,) = said(heard, TrainingFailed)
    assert failed == TrainingFailed(
        job_id="job-1",
        stage="product",
        model="mini-inpainter",
        reason="rank_too_high",
        detail="the adapter is larger than the layer",
    )
    assert training.jobs.run_pending(heard.append) == ()


def test_a_job_that_keeps_failing_is_given_up_with_its_last_error(
    service: Service, request_for: Request, blobs: MemoryBlobs
) -> None:
    trainer = FakeTrainer()
    trainer.error = Transient("cuda", "out of memory")
    training = service(trainer, max_failures=2, retry_after_s=0.0)
    training.accept(request_for())
    assert training.jobs.run_pending(lambda _: None) == ()
    (outcome,) = training.jobs.run_pending(lambda _: None)
    assert (outcome.reason, outcome.detail) == ("failed_too_often", "Transient: out of memory")
    assert blobs.find("jobs/job-1/failure-000001.json") and training.jobs.run_pending(lambda _: None) == ()


def test_stopping_leaves_the_job_free_for_the_next_worker(service: Service, request_for: Request) -> None:
    trainer, steps = FakeTrainer(), list[int]()
    training = service(trainer)
    training.accept(request_for())
    seen = training.jobs.run_pending(
        lambda _: None, stop=lambda: len(steps) == 3, progress=lambda now: steps.append(now.step)
    )
    assert seen == ()
    (outcome,) = service(trainer, holder="two").jobs.run_pending(lambda _: None)
    assert outcome.reason == "better" and trainer.steps == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]


def test_the_engaged_stage_continues_from_the_product_stage_in_use(service: Service, request_for: Request) -> None:
    trainer = FakeTrainer()
    training = service(trainer)
    training.accept(request_for())
    training.jobs.run_pending(lambda _: None)
    training.accept(request_for("job-2", stage="engaged", seed=1))
    training.jobs.run_pending(lambda _: None)
    first, second = trainer.plans
    assert first.start is None
    assert second.start is not None and second.start.read_bytes() == b"[0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]"
    assert second.base == Path("models/mini-inpainter")


def test_a_revision_as_base_means_its_weights_on_its_own_base(service: Service, request_for: Request) -> None:
    trainer, heard = FakeTrainer(), list[Event]()
    training = service(trainer)
    training.accept(request_for())
    training.jobs.run_pending(heard.append)
    revision = said(heard, ModelTrained)[0].revision  # type: ignore[attr-defined]
    training.accept(request_for("job-2", base=revision))
    training.jobs.run_pending(heard.append)
    assert trainer.plans[1].base == Path("models/mini-inpainter") and trainer.plans[1].start is not None


def test_progress_is_said_every_tenth_and_every_two_seconds() -> None:
    now = [0.0]
    pace = ProgressPace(lambda: now[0])

    def at(step: int, seconds: float) -> bool:
        now[0] = seconds
        return pace.due(Progress(step, 100, 0.5, 1.0, 1.0))

    assert [at(1, 0.0), at(2, 1.0), at(3, 2.5), at(10, 2.6), at(11, 3.0), at(100, 3.1)] == [
        True,
        False,
        True,
        True,
        False,
        True,
    ]


def test_jobs_run_in_the_order_they_came(service: Service, request_for: Request) -> None:
    trainer = FakeTrainer()
    training = service(trainer)
    training.accept(request_for("z", seed=1))
    training.accept(request_for("a", seed=2))
    training.jobs.run_pending(lambda _: None)
    assert [plan.seed for plan in trainer.plans] == [1, 2]


@pytest.mark.parametrize("losses", [(float("nan"), 0.5, 0.5), (float("inf"), 0.5, 0.5)])
def test_a_job_whose_losses_are_no_numbers_ends_and_the_next_one_is_worked_off(
    service: Service, request_for: Request, blobs: MemoryBlobs, losses: tuple[float, ...]
) -> None:
    heard = list[Event]()
    broken, sound = service(FakeTrainer(losses=losses)), service(FakeTrainer())
    broken.accept(request_for())
    (outcome,) = broken.jobs.run_pending(heard.append)
    assert outcome.reason == "loss_not_finite" and "smaller learning rate" in outcome.detail
    assert [event.reason for event in said(heard, TrainingFailed)] == ["loss_not_finite"]  # type: ignore[attr-defined]
    assert json.loads(blobs.get("jobs/job-1/done.json"))["reason"] == "loss_not_finite"
    sound.accept(request_for("job-2"))
    assert [one.reason for one in sound.jobs.run_pending(heard.append)] == ["better"]


@pytest.mark.parametrize("written", [b"{", b"[]", b'{"request": {"job_id": "job-0"}, "received": 0}', b"\xff\x00"])
def test_an_unreadable_request_ends_in_words_and_stops_no_other_job(
    service: Service, request_for: Request, blobs: MemoryBlobs, written: bytes
) -> None:
    heard, training = list[Event](), service(FakeTrainer())
    blobs.put("jobs/job-0/request.json", written, "application/json")
    training.accept(request_for())
    outcomes = training.jobs.run_pending(heard.append)
    assert [outcome.reason for outcome in outcomes] == ["request_unreadable", "better"]
    assert (
        TrainingFailed(
            job_id="job-0",
            reason="request_unreadable",
            detail="what is written in its request.json is no training request",
        )
        in heard
    )
    assert training.jobs.run_pending(heard.append) == ()


@pytest.mark.parametrize("name", ["done.json", "lease-000001.json", "failure-000001.json"])
def test_an_unreadable_note_of_one_job_stops_no_other(
    service: Service, request_for: Request, blobs: MemoryBlobs, name: str
) -> None:
    heard, training = list[Event](), service(FakeTrainer())
    training.accept(request_for())
    training.accept(request_for("job-2"))
    blobs.put(f"jobs/job-1/{name}", b"{broken", "application/json")
    first, second = training.jobs.run_pending(heard.append)
    assert second.reason == "better"
    assert first.reason == ("outcome_unreadable" if name == "done.json" else "better")
    assert training.jobs.run_pending(heard.append) == ()


def test_a_job_that_kills_its_workers_is_given_up_with_that_reason(service: Service, request_for: Request) -> None:
    heard = list[Event]()
    service(FakeTrainer()).accept(request_for())
    for step, worker in enumerate(("one", "two", "three"), 1):
        with pytest.raises(Killed):
            service(FakeTrainer(die_at=step), holder=worker, lease_s=0.05).jobs.run_pending(heard.append)
        time.sleep(0.06)
    trainer = FakeTrainer()
    (outcome,) = service(trainer, holder="four").jobs.run_pending(heard.append)
    assert outcome.reason == "failed_too_often" and trainer.plans == []
    assert outcome.detail == "3 attempts failed; the last: Killed: its worker ended without a word"
    assert isinstance(heard[-1], TrainingFailed)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
        Transient("process_ended", "a process ended without a word: OSError: [Errno 28] No space left on device"),
    ],
)
def test_a_full_disk_is_named_says_what_to_do_and_is_not_filled_further(
    service: Service, request_for: Request, blobs: MemoryBlobs, tmp_path: Path, error: Exception
) -> None:
    trainer, heard = FakeTrainer(), list[Event]()
    trainer.error = error
    training = service(trainer, max_failures=2, retry_after_s=0.0)
    training.accept(request_for())
    assert training.jobs.run_pending(heard.append) == ()
    assert (
        list((tmp_path / "one" / "jobs" / "job-1").iterdir()) == []
    )  # the next try starts from the store's checkpoint
    (outcome,) = training.jobs.run_pending(heard.append)
    assert outcome.reason == "disk_full" and "No space left on device" in outcome.detail
    assert f"free some disk at {tmp_path / 'one'} and ask for the job under another id" in outcome.detail
    assert not (tmp_path / "one" / "jobs" / "job-1").exists()
    assert list(blobs.keys("models/")) == [] and len(said(heard, TrainingFailed)) == 1


class Looking(FakeTrainer):
    """Looks at the end of a training which folders are there."""

    def train(self, plan: TrainingPlan, samples: Path, work: Path, *said: Any) -> TrainedModel:
        """As any other."""
        model = super().train(plan, samples, work, *said)
        self.there = {path for path in (samples, plan.in_use) if path is not None and path.exists()}
        return model


def test_what_earlier_jobs_brought_and_killed_ones_left_makes_room_and_what_a_job_uses_stays(
    service: Service, request_for: Request, blobs: MemoryBlobs, tmp_path: Path
) -> None:
    trainer, root = Looking(), tmp_path / "one"
    training = service(trainer, kept_gb=1e-6)  # room for two of these datasets
    left = root / "jobs" / "killed" / "000001" / "encoded-0"
    left.mkdir(parents=True)
    (left / "latents").write_bytes(b"of a worker that was killed")
    for number in range(1, 5):
        put_dataset(blobs, version=f"000{number}-abc")
        training.accept(request_for(f"job-{number}", dataset_version=f"000{number}-abc", seed=number))
        (outcome,) = training.jobs.run_pending(lambda _: None)
        assert outcome.trained is not None and {trainer.samples[-1], trainer.plans[-1].in_use} - {None} <= trainer.there
        assert not left.exists() and list(root.glob("jobs/*/0*")) == []
    assert [path.name for path in sorted(root.glob("datasets/product/*"))] == ["0003-abc", "0004-abc"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda blobs, key: blobs.stored.pop(key), "shard_missing"),
        (lambda blobs, key: blobs.put(key, b"other bytes", "application/x-tar"), "dataset_changed"),
    ],
)
def test_a_dataset_that_is_not_whole_ends_its_job_by_name_and_the_next_one_is_worked_off(
    service: Service, request_for: Request, blobs: MemoryBlobs, spoil: Any, reason: str
) -> None:
    trainer, heard = FakeTrainer(), list[Event]()
    training = service(trainer)
    put_dataset(blobs, version="0002-def")
    training.accept(request_for())
    training.accept(request_for("job-2", dataset_version="0002-def"))
    spoil(blobs, "datasets/product/0001-abc/shard-00000.tar")
    first, second = training.jobs.run_pending(heard.append)
    assert first.reason == reason and "`backdrop datasets rebuild product 0001-abc`" in first.detail
    assert [failed.reason for failed in said(heard, TrainingFailed)] == [reason]  # type: ignore[attr-defined]
    assert second.reason == "better" and len(trainer.plans) == 1


def test_a_model_is_in_use_only_when_all_of_it_is_stored(
    service: Service, request_for: Request, blobs: MemoryBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, training = list[Event](), service(FakeTrainer())
    training.accept(request_for())
    store = blobs.put_if_absent

    def without_cards(key: str, data: bytes, content_type: str) -> bool:
        if key.endswith("README.md"):
            raise DependencyDown("blobs_full", "the store has no room for a card")
        return store(key, data, content_type)

    with monkeypatch.context() as full:
        full.setattr(blobs, "put_if_absent", without_cards)
        assert training.jobs.run_pending(heard.append) == ()
    assert [key.rsplit("/", 1)[1] for key in blobs.keys("models/")] == [
        "learnt.txt",
        "lora.safetensors",
        "metrics.json",
    ]
    assert said(heard, ModelTrained) == said(heard, ModelPromoted) == []
    (outcome,) = training.jobs.run_pending(heard.append)
    assert (
        outcome.promoted
        and outcome.trained
        and blobs.find(f"models/mini-inpainter/{outcome.trained.revision}/README.md")
    )


def test_a_model_says_whose_products_were_withdrawn_while_it_learnt(
    service: Service, request_for: Request, blobs: MemoryBlobs
) -> None:
    trainer = FakeTrainer()
    trainer.left_out = ("cup", "mug")
    training = service(trainer)
    training.accept(request_for())
    (outcome,) = training.jobs.run_pending(lambda _: None)
    assert outcome.trained
    prefix = f"models/mini-inpainter/{outcome.trained.revision}"
    assert json.loads(blobs.get(f"{prefix}/metrics.json"))["withdrawn_in_training"] == ["cup", "mug"]
    assert b"**Withdrawn while it was trained**: 2 products." in blobs.get(f"{prefix}/README.md")


def test_a_new_model_is_compared_with_the_one_in_use_and_the_last_stage_goes_on_from_it(
    service: Service, request_for: Request
) -> None:
    trainer = FakeTrainer()
    training = service(trainer)
    for number, stage in enumerate(["product", "product", "engaged", "engaged", "product"]):
        training.accept(request_for(f"job-{number}", stage=stage, seed=number))
        training.jobs.run_pending(lambda _: None)
    made = [json.dumps([number, list(range(1, 11))]).encode() for number in range(5)]
    assert [plan.in_use and plan.in_use.read_bytes() for plan in trainer.plans] == [None, *made[:4]]
    assert [plan.start and plan.start.read_bytes() for plan in trainer.plans] == [None, None, made[1], made[2], None]


def test_the_judge_in_use_compares_models_the_installed_one_until_then(
    blobs: MemoryBlobs, request_for: Request, tmp_path: Path
) -> None:
    trainer = FakeTrainer()
    training = assemble(TrainerSettings(work=tmp_path), blobs, {"product": trainer, "judge": trainer})
    for job, stage, model in (("1", "product", "m"), ("2", "judge", "mini-judge"), ("3", "product", "m")):
        training.accept(request_for(job, stage=stage, model=model, seed=int(job)))
        training.jobs.run_pending(lambda _: None)
    judge = json.dumps([2, list(range(1, 11))]).encode()
    assert [plan.judge and plan.judge.read_bytes() for plan in trainer.plans] == [None, None, judge]


def test_a_model_that_did_not_win_is_not_the_one_to_beat(service: Service, request_for: Request) -> None:
    worse, trainer = FakeTrainer(losses=(1.1, 1.2)), FakeTrainer()
    service(worse).accept(request_for())
    service(worse).jobs.run_pending(lambda _: None)
    service(trainer).accept(request_for("job-2", seed=1))
    service(trainer).jobs.run_pending(lambda _: None)
    assert trainer.plans[0].in_use is None
