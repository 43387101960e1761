"""The gateway on the real stack: a photo in by HTTP, options out by link, the projection rebuilt from Kafka."""

import os
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from deploy.local.places import Places
from deploy.local.ports import HOST
from deploy.local.services import environment
from tests.e2e.ad_platform import packshot, pixels
from tests.forks import python

pytestmark = [pytest.mark.e2e, pytest.mark.connected, pytest.mark.timeout(900)]

PATIENCE_S = 300


def until(found: Callable[[], Any]) -> Any:
    """What `found` returns once it is something. Raises TimeoutError."""
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        if result := found():
            return result
        time.sleep(0.5)
    raise TimeoutError


def gateway(stack: Places, *arguments: str) -> str:
    """The gateway's command line, as whoever runs the stack calls it."""
    command = [*python(), "-m", "services.gateway", *arguments]
    variables = {**os.environ, **environment(stack, "gateway")}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def hear(client: httpx.Client, heard: list[str], listens: threading.Event, done: threading.Event) -> None:
    with client.stream("GET", "/v1/events", timeout=PATIENCE_S) as stream:
        listens.set()
        for line in stream.iter_lines():
            if line.startswith("event: "):
                heard.append(line.removeprefix("event: "))
            if done.is_set() or "backdrop.BackgroundGenerated" in heard:
                return


def test_a_photo_comes_in_by_http_and_its_background_goes_out_by_link(stack: Places) -> None:
    address = f"http://{HOST}:{stack.gateway_port}"
    key = gateway(stack, "keys", "create", "--tenant", "acme", "--name", "shop", "--scope", "submit", "--scope", "read")
    client = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_S)
    heard, listens, done = list[str](), threading.Event(), threading.Event()
    listening = threading.Thread(target=hear, args=(client, heard, listens, done), daemon=True)
    listening.start()
    assert listens.wait(PATIENCE_S), "the stream of events does not begin"
    made = client.post(
        "/v1/products", files={"file": ("box.png", packshot(3))}, data={"product_id": "box", "title": "Box"}
    )
    assert made.status_code == 202, made.text
    place = f"/v1/products/{made.json()['product_id']}"
    assert place == "/v1/products/acme::box"
    until(lambda: client.get(place).json()["stage"] == "captioned")
    asked = client.post(f"{place}/backgrounds", json={"prompt": "on a wooden table", "seed": 3})
    request = f"{place}/backgrounds/{asked.json()['request_id']}"
    answer = until(lambda: (said := client.get(request).json())["status"] != "requested" and said)
    assert answer["status"] == "generated", answer
    picture = answer["options"][0]["picture"]
    nobody = httpx.Client(base_url=address, timeout=PATIENCE_S)
    assert pixels(nobody.get(picture["url"]).content).shape == pixels(packshot(3)).shape
    assert nobody.get(picture["thumbnails"]["160"]).headers["content-type"] == "image/webp"
    listening.join(timeout=PATIENCE_S)
    assert heard[0] == "backdrop.ProductSubmitted" and heard[-1] == "backdrop.BackgroundGenerated"

    other = gateway(stack, "keys", "create", "--name", "else", "--scope", "read", "--scope", "operate")
    stranger = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {other}"}, timeout=PATIENCE_S)
    assert stranger.get(place).status_code == 404
    assert stranger.get("/v1/operations").json()["backgrounds"]["generated"] >= 1  # of every tenant, and of other tests

    before = client.get(request).json()
    assert gateway(stack, "rebuild").endswith("events")
    after = client.get(request).json()
    without_links = ("options", "refused")
    assert {name: before[name] for name in before if name not in without_links} == {
        name: after[name] for name in after if name not in without_links
    }
    assert {nobody.get(path).status_code for path in ("/ready", "/metrics", "/live")} == {404}
    probes = f"http://{HOST}:{stack.service_port('gateway')}"
    assert httpx.get(f"{probes}/ready", timeout=PATIENCE_S).text == "ready"
    assert "backdrop_" in httpx.get(f"{probes}/metrics", timeout=PATIENCE_S).text
