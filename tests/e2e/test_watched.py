"""What an operator sees of the running stack: a real Prometheus, every query with data, every runbook's commands.

The stack is given products, refusals, nonsense and an outage twice, because a rate needs a before and an after.
"""

import itertools
import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.dashboard_pictures import write
from bundled.quick import quick_scenes
from deploy.dashboards.__main__ import BOARDS
from deploy.dashboards.asking import Prometheus
from deploy.dashboards.board import Board
from deploy.local import minio_server, prometheus_server
from deploy.local.places import Places
from deploy.local.processes import log_of, start, stop, wait_until_ready
from shared.contracts.blobs import digest, image_key, mask_key
from shared.contracts.images import encode_image
from tests.conftest import serving
from tests.e2e.ad_platform import AdPlatform, packshot, web_shop
from tests.unit.deploy.test_alerts import ALERTS, RUNBOOKS, recorded

pytestmark = [pytest.mark.e2e, pytest.mark.connected, pytest.mark.slow, pytest.mark.timeout(1200)]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 400
HEARD_BY_US = ("product.submitted.v1", "product.segmented.v1", "product.captioned.v1", "training.requested.v1")


@dataclass
class Watched:
    """A stack that has been through something, and the Prometheus that saw it."""

    places: Places
    prometheus: Prometheus


@pytest.fixture(scope="module")
def watched(stack: Places, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The stack after two rounds of work and faults."""
    with serving(_quick_prometheus, stack):
        prometheus = Prometheus(f"http://127.0.0.1:{stack.prometheus_port}", window="20m")
        platform = AdPlatform(
            bootstrap=stack.bootstrap_servers, endpoint=f"127.0.0.1:{stack.minio_port}", access_key=stack.user,
            secret_key=stack.password, bucket=stack.bucket,
        )  # fmt: skip
        try:
            for number in (1, 2):
                learn(platform, 5 * number)
                work(platform, tmp_path_factory.mktemp("shop"), number)
                outage(stack, platform, number)
            until_settled(prometheus)
            yield Watched(stack, prometheus)
        finally:
            platform.close()


def _quick_prometheus(places: Places) -> Any:
    process = prometheus_server.prometheus(places)
    if process is None:
        pytest.skip("prometheus is not installed") if os.environ.get("CI") != "true" else pytest.fail("no prometheus")
    file = places.var / "prometheus" / "prometheus.yml"
    text = file.read_text().replace("scrape_interval: 5s", "scrape_interval: 1s")
    file.write_text(text.replace("evaluation_interval: 15s", "evaluation_interval: 2s"))
    return process


def learn(platform: AdPlatform, seed: int) -> None:
    """Photos before real scenes whose owners consent, as the captioner tells of them: a dataset, then a training."""
    for number, scene in enumerate(itertools.islice(quick_scenes(seed, 256), 5)):
        name = f"lesson-{number}-{uuid.uuid4().hex[:6]}"
        photo, mask = encode_image(np.asarray(scene.image)), encode_image(np.asarray(scene.mask))
        image = stored(platform, image_key(digest(photo), "png"), photo)
        event = {
            "product_id": name, "image": image, "facts": {"may_train": True}, "scenes": [],
            "segmentation": {
                "mask": stored(platform, mask_key(image["sha256"], "drawn", digest(mask)), mask), "confidence": 1.0,
                "backdrop": "scene", "area": 0.2, "segmenter": "drawn",
            },
            "caption": {
                "product_short": "mug", "product_long": "a mug", "background_short": "wooden table",
                "background_long": "on a wooden table before a brick wall", "captioner": "drawn",
            },
        }  # fmt: skip
        platform.publish("product.captioned.v1", name, event)


def stored(platform: AdPlatform, key: str, data: bytes) -> dict[str, Any]:
    platform.upload(key, data)
    return {
        "bucket": platform.bucket,
        "key": key,
        "sha256": digest(data),
        "size": len(data),
        "content_type": "image/png",
    }


def work(platform: AdPlatform, folder: Path, number: int) -> None:
    """One product by URL, one by key, one that is refused, one nobody knows, and nonsense for every stage."""
    (folder / "box.png").write_bytes(packshot(number))
    platform.upload(f"uploads/box-{number}.png", packshot(number + 10))
    platform.upload(f"uploads/blank-{number}.png", encode_image(np.full((256, 256, 3), 250 - number, np.uint8)))
    for topic in HEARD_BY_US:
        platform.publish(topic, f"nonsense-{number}", {"nonsense": number})
    scene = [{"seed": number, "style": "white marble"}]
    with web_shop(folder) as shop:
        away = {"product_id": f"away-{number}", "image": {"url": "http://127.0.0.1:9/box.png"}}
        by_url = {"product_id": f"url-{number}", "image": {"url": f"{shop}/box.png"}, "scenes": scene}
        by_key = {"product_id": f"key-{number}", "image": {"key": f"uploads/box-{number}.png"}, "scenes": scene}
        blank = {"product_id": f"blank-{number}", "image": {"key": f"uploads/blank-{number}.png"}, "scenes": scene}
        for event in (by_url, by_key, by_key, blank, away):
            platform.publish("product.submitted.v1", event["product_id"], event)
        stranger = {"product_id": f"stranger-{number}", "request_id": uuid.uuid4().hex}
        platform.publish("background.requested.v1", stranger["product_id"], stranger)
        answers = answered(
            platform, by_url["product_id"], by_key["product_id"], blank["product_id"], stranger["product_id"]
        )
    assert {answers[name["product_id"]][0] for name in (blank, stranger)} == {"background.rejected.v1"}
    like(platform, answers[by_url["product_id"]][1])


def answered(platform: AdPlatform, *products: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Topic and event of an answer to each of these products; what is said again is passed over."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    end = time.monotonic() + PATIENCE_S
    while missing := set(products) - set(found):
        assert time.monotonic() < end, f"no answer to {missing}"
        found |= {
            event["product_id"]: (topic, event)
            for topic, event, _ in platform.answers(1, timeout_s=5)
            if "product_id" in event
        }
    return found


def like(platform: AdPlatform, generated: dict[str, Any]) -> None:
    """People meet an option, raters look at it."""
    option = {"product_id": generated["product_id"], "request_id": generated["request_id"]}
    image = generated["images"][0]["image"]
    met = {"impressions": 200, "clicks": 9, "saves": 2, "long_clicks": 4, "style": "white marble"}
    window = {"window_start": "2026-11-01T00:00:00Z", "window_end": "2026-11-02T00:00:00Z"}
    platform.publish("product.engaged.v1", option["product_id"], {**option, **met, **window, "image": image})
    votes = {"raters": 5, "product_defects": 1, "background_defects": 2}
    platform.publish("background.reviewed.v1", option["product_id"], {**option, **votes, "image": image})


def outage(places: Places, platform: AdPlatform, number: int) -> None:
    """The blob store dies while a product is on its way, and comes back."""
    name = f"late-{number}"
    stop("minio", places, patience_s=15)
    event = {"product_id": name, "image": {"key": f"uploads/box-{number}.png"}, "scenes": [{"seed": 5}]}
    platform.publish("product.submitted.v1", name, event)
    time.sleep(4)
    process = minio_server.minio(places)
    start(process, places)
    wait_until_ready(process, places)
    assert answered(platform, name)[name][0] == "background.generated.v1"


def until_settled(prometheus: Prometheus) -> None:
    """Both trainings have ended, and everything was scraped and recorded after it."""
    end = time.monotonic() + PATIENCE_S
    while (
        sum(count for _, count in prometheus.now('backdrop_outcomes_total{service="trainer", outcome="trained"}')) < 2
    ):
        assert time.monotonic() < end, "two trainings did not end"
        time.sleep(1)
    time.sleep(6)


def test_the_dashboards_can_be_looked_at(watched: Watched, tmp_path: Path) -> None:
    """Set DASHBOARD_PICTURES to a folder to have all of them there; one tells whether they can be drawn."""
    folder = os.environ.get("DASHBOARD_PICTURES")
    boards = BOARDS if folder else BOARDS[:1]
    paths = write(replace(watched.prometheus, window="30s"), Path(folder or tmp_path), boards, minutes=4)
    assert len(paths) == len(boards) and all(path.stat().st_size > 10_000 for path in paths)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_every_query_of_every_dashboard_has_data(board: Board, watched: Watched) -> None:
    without = {
        f"{panel.title}: {query.expr}"
        for panel in board.panels()
        for query in panel.queries
        if not watched.prometheus.now(watched.prometheus.filled(query.expr, board))
    }
    assert without == set()


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_everything_an_alert_looks_at_has_data(rule: dict[str, Any], watched: Watched) -> None:
    looked_at = set(re.findall(r"\b(?:backdrop[:_][\w:]+|up)(?:\{[^}]*\})?", rule["expr"]))
    assert looked_at
    assert {name for name in looked_at if not watched.prometheus.now(name)} == set()


def test_everything_recorded_has_data(watched: Watched) -> None:
    assert {name for name in recorded() if not watched.prometheus.now(name)} == set()


def test_dead_letters_of_the_run_are_an_alert(watched: Watched) -> None:
    firing = watched.prometheus.now('ALERTS{alertstate="firing", alertname="DeadLetters"}')
    assert {labels["reason"] for labels, _ in firing} >= {"bad_event"}


def test_a_slow_option_leads_to_its_trace_and_its_log_lines(watched: Watched) -> None:
    exemplars = watched.prometheus.exemplars("backdrop_submitted_to_option_seconds_bucket")
    assert exemplars
    log = log_of("segmenter", watched.places).read_text()
    assert any(f'"trace_id": "{trace}"' in log for trace in exemplars)


def commands() -> list[str]:
    """Every command of every runbook, once."""
    blocks = [
        block
        for page in sorted(RUNBOOKS.glob("*.md"))
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.S)
    ]
    return list(dict.fromkeys(line for block in blocks for line in block.splitlines()))


def here(command: str, places: Places) -> str:
    """A command with the addresses of this stack in place of the usual ones."""
    ports = {"9090": places.prometheus_port, "9000": places.minio_port}
    for number, service in enumerate(("segmenter", "captioner", "curator", "trainer", "inpainter"), 8001):
        ports[str(number)] = places.service_port(service)
    return re.sub(r"http://127\.0\.0\.1:(\d{4})", lambda found: f"http://127.0.0.1:{ports[found[1]]}", command)


def test_the_runbooks_commands_work(watched: Watched) -> None:
    places = watched.places
    ports = {f"LOCAL_{name.upper()}": str(value) for name, value in places.model_dump().items() if "port" in name}
    environment = {
        **os.environ, **ports, "LOCAL_VAR": str(places.var), "KAFKA_BOOTSTRAP_SERVERS": places.bootstrap_servers,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }  # fmt: skip
    assert len(commands()) > 30
    failed = {}
    for command in commands():
        done = subprocess.run(
            here(command, places), shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
        )
        if done.returncode or not done.stdout.strip():
            failed[command] = f"{done.returncode}: {done.stderr[-300:]}"
    assert json.dumps(failed, indent=1) == "{}"
