"""However a demo goes, it ends within seconds, writes what is there, says what is missing, and its code tells."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 150  # a busy machine's start of Python, eight seconds of silence, the end; a part hangs for ever

pytestmark = pytest.mark.timeout(2 * LIMIT_S)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two photos of a dark square on a light ground."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, shade in enumerate((40, 90)):
        pixels = np.full((400, 400, 3), 240, np.uint8)
        pixels[100:300, 100:300] = shade
        Image.fromarray(pixels).save(folder / f"box-{number}.png")
    return folder


@contextmanager
def started(fault: str, photos: Path, out: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.pipeline.faulty_demo", fault, str(photos), str(out)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def ran(fault: str, photos: Path, out: Path) -> tuple[int, str]:
    with started(fault, photos, out) as process:
        said, _ = process.communicate(timeout=LIMIT_S)
        return process.returncode, said


def answers(out: Path) -> dict[str, str | None]:
    """Reason of each product's scene; None where there is a picture."""
    lines = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    return {line["product_id"]: line["reason"] for line in lines}


def verdict(out: Path) -> str:
    return str(json.loads((out / "learning.json").read_text())["verdict"])


def test_a_run_without_fault_ends_with_zero(photos: Path, tmp_path: Path) -> None:
    code, said = ran("none", photos, tmp_path / "out")
    assert code == 0, said
    assert answers(tmp_path / "out") == {"box-0": None, "box-1": None}
    assert "took over" in verdict(tmp_path / "out") and "missing" not in said
    assert re.search(r"loading models \d:\d\d, serving \d:\d\d, learning \d:\d\d, page \d:\d\d", said)
    assert (tmp_path / "out" / "index.html").is_file() and not (tmp_path / "out" / ".work").exists()


def test_a_trainer_that_hangs_costs_no_picture(photos: Path, tmp_path: Path) -> None:
    code, said = ran("a trainer that hangs", photos, tmp_path / "out")
    assert code == 3, said
    assert answers(tmp_path / "out") == {"box-0": None, "box-1": None}
    assert "missing: what was learned (a trained model did not come: nothing was heard for 8 s)" in said
    assert verdict(tmp_path / "out").startswith("It ended early: a trained model did not come")
    assert "on white marble" in (tmp_path / "out" / "index.html").read_text()


def test_a_segmenter_that_waits_costs_its_own_photo_only(photos: Path, tmp_path: Path) -> None:
    code, said = ran("a segmenter that waits", photos, tmp_path / "out")
    assert code == 3, said
    assert answers(tmp_path / "out") == {"box-0": None, "box-1": "silence"}
    assert "missing: 1 scenes (an answer did not come: nothing was heard for 8 s)" in said
    assert (tmp_path / "out" / "index.html").is_file()


def test_a_service_that_cannot_start_is_named_and_the_photos_are_on_the_page(photos: Path, tmp_path: Path) -> None:
    code, said = ran("a service that cannot start", photos, tmp_path / "out")
    assert code == 1, said
    assert "the inpainter could not start: models/mini-judge is not there" in said
    assert set(answers(tmp_path / "out").values()) == {"silence"}
    assert "box-1" in (tmp_path / "out" / "index.html").read_text()


def test_an_event_loop_that_stands_still_holds_nobody_up(photos: Path, tmp_path: Path) -> None:
    code, said = ran("an event loop that stands still", photos, tmp_path / "out")
    assert code == 1, said
    assert "the broker did not answer" in said
    assert (tmp_path / "out" / "index.html").is_file()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_middle_ends_it_with_what_is_there(
    photos: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    out = tmp_path / "out"
    with started("a trainer that hangs", photos, out) as process:
        limit = time.monotonic() + LIMIT_S
        while not (out / "index.html").is_file() and time.monotonic() < limit:
            time.sleep(0.02)
        process.send_signal(number)
        said, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == code, said
    assert answers(out) == {"box-0": None, "box-1": None}
    assert verdict(out) == "It ended early: the run was stopped."
