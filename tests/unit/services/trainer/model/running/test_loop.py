"""The one loop: exact resume, a stop between steps, an end where nothing can be learnt."""

import math
import pickle
from collections.abc import Collection
from pathlib import Path

import pytest
import torch
from torch import nn

from services.trainer.core import Stopped
from services.trainer.model.running.loop import Budget, Group, Heartbeat, Recipe, Spikes, fit
from shared.contracts.errors import Permanent


class Line:
    """A task that can be followed by hand: fit y = 2x."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.module: nn.Module = nn.Linear(1, 1)
        self.groups = [Group(list(self.module.parameters()))]

    def loss(self, step: int, fraction: float) -> torch.Tensor:
        x_B1 = torch.randn(8, 1, generator=torch.Generator().manual_seed(step))
        return (self.module(x_B1) - 2 * x_B1).square().mean()


def test_a_resumed_run_has_the_losses_of_an_unbroken_one(tmp_path: Path):
    recipe = Recipe(0.05, warmup_steps=1, ema=0.9, checkpoint_s=0.0)
    whole = fit(Line(), Budget(steps=20), recipe)

    def stop(beat) -> None:
        if beat.step == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(Line(), Budget(steps=20), recipe, path=tmp_path / "run.pt", report=stop)
    rest = fit(Line(), Budget(steps=20), recipe, path=tmp_path / "run.pt")
    assert rest == whole[-len(rest) :] and 10 < len(rest) < 13


def test_a_budget_without_numbers_is_spent():
    assert Budget().fraction(0, 0.0) == 1.0 and Budget(seconds=10).fraction(0, 5.0) == 0.5


RECIPE = Recipe(0.05, warmup_steps=1, ema=0.0)


class Spiky(Line):
    """The same line, with a loss that is no number at some steps."""

    def __init__(self, spikes: Collection[int], value: float = math.nan) -> None:
        super().__init__()
        self.spikes, self.value = spikes, value

    def loss(self, step: int, fraction: float) -> torch.Tensor:
        return super().loss(step, fraction) * (self.value if step in self.spikes else 1.0)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_step_without_a_finite_loss_teaches_nothing_and_is_not_told_of(value: float) -> None:
    beats = list[Heartbeat]()
    task = Spiky({3, 7}, value)
    fit(task, Budget(steps=60), RECIPE, report=beats.append)
    assert [beat.step for beat in beats] == [step for step in range(1, 61) if step not in (4, 8)]
    assert all(math.isfinite(beat.loss) for beat in beats)
    (weight, _) = task.module.state_dict().values()
    assert weight.item() == pytest.approx(2.0, abs=0.2)


def test_a_run_that_only_spikes_ends_with_its_reason() -> None:
    steps = list[int]()
    task = Spiky(range(2, 1000))
    with pytest.raises(Permanent, match="5 steps in a row, up to step 7, had no finite loss") as ended:
        fit(task, Budget(steps=1000), RECIPE, report=lambda beat: steps.append(beat.step))
    assert ended.value.reason == "loss_not_finite" and steps == [1, 2]


def test_a_stop_is_seen_between_steps_and_keeps_the_last_one(tmp_path: Path) -> None:
    path, whole, steps = tmp_path / "run.pt", fit(Line(), Budget(steps=9), RECIPE), list[int]()
    with pytest.raises(Stopped):
        fit(
            Line(),
            Budget(steps=9),
            RECIPE,
            path=path,
            stop=lambda: len(steps) == 3,
            report=lambda beat: steps.append(beat.step),
        )
    assert fit(Line(), Budget(steps=9), RECIPE, path=path) == whole[4:]


def test_a_run_that_is_through_is_not_stopped_any_more() -> None:
    assert len(fit(Line(), Budget(steps=1), RECIPE, stop=lambda: True)) == 1


def test_a_step_far_beyond_the_others_teaches_nothing_though_its_loss_is_finite() -> None:
    told = Spikes()
    assert [told.is_one(1.0) for _ in range(20)] == [False] * 20
    assert told.is_one(50.0) and not told.is_one(2.0)


def test_what_lasts_is_no_spike() -> None:
    told = Spikes([1.0] * 20)
    assert [told.is_one(50.0) for _ in range(8)] == [True] * 4 + [False] * 4


def test_two_batches_of_one_step_are_averaged() -> None:
    one, two = Line(), Line()
    fit(one, Budget(steps=3), Recipe(0.05, warmup_steps=1, ema=0.0, accumulate=2))

    class Both(Line):
        def loss(self, step: int, fraction: float) -> torch.Tensor:
            return (two.loss(2 * step, fraction) + two.loss(2 * step + 1, fraction)) / 2

    both = Both()
    both.module, both.groups = two.module, two.groups
    fit(both, Budget(steps=3), RECIPE)
    for a, b in zip(one.module.parameters(), two.module.parameters(), strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("content", [b"", b"no checkpoint", pickle.dumps({"module": print})])
def test_a_checkpoint_that_is_none_ends_the_run_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.pt").write_bytes(content)
    with pytest.raises(Permanent) as ended:
        fit(Line(), Budget(steps=1), RECIPE, path=tmp_path / "run.pt")
    assert ended.value.reason == "checkpoint_does_not_fit"


def test_a_checkpoint_of_another_layout_ends_the_run_by_name(tmp_path: Path) -> None:
    fit(Line(), Budget(steps=1), RECIPE, path=tmp_path / "run.pt")
    other = Line()
    other.module = nn.Linear(2, 1)
    other.groups = [Group(list(other.module.parameters()))]
    with pytest.raises(Permanent, match="none of this model") as ended:
        fit(other, Budget(steps=2), RECIPE, path=tmp_path / "run.pt")
    assert ended.value.reason == "checkpoint_does_not_fit"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_a_full_disk_is_told_as_one_and_leaves_the_last_checkpoint_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    fit(Line(), Budget(steps=1), RECIPE, path=path)
    kept = path.read_bytes()
    path.with_suffix(".part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device"):
        fit(Line(), Budget(steps=2), RECIPE, path=path)
    assert path.read_bytes() == kept
