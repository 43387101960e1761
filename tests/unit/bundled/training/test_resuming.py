"""A training that is ended goes on where it was, and a finished one starts anew."""

from pathlib import Path

import torch
from torch import nn

from bundled.training.resuming import ResumePoint


def steps(file: Path, until: int) -> list[float]:
    """Fit y = 2x up to that step, kept after each; the loss of each step of this call."""
    torch.manual_seed(0)
    line, losses = nn.Linear(1, 1), []
    optimizer = torch.optim.AdamW(line.parameters(), lr=0.1)
    point = ResumePoint(file, {"line": line, "optimizer": optimizer}, every_s=0.0)
    for step in range(point.load(), until):
        x_B1 = torch.randn(8, 1)
        loss = (line(x_B1) - 2 * x_B1).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        point.keep(step + 1)
        losses.append(float(loss.detach()))
    return losses


def test_a_run_in_two_parts_has_the_losses_of_an_unbroken_one(tmp_path: Path) -> None:
    whole = steps(tmp_path / "whole.pt", 8)
    assert steps(tmp_path / "parts.pt", 3) + steps(tmp_path / "parts.pt", 8) == whole


def test_a_run_that_is_over_leaves_nothing_to_go_on_from(tmp_path: Path) -> None:
    steps(tmp_path / "run.pt", 2)
    point = ResumePoint(tmp_path / "run.pt", {})
    point.over()
    point.over()
    assert point.load() == 0


def test_nothing_is_written_before_its_time(tmp_path: Path) -> None:
    point = ResumePoint(tmp_path / "run.pt", {"line": nn.Linear(1, 1)}, every_s=60)
    point.keep(1)
    assert not (tmp_path / "run.pt").exists()
