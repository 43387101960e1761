"""`make demo` with the bundled models, from a folder with good and bad photos to the page.

On a processor that knows AVX2 alone, as most laptops do: whatever this one can, the demo must end there, in a verdict.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.ports import free_ports
from tests.fakes.studio import blank, disc, with_product

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = ("mini-segmenter", "mini-captioner", "mini-inpainter", "mini-judge", "mini-probe")

AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
FEW = {"TRAINER_PAINTS": "2"}  # pictures that two models compare themselves in: two make a verdict as eight do

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What a run says, and its results."""
    absent = [name for name in BUNDLED if not any((ROOT / "models" / name).glob("*.json"))]
    assert not absent, f"bundled models are missing: {absent}"
    folder = tmp_path_factory.mktemp("demo")
    photos = folder / "photos"
    photos.mkdir()
    Image.fromarray(with_product(blank(), disc(), (200, 30, 40))).save(photos / "ball.png")
    Image.new("RGB", (1, 1)).save(photos / "dot.png")
    Image.new("1", (20_000, 10_000)).save(photos / "huge.png")
    (photos / "note.jpg").write_text("hello")
    (photos / "cut.jpg").write_bytes((ROOT / "samples/photos/mug-terracotta.jpg").read_bytes()[:9000])
    (folder / "prompts.txt").write_text("on a wooden table, brick wall\n")
    command = [sys.executable, "-m", "backdrop.cli", "demo", "--photos", photos, "--out", folder / "out",
               "--prompts", folder / "prompts.txt", "--steps", "4"]  # fmt: skip
    (port,) = free_ports(1)
    with scraped(port, folder / "metrics.txt"):
        done = subprocess.run(
            [*map(str, command)],
            cwd=ROOT,
            env=os.environ | AVX2 | FEW | {"EMBEDDED_METRICS_PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=850,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, folder / "out"


@contextmanager
def scraped(port: int, file: Path) -> Iterator[None]:
    """Keep what /metrics answered last."""
    over = threading.Event()

    def scrape() -> None:
        with httpx.Client(trust_env=False) as client:
            while not over.wait(1.0):
                with suppress(httpx.HTTPError):
                    file.write_text(client.get(f"http://127.0.0.1:{port}/metrics").text)

    thread = threading.Thread(target=scrape, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=10)


def lines_of(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]


def test_every_photo_gets_its_prompt_and_ideas_up_to_three_scenes(demo: tuple[str, Path]) -> None:
    lines = lines_of(demo[1])
    asked = [line["prompt"] for line in lines if line["product_id"] == "ball"]
    assert asked == ["on a wooden table, brick wall", None, None]
    assert len(lines) == 15
    assert {line["status"] for line in lines if line["product_id"] == "ball"} == {"generated"}


def test_each_bad_photo_is_refused_with_its_reason_and_a_copy_of_its_bytes(demo: tuple[str, Path]) -> None:
    said, out = demo
    reasons = {line["product_id"]: line["reason"] for line in lines_of(out) if line["status"] == "rejected"}
    assert reasons == {
        "cut": "image_broken",
        "dot": "image_too_small",
        "huge": "image_too_large",
        "note": "not_an_image",
    }
    assert all(f"refused: {name}" in said for name in reasons)
    assert (out / "photos" / "note.jpg").read_text() == "hello"


def test_outputs_have_the_photos_size_and_its_very_product_pixels(demo: tuple[str, Path]) -> None:
    out = demo[1]
    lines = [line for line in lines_of(out) if line["images"]]
    assert len(lines) == 3
    for line in lines:
        photo, mask = (np.asarray(Image.open(out / line[name])) for name in ("photo", "mask"))
        assert set(np.unique(mask)) == {0, 255} and mask.shape == photo.shape[:2]
        for image in line["images"]:
            output = np.asarray(Image.open(out / image["path"]))
            assert (image["height"], image["width"]) == output.shape[:2] == photo.shape[:2]
            assert np.array_equal(output[mask == 255], photo[mask == 255])


def test_it_learns_on_the_way_and_says_from_what(demo: tuple[str, Path]) -> None:
    learning = json.loads((demo[1] / "learning.json").read_text())
    assert learning["samples"] >= 8
    assert learning["steps"] == 4 and learning["metrics"]["held_samples"] >= 4
    assert learning["verdict"].startswith(f"Revision {learning['revision']} is ")
    assert "the project draws itself" in learning["source"]
    assert ("took over" in learning["verdict"]) == learning["promoted"] == bool(learning["pairs"])


def test_it_ends_with_the_paths_of_page_and_lines_and_leaves_no_scratch_behind(demo: tuple[str, Path]) -> None:
    said, out = demo
    assert said.split()[-2:] == [str(out / "index.html"), str(out / "results.jsonl")]
    assert "3 scenes made, 12 refused" in said
    assert (out / "index.html").is_file() and not (out / ".work").exists()


def test_the_metrics_of_all_its_services_are_on_one_page_as_on_a_stack(demo: tuple[str, Path]) -> None:
    text = (demo[1].parent / "metrics.txt").read_text()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    seen = {name for sample in samples if (name := sample.labels.get("service"))}
    assert seen >= {"segmenter", "captioner", "curator", "trainer", "inpainter"}
    total = {name: sum(one.value for one in samples if one.name == name) for name in {one.name for one in samples}}
    for name in (
        "backdrop_handler_seconds_count",
        "backdrop_queue_age_seconds_count",
        "backdrop_model_seconds_count",
        "backdrop_store_seconds_count",
        "backdrop_outcomes_total",
        "backdrop_submitted_to_option_seconds_count",
        "backdrop_candidates_total",
        "backdrop_training_steps",
        "process_resident_memory_bytes",
    ):
        assert total.get(name, 0) > 0, name
