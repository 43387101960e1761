"""The command line when things are missing: one line that says what to do, never a traceback."""

import socket
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backdrop.cli import app
from backdrop.submitting.submissions import Submissions, SubmittedProduct, new_submission
from tests.fakes.answers import PHOTO

run = CliRunner()


def test_the_commands_are_listed() -> None:
    result = run.invoke(app, ["--help"])
    assert result.exit_code == 0
    assert all(name in result.output for name in ("submit", "request", "watch", "fetch", "status", "styles", "demo"))


def test_it_knows_its_version() -> None:
    result = run.invoke(app, ["--version"])
    assert (result.exit_code, result.output.strip()) == (0, metadata.version("backdrop"))


@pytest.mark.parametrize("command", [["watch"], ["fetch", "results"]])
def test_following_before_anything_was_submitted_says_so(command: list[str], tmp_path: Path) -> None:
    result = run.invoke(app, [*command, "--state", str(tmp_path)])
    assert result.exit_code == 2
    assert "nothing was submitted from here yet" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["missing"], "there is no folder or file"), ([".", "--prompts", "missing.txt"], "no prompts file")],
)
def test_wrong_arguments_are_named(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cup.png").write_bytes(PHOTO)
    result = run.invoke(app, ["submit", *arguments])
    assert result.exit_code == 2
    assert words in result.output.replace("\n", " ")


def test_a_folder_without_photos_is_named(tmp_path: Path) -> None:
    result = run.invoke(app, ["submit", str(tmp_path)])
    assert result.exit_code == 2
    assert "no photos in" in result.output


@pytest.mark.parametrize("command", [["status"], ["request", "cup", "--prompt", "on sand"]])
def test_a_stack_that_is_not_up_is_said_with_the_way_to_start_it(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backdrop.client.PATIENCE_MS", 300)
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{reserved.getsockname()[1]}"
        result = run.invoke(app, [*command, "--kafka", address, "--state", str(tmp_path)])
    assert result.exit_code == 1
    assert f"Kafka does not answer at {address}" in result.output
    assert "make up" in result.output
    assert not list(tmp_path.glob("*.json"))  # what was never asked is not remembered


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["request", ""], "`product_id` of BackgroundRequested: String should have at least 1 character"),
        (["models", "rollback", ""], "`model` of RollbackRequested"),
        (["submit", "cup.png", "--s3", "http://127.0.0.1:9000/x"], "is no host:port of an S3 store"),
        (["submit", "[/]"], "there is no folder or file [/]"),
    ],
)
def test_what_an_option_cannot_be_is_said_in_a_line(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cup.png").write_bytes(PHOTO)
    result = run.invoke(app, arguments)
    assert (result.exit_code, words in result.output) == (2, True), result.output


def test_a_disk_that_refuses_is_told_with_the_file(tmp_path: Path) -> None:
    submission = new_submission((SubmittedProduct(product_id="cup", asked=()),))
    Submissions(tmp_path / "state").save(submission)
    (tmp_path / "state" / f"{submission.id}.json").rename(tmp_path / "kept")
    (tmp_path / "state" / f"{submission.id}.json").mkdir()
    result = run.invoke(app, ["watch", "--state", str(tmp_path / "state")])
    assert (result.exit_code, "Is a directory" in result.output) == (1, True), result.output
