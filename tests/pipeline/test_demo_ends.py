"""However a demo goes, it ends within seconds, writes what is there, says what is missing, and its code tells."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.forks import python

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 200  # a busy machine's start of Python, twenty seconds of silence, the end; a part hangs for ever
FAULTS = (
    "none", "a trainer that hangs", "a segmenter that waits", "a service that cannot start",
    "an event loop that stands still",
)  # fmt: skip
SIGNALS = (signal.SIGINT, signal.SIGTERM)

pytestmark = pytest.mark.timeout(2 * LIMIT_S)


@dataclass(frozen=True)
class Ended:
    """A demo that is over: its exit code, all it printed, its folder."""

    code: int
    said: str
    out: Path


Demos = Mapping[str | signal.Signals, "Future[Ended]"]


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demos]:
    """One demo for each fault and one for each signal. They wait in silence, so they wait together."""
    folder = tmp_path_factory.mktemp("demos")
    photos = _photos(folder / "photos")
    with ThreadPoolExecutor(len(FAULTS) + len(SIGNALS)) as pool:
        yield {
            **{fault: pool.submit(_run, fault, photos, folder / fault) for fault in FAULTS},
            **{number: pool.submit(_run, FAULTS[1], photos, folder / number.name, number) for number in SIGNALS},
        }


def _photos(folder: Path) -> Path:
    """Two photos of a dark square on a light ground."""
    folder.mkdir()
    for number, shade in enumerate((40, 90)):
        pixels = np.full((200, 200, 3), 240, np.uint8)
        pixels[50:150, 50:150] = shade
        Image.fromarray(pixels).save(folder / f"box-{number}.png")
    return folder


def _run(fault: str, photos: Path, out: Path, number: signal.Signals | None = None) -> Ended:
    """A demo from its start to its end, by a signal in the middle where one is given."""
    command = [*python(), "-m", "tests.pipeline.faulty_demo", fault, str(photos), str(out)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        if number is not None:
            _wait_for(out / "index.html", process)
            process.send_signal(number)
        said, _ = process.communicate(timeout=LIMIT_S)
        return Ended(process.returncode, said, out)
    finally:
        process.kill()
        process.wait()


def _wait_for(page: Path, process: "subprocess.Popen[str]") -> None:
    """Until the page is there, or never will be."""
    limit = time.monotonic() + LIMIT_S
    while not page.is_file() and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.02)


def answers(out: Path) -> dict[str, str | None]:
    """Reason of each product's scene; None where there is a picture."""
    lines = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    return {line["product_id"]: line["reason"] for line in lines}


def verdict(out: Path) -> str:
    return str(json.loads((out / "learning.json").read_text())["verdict"])


def test_a_run_without_fault_ends_with_zero(demos: Demos) -> None:
    demo = demos["none"].result()
    assert demo.code == 0, demo.said
    assert answers(demo.out) == {"box-0": None, "box-1": None}
    assert "took over" in verdict(demo.out) and "missing" not in demo.said
    assert re.search(r"loading models \d:\d\d, serving \d:\d\d, learning \d:\d\d, page \d:\d\d", demo.said)
    assert (demo.out / "index.html").is_file() and not (demo.out / ".work").exists()


def test_a_trainer_that_hangs_costs_no_picture(demos: Demos) -> None:
    demo = demos["a trainer that hangs"].result()
    assert demo.code == 3, demo.said
    assert answers(demo.out) == {"box-0": None, "box-1": None}
    assert "missing: what was learned (a trained model did not come: nothing was heard for 20 s)" in demo.said
    assert verdict(demo.out).startswith("It ended early: a trained model did not come")
    assert "on white marble" in (demo.out / "index.html").read_text()


def test_a_segmenter_that_waits_costs_its_own_photo_only(demos: Demos) -> None:
    demo = demos["a segmenter that waits"].result()
    assert demo.code == 3, demo.said
    assert answers(demo.out) == {"box-0": None, "box-1": "silence"}
    assert "missing: 1 scenes (an answer did not come: nothing was heard for 20 s)" in demo.said
    assert (demo.out / "index.html").is_file()


def test_a_service_that_cannot_start_is_named_and_the_photos_are_on_the_page(demos: Demos) -> None:
    demo = demos["a service that cannot start"].result()
    assert demo.code == 1, demo.said
    assert "the inpainter could not start: models/mini-judge is not there" in demo.said
    assert set(answers(demo.out).values()) == {"silence"}
    assert "box-1" in (demo.out / "index.html").read_text()


def test_an_event_loop_that_stands_still_holds_nobody_up(demos: Demos) -> None:
    demo = demos["an event loop that stands still"].result()
    assert demo.code == 1, demo.said
    assert "the broker did not answer" in demo.said
    assert (demo.out / "index.html").is_file()


@pytest.mark.parametrize(("number", "code"), zip(SIGNALS, (130, 143), strict=True))
def test_a_signal_in_the_middle_ends_it_with_what_is_there(demos: Demos, number: signal.Signals, code: int) -> None:
    demo = demos[number].result()
    assert demo.code == code, demo.said
    assert answers(demo.out) == {"box-0": None, "box-1": None}
    assert verdict(demo.out) == "It ended early: the run was stopped."
