"""What an operator's shell is told of the stack, and that the commands of the day are there to be run."""

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backdrop.cli import app
from deploy.local.places import apart
from deploy.local.services import environment, operators_environment, shell_lines

ROOT = Path(__file__).resolve().parents[4]
UPKEEP = ROOT / "docs" / "upkeep.md"


def commands_of_the_day() -> list[str]:
    """Every command of the table in docs/upkeep.md."""
    return re.findall(r"^\|[^|]+\| `([^`]+)` \|$", UPKEEP.read_text(), re.M)


def test_a_shell_reads_what_it_is_told_as_it_is_meant(tmp_path: Path) -> None:
    places = apart(tmp_path)
    script = "; ".join([*shell_lines(places), "env -0"])
    done = subprocess.run(["sh", "-c", script], env={}, capture_output=True, text=True, check=True)
    said = dict(line.split("=", 1) for line in done.stdout.split("\0") if line)
    wanted = dict(operators_environment(places)) | {"GATEWAY_SECRET": environment(places, "gateway")["GATEWAY_SECRET"]}
    assert {name: said.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("command", [command for command in commands_of_the_day() if command.startswith("python")])
def test_a_module_of_the_table_is_there(command: str) -> None:
    assert importlib.util.find_spec(command.split()[2]) is not None


@pytest.mark.parametrize("command", [command for command in commands_of_the_day() if command.startswith("backdrop")])
def test_a_command_of_the_table_takes_its_words(command: str) -> None:
    said = CliRunner().invoke(app, [*command.split()[1:], "--help"])
    assert (said.exit_code, "usage: " in said.output.lower()) == (0, True)


def test_a_plan_needs_no_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (command,) = [command for command in commands_of_the_day() if command.startswith("backdrop plan")]
    said = CliRunner().invoke(app, command.split()[1:])
    assert said.exit_code == 0 and "inpainter" in said.output
