"""The deployment as others see it: plain JSON in over Kafka, pictures out of the object store."""

import time
import uuid
from pathlib import Path

import httpx
import numpy as np
import pytest

from deploy.local.places import Places
from tests.e2e.ad_platform import AdPlatform, packshot, pixels, web_shop

pytestmark = [pytest.mark.e2e, pytest.mark.connected, pytest.mark.timeout(900)]

PATIENCE_S = 300


def test_products_by_url_and_by_key_come_back_as_backgrounds_with_the_product_untouched(
    platform: AdPlatform, tmp_path: Path
) -> None:
    (tmp_path / "box.png").write_bytes(packshot(1))
    platform.upload("uploads/shop/box-2.png", packshot(2))
    scenes = [{"prompt": "on a wooden table, brick wall", "seed": 11}, {}]
    with web_shop(tmp_path) as shop:
        by_url = {"product_id": "box-1", "image": {"url": f"{shop}/box.png"}, "scenes": scenes, "colour": "unknown"}
        by_key = {"product_id": "box-2", "image": {"key": "uploads/shop/box-2.png"}, "scenes": scenes[:1]}
        platform.publish("product.submitted.v1", "box-1", by_url)
        platform.publish("product.submitted.v1", "box-2", by_key)
        answers = platform.answers(3, timeout_s=PATIENCE_S)
    assert [topic for topic, _, _ in answers] == ["background.generated.v1"] * 3
    assert sorted(event["product_id"] for _, event, _ in answers) == ["box-1", "box-1", "box-2"]
    for _, event, headers in answers:
        assert headers["ce_type"] == "backdrop.BackgroundGenerated" and headers["ce_specversion"] == "1.0"
        check_untouched(platform, event, packshot(int(event["product_id"][-1])))
    assert answers[0][1]["images"][0]["prompt"] == "on a wooden table, brick wall"


def check_untouched(platform: AdPlatform, event: dict, submitted: bytes) -> None:
    photo, mask = pixels(submitted), pixels(platform.fetch(event["mask"]))
    assert mask.shape == photo.shape[:2]
    assert set(np.unique(mask)) == {0, 255}
    for image in event["images"]:
        output = pixels(platform.fetch(image["image"]))
        assert output.shape == photo.shape
        assert np.array_equal(output[mask == 255], photo[mask == 255])
        assert not np.array_equal(output[mask == 0], photo[mask == 0])
        assert set(image["scores"]) == {"expansion", "shrinkage", "seam", "adherence", "judge"}


def test_one_more_scene_of_a_known_product_and_of_an_unknown_one(platform: AdPlatform) -> None:
    platform.upload("uploads/shop/box-3.png", packshot(3))
    known = {"product_id": "box-3", "image": {"key": "uploads/shop/box-3.png"}, "scenes": [{"seed": 5}]}
    platform.publish("product.submitted.v1", "box-3", known)
    assert platform.answers(1, timeout_s=PATIENCE_S)[0][0] == "background.generated.v1"
    more = {"product_id": "box-3", "request_id": "more", "scene": {"prompt": "on white marble"}}
    platform.publish("background.requested.v1", "box-3", more)
    platform.publish("background.requested.v1", "nobody", {"product_id": "nobody", "request_id": "none"})
    answers = {event["request_id"]: (topic, event) for topic, event, _ in platform.answers(2, timeout_s=PATIENCE_S)}
    assert answers["more"][0] == "background.generated.v1"
    assert answers["none"][0] == "background.rejected.v1"
    assert answers["none"][1]["reason"] == "unknown_product"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b'{"product_id": "half"', "bad_event"),
        ({"product_id": "half"}, "bad_event"),
        ({"product_id": "half", "image": {"key": 7}}, "bad_event"),
        ({"product_id": "half", "image": {"key": "uploads/nothing.png"}}, "blob_missing"),
        ({"product_id": "half", "image": {"url": "http://169.254.169.254/secrets"}}, "url_private"),
    ],
)
def test_what_cannot_be_used_is_dead_lettered_with_its_reason(
    platform: AdPlatform, message: object, reason: str
) -> None:
    platform.publish("product.submitted.v1", f"half-{uuid.uuid4().hex}", message)
    found = dead(platform, expected=1)
    assert len(found) == 1
    assert found[0]["x-detail"]
    assert found[0]["x-reason"] == reason


def dead(platform: AdPlatform, *, expected: int) -> list[dict[str, str]]:
    """Headers of the segmenter's next dead letters (bodies may be no JSON); other readers say their own."""
    found: list[dict[str, str]] = []
    end = time.monotonic() + PATIENCE_S
    while len(found) < expected and time.monotonic() < end:
        for record in platform.heard():
            if record.topic.endswith(".dead"):
                found.append({name: value.decode() for name, value in record.headers})
        found = [letter for letter in found if letter["x-service"] == "segmenter"]
    return found


def test_every_service_says_that_it_is_alive_and_ready(stack: Places) -> None:
    for name in ("segmenter", "captioner", "curator", "trainer", "inpainter"):
        address = f"http://127.0.0.1:{stack.service_port(name)}"
        assert httpx.get(f"{address}/live", timeout=PATIENCE_S).status_code == 200
        assert httpx.get(f"{address}/ready", timeout=PATIENCE_S).status_code == 200
        assert f'service="{name}"' in httpx.get(f"{address}/metrics", timeout=PATIENCE_S, follow_redirects=True).text
