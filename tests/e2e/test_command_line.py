"""The command line against the whole stack, as the README shows it."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deploy.local.places import Places
from shared.runtime.settings import MinioSettings
from tests.e2e.ad_platform import packshot, pixels
from tests.forks import python

pytestmark = [pytest.mark.e2e, pytest.mark.connected, pytest.mark.timeout(900)]

Backdrop = Callable[..., str]


@pytest.fixture
def backdrop(stack: Places, minio_settings: MinioSettings, tmp_path: Path) -> Backdrop:
    """Run a command in a folder of its own; it must succeed."""
    environment = os.environ | {
        "BACKDROP_KAFKA": stack.bootstrap_servers,
        "BACKDROP_S3": minio_settings.endpoint,
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [*python(), "-m", "backdrop.cli", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_photos_are_submitted_watched_asked_for_again_and_fetched(backdrop: Backdrop, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "box.png").write_bytes(packshot(5))
    (photos / "note.jpg").write_text("hello")
    (photos / "film.gif").write_bytes(b"GIF89a")
    (tmp_path / "prompts.txt").write_text("# first try\non a wooden table, brick wall\n")

    said = backdrop("submit", "photos", "--prompts", "prompts.txt", "--scenes", "2", "--seed", "3")
    assert "submitted 2 photos, 4 scenes asked for" in said
    assert "film.gif is a GIF file" in said
    watched = backdrop("watch", "--timeout", "500")
    assert "box: 2 of 2 scenes made" in watched
    assert "note: 0 of 2 scenes made (the file is not a JPEG, PNG or WebP picture)" in watched

    backdrop("request", "box", "--prompt", "on white marble", "--count", "2")
    assert "3 scenes made, 4 refused" in backdrop("watch", "--timeout", "500")
    fetched = backdrop("fetch", "results")
    assert "results/index.html" in fetched
    check(tmp_path / "results")
    assert "not_an_image" in backdrop("status")


def check(results: Path) -> None:
    lines = [json.loads(line) for line in (results / "results.jsonl").read_text().splitlines()]
    assert [(line["product_id"], line["prompt"], line["status"]) for line in lines] == [
        ("box", "on a wooden table, brick wall", "generated"),
        ("box", None, "generated"),
        ("box", "on white marble", "generated"),
        ("note", "on a wooden table, brick wall", "rejected"),
        ("note", None, "rejected"),
        ("film", "on a wooden table, brick wall", "rejected"),
        ("film", None, "rejected"),
    ]
    assert len(lines[2]["images"]) == 2
    for line in lines[:3]:
        photo, mask = (pixels((results / line[name]).read_bytes()) for name in ("photo", "mask"))
        for image in line["images"]:
            output = pixels((results / image["path"]).read_bytes())
            assert np.array_equal(output[mask == 255], photo[mask == 255])
    assert (results / "photos" / "note.jpg").read_text() == "hello"


def test_an_unknown_product_in_a_request_is_answered_on_the_command_line(backdrop: Backdrop) -> None:
    backdrop("request", "nobody")
    assert "no product 'nobody' has been submitted" in backdrop("watch", "--timeout", "500").replace("\n", " ")
