"""Several processes are one with a larger batch: the same losses, the same model; and they end when they shall."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from services.trainer.core import HELD_OUT, Progress, Stopped, TrainedModel, TrainingPlan
from services.trainer.model.diffusion_trainer import DiffusionTrainer
from services.trainer.model.means import Means
from services.trainer.model.running import process, processes
from services.trainer.model.running.process import heard, model_of, model_to, plan_of, plan_to, told
from services.trainer.model.running.processes import SeveralProcesses
from services.trainer.promotion import Paired
from shared.contracts.errors import Permanent


@pytest.fixture
def plan(base: Path) -> TrainingPlan:
    return TrainingPlan(
        stage="product",
        base=base,
        steps=3,
        batch=2,
        rank=2,
        learning_rate=2e-3,
        size=64,
        seed=3,
        seen=frozenset("x"),
    )


def test_what_travels_between_processes_arrives_as_it_was(plan: TrainingPlan, tmp_path: Path) -> None:
    assert plan_of(plan_to(plan)) == plan
    model = TrainedModel(
        tmp_path / "w", {"a": 0.1}, {"loss": Paired((0.1,), (0.2,))}, frozenset({"k"}), ("p",), tmp_path / "s.png"
    )
    assert model_of(model_to(model)) == model


def test_a_process_that_heeds_no_word_is_stopped_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE_S", 0.05)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-S", "-c", deaf], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None and running.stdout.readline()
        processes._end(running, tmp_path)
    assert running.returncode == -signal.SIGKILL and (tmp_path / process.STOP).exists()


@pytest.fixture
def one_thread() -> Iterator[None]:
    """As the processes have: with more the sums of a layer are taken in another order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def direction(model: TrainedModel) -> torch.Tensor:
    """Where the run took what begins at zero: with AdamW's first steps, the signs of the gradients."""
    weights = load_file(model.weights)
    return torch.cat([weight.flatten() for name, weight in sorted(weights.items()) if "lora_B" in name])


@pytest.mark.slow
@pytest.mark.timeout(600)  # it starts Python and torch twice, on a machine that may be busy
@pytest.mark.usefixtures("one_thread")
def test_two_processes_have_the_losses_of_one_at_the_same_batch(
    plan: TrainingPlan, samples: Path, tmp_path: Path
) -> None:
    """The first loss is the same but for rounding. From the first update on rounding decides the sign of gradients near
    zero, and AdamW takes a whole step either way: then the direction is compared (0.85 where a half is not heard).
    """
    losses: list[list[float]] = [[], []]
    alone = DiffusionTrainer(Means(at_once=1))  # two passes of one sample are one step
    one = alone.train(plan, samples, tmp_path / "one", lambda now: losses[0].append(now.loss))
    both = SeveralProcesses(2, Means(at_once=1), threads=1)
    two = both.train(plan, samples, tmp_path / "two", lambda now: losses[1].append(now.loss))
    assert losses[0][-3] == pytest.approx(losses[1][-3], rel=1e-4)
    assert losses[0][-2:] == pytest.approx(losses[1][-2:], rel=0.05)
    assert two.metrics[HELD_OUT] == pytest.approx(one.metrics[HELD_OUT], rel=0.05)
    assert torch.cosine_similarity(direction(one), direction(two), dim=0) > 0.95
    assert two.learnt == one.learnt and two.weights.is_file()


@pytest.mark.slow  # torch comes in twice more
@pytest.mark.timeout(600)
def test_a_refusal_comes_back_with_its_reason_and_a_stop_as_a_stop(
    plan: TrainingPlan, samples: Path, tmp_path: Path
) -> None:
    with pytest.raises(Permanent) as refused:
        SeveralProcesses(1, threads=1).train(replace(plan, size=50), samples, tmp_path / "a", lambda _: None)
    assert refused.value.reason == "size_unusable"
    with pytest.raises(Stopped):
        SeveralProcesses(1, threads=1).train(plan, samples, tmp_path / "b", lambda _: None, lambda: True)


def test_progress_is_a_line() -> None:
    now = Progress(1, 2, 0.5, 1.0, float("inf"), None, (Path("/a.png"),))
    assert heard(told(now)) == now
