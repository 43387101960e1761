"""`make demo` when it is called wrongly: status 2 and a line that says how."""

import subprocess
from pathlib import Path

import pytest

from tests.fakes.answers import PHOTO
from tests.forks import python


def demo(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*python(), "-m", "backdrop.cli", "demo", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=110)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "cup.png").write_bytes(PHOTO)
    return folder


def test_a_missing_folder(tmp_path: Path) -> None:
    result = demo("--photos", tmp_path / "nowhere")
    assert (result.returncode, "there is no folder or file" in result.stdout) == (2, True)


def test_a_folder_without_photos(tmp_path: Path) -> None:
    result = demo("--photos", tmp_path)
    assert (result.returncode, "no photos in" in result.stdout) == (2, True)


def test_an_empty_prompts_file(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("# later\n")
    result = demo("--photos", photos, "--prompts", tmp_path / "prompts.txt")
    assert (result.returncode, "holds no prompt" in result.stdout) == (2, True)


def test_results_cannot_go_into_a_file(photos: Path) -> None:
    result = demo("--photos", photos, "--out", photos / "cup.png")
    assert (result.returncode, "is a file" in result.stdout) == (2, True)
