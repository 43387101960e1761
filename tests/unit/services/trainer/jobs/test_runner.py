"""The worker: resumes, never runs a job twice at once, announces once, promotes only what is better."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from services.trainer.app import Training
from services.trainer.core import Progress
from services.trainer.jobs.ledger import Outcome
from services.trainer.jobs.runner import Pace
from shared.contracts.blobs import digest
from shared.contracts.errors import DependencyDown, Permanent, Transient
from shared.contracts.events import Event, ModelPromoted, ModelTrained, TrainingProgressed, TrainingRequested
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.trainer import FakeTrainer, Killed

Service = Callable[..., Training]
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
    assert promoted.key == "mini-inpainter"
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
    import time

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
    training = service(FakeTrainer(loss=1.01, loss_of_base=1.0))
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


def test_a_permanent_error_ends_the_job_with_its_reason(service: Service, request_for: Request) -> None:
    trainer, heard = FakeTrainer(), list[Event]()
    trainer.error = Permanent("rank_too_high", "the adapter is larger than the layer")
    training = service(trainer)
    training.accept(request_for())
    (outcome,) = training.jobs.run_pending(heard.append)
    assert (outcome.reason, outcome.detail) == ("rank_too_high", "the adapter is larger than the layer")
    assert said(heard, ModelTrained) == [] and training.jobs.run_pending(heard.append) == ()


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
    pace = Pace(lambda: now[0])

    def at(step: int, seconds: float) -> bool:
        now[0] = seconds
        return pace.due(Progress(step, 100, 0.5, 1.0, 1.0))

    assert [at(1, 0.0), at(2, 1.0), at(3, 2.5), at(10, 2.6), at(11, 3.0), at(100, 3.1)] == [
        True, False, True, True, False, True,
    ]  # fmt: skip


def test_jobs_run_in_the_order_they_came(service: Service, request_for: Request) -> None:
    trainer = FakeTrainer()
    training = service(trainer)
    training.accept(request_for("z", seed=1))
    training.accept(request_for("a", seed=2))
    training.jobs.run_pending(lambda _: None)
    assert [plan.seed for plan in trainer.plans] == [1, 2]
