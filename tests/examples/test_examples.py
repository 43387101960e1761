"""The examples of the documentation, run as their readers run them, against a gateway with stand-in models."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from services.gateway.webhooks.signing import new_secret, signed_headers
from tests.browser.running import RunningStudio
from tests.missing import missing

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
PYTHON = [sys.executable]
EVENT = b'{"id": "e1", "type": "backdrop.BackgroundGenerated", "subject": "mug", "data": {"request_id": "r1"}}'


def program(*names: str) -> list[str]:
    """The first of these, where all are there; else the test is skipped, on CI it fails."""
    absent = [name for name in names if shutil.which(name) is None]
    if absent:
        missing(f"missing: {', '.join(absent)}")
    return [names[0]]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStudio]:
    running = RunningStudio(tmp_path_factory.mktemp("gateway"), tenants=("shop",))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Image.open(ROOT / "samples" / "photos" / "candle-oak.jpg").resize((256, 256)).save(path)
    return path


def run(command: list[str], gateway: RunningStudio, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    known = {"BACKDROP_URL": gateway.url.rstrip("/"), "BACKDROP_KEY": gateway.keys["shop"], "PYTHONPATH": str(ROOT)}
    environment = {**os.environ, **known}
    return subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=100)


def interpreter(example: str) -> list[str]:
    return {"sh": lambda: program("bash", "curl", "jq"), "py": lambda: PYTHON, "mjs": lambda: program("node")}[
        example.rpartition(".")[2]
    ]()


@pytest.mark.parametrize("example", ["curl.sh", "python.py", "javascript.mjs"])
def test_a_photo_becomes_a_downloaded_background(
    example: str, gateway: RunningStudio, photo: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.png"
    command = [*interpreter(example), str(EXAMPLES / example), str(photo), 'on an "oak" table', str(out)]
    done = run(command, gateway)
    assert (done.returncode, done.stdout.strip()) == (0, str(out)), done.stdout + done.stderr
    assert Image.open(out).size == (256, 256)


@pytest.mark.parametrize("example", ["curl.sh", "python.py", "javascript.mjs"])
def test_a_no_of_the_gateway_is_shown(example: str, gateway: RunningStudio, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jpg"
    empty.touch()
    done = run([*interpreter(example), str(EXAMPLES / example), str(empty), "oak", str(tmp_path / "out.png")], gateway)
    assert done.returncode != 0 and "the file is empty" in done.stdout + done.stderr
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize("example", ["webhook_receiver.py", "webhook_receiver.mjs"])
def test_a_receiver_takes_what_the_gateway_signed_and_nothing_else(example: str) -> None:
    secret = new_secret()
    with subprocess.Popen(
        [*interpreter(example), str(EXAMPLES / example), "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "BACKDROP_WEBHOOK_SECRET": secret},
    ) as receiver:
        try:
            assert receiver.stdout is not None
            port = receiver.stdout.readline().split()[1]
            now = int(time.time())
            good = signed_headers(secret, "e1", now, EVENT)
            forged = signed_headers(new_secret(), "e1", now, EVENT)
            assert deliver(port, forged) == 400
            assert deliver(port, signed_headers(secret, "e1", now - 3600, EVENT)) == 400
            assert deliver(port, good, EVENT + b" ") == 400
            assert (deliver(port, good), deliver(port, good)) == (204, 204)
            receiver.terminate()
            assert receiver.stdout.read() == "backdrop.BackgroundGenerated mug r1\n"
        finally:
            receiver.kill()


def deliver(port: str, headers: dict[str, str], body: bytes = EVENT) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_lines_of_the_page_about_clients_run_as_they_stand(
    gateway: RunningStudio, photo: Path, tmp_path: Path
) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "clients.md").read_text(), re.DOTALL | re.MULTILINE)
    photo.rename(tmp_path / "mug.jpg")
    done = run([*PYTHON, "-c", "\n".join(blocks)], gateway, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert Image.open(tmp_path / "option-1.png").size == (256, 256)
    assert "422 not_an_image file" in done.stdout and "backdrop.BackgroundGenerated" in done.stdout, done.stdout
