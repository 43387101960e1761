"""The script that makes the bundled family: every command of it can be called, is done once, and stands on its card."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from bundled.quick import __main__ as quick
from bundled.studio import __main__ as studio
from bundled.training import judge, probe
from bundled.training.captioner import train as captioner
from bundled.training.inpainter import train as inpainter
from bundled.training.segmenter import train as segmenter

ROOT = Path(__file__).parents[3]
COMMANDS = {
    "bundled.studio": studio.arguments, "bundled.quick": quick.arguments,
    "bundled.training.segmenter": segmenter.arguments,
    "bundled.training.probe": probe.arguments, "bundled.training.captioner": captioner.arguments,
    "bundled.training.judge": judge.arguments, "bundled.training.inpainter": inpainter.arguments,
}  # fmt: skip


def script(tmp_path: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the family's script in a folder of its own, with something else in Python's place."""
    (tmp_path / "bundled").mkdir(exist_ok=True)
    shutil.copy(ROOT / "bundled" / "family.sh", tmp_path / "bundled")
    settings = {"PATH": "/usr/bin:/bin", "PYTHON": "echo", "STUDIO": "echo", **environment}
    command = ["bash", "bundled/family.sh", *words]
    return subprocess.run(command, cwd=tmp_path, env=settings, capture_output=True, text=True, timeout=60, check=False)


def commands(done: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """What Python would have been called with: module and words."""
    return [shlex.split(line)[1:] for line in done.stdout.splitlines() if line.startswith("-m ")]


@pytest.mark.parametrize("size", [{}, {"SMALL": "1"}], ids=["whole", "small"])
def test_every_command_of_the_script_takes_the_words_it_is_given(tmp_path: Path, size: dict[str, str]) -> None:
    called = commands(script(tmp_path, **size))
    assert [module for module, *_ in called].count("bundled.studio") == 4 and len(called) == 10
    for module, *words in called:
        COMMANDS[module](words)


@pytest.mark.parametrize("model", ["segmenter", "captioner", "probe", "judge", "inpainter"])
def test_the_card_of_each_model_names_the_command_that_the_script_runs(tmp_path: Path, model: str) -> None:
    (run,) = [" ".join(words) for words in commands(script(tmp_path, "models")) if words[0].endswith(f".{model}")]
    assert f"python -m {run}" in (ROOT / "models" / f"mini-{model}" / "README.md").read_text()


def test_a_part_that_fails_ends_the_script_and_is_tried_again_and_what_is_done_is_not(tmp_path: Path) -> None:
    fails_once = tmp_path / "python"
    captioner_fails = "*captioner*) [ -e again ] || { touch again; exit 7; };;"
    fails_once.write_text(f'#!/bin/sh\necho "$*"\ncase "$*" in {captioner_fails} esac\n')
    fails_once.chmod(0o755)
    first, second = (script(tmp_path, PYTHON=str(fails_once)) for _ in range(2))
    assert first.returncode == 7 and commands(first)[-1][0] == "bundled.training.captioner"
    assert second.returncode == 0
    assert [module for module, *_ in commands(second)] == [
        "bundled.training.captioner",
        "bundled.training.judge",
        "bundled.training.inpainter",
    ]
    assert "== probe is done" in second.stdout


def test_a_part_may_not_take_longer_than_it_was_given(tmp_path: Path) -> None:
    sleeps = tmp_path / "python"
    sleeps.write_text("#!/bin/sh\nexec sleep 30\n")
    sleeps.chmod(0o755)
    assert script(tmp_path, PYTHON=str(sleeps), STUDIO="false", LONGEST="0.2s").returncode == 124


def test_a_family_made_small_never_replaces_the_committed_weights(tmp_path: Path) -> None:
    refused = script(tmp_path, "models", SMALL="1")
    assert refused.returncode == 2 and "committed weights" in refused.stderr


def test_without_the_renderer_the_segmenter_learns_from_drawings_alone(tmp_path: Path) -> None:
    called = commands(script(tmp_path, STUDIO="false"))
    assert all(module != "bundled.studio" and "--shards" not in words for module, *words in called)
