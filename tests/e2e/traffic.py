"""What happens to a stack that an operator watches: work, refusals, nonsense, engagement, an outage of the store."""

import itertools
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np

from bundled.quick import quick_scenes
from deploy.local import minio_server
from deploy.local.places import Places
from deploy.local.processes import start, stop, wait_until_ready
from shared.contracts.blobs import digest, image_key, mask_key
from shared.contracts.images import encode_image
from tests.e2e.ad_platform import AdPlatform, packshot, web_shop

PATIENCE_S = 400
HEARD_BY_US = ("product.submitted.v1", "product.segmented.v1", "product.captioned.v1", "training.requested.v1")


def learn(platform: AdPlatform, seed: int) -> None:
    """Photos before real scenes whose owners consent, as the captioner tells of them: a dataset, then a training."""
    for number, scene in enumerate(itertools.islice(quick_scenes(seed, 256), 5)):
        name = f"lesson-{number}-{uuid.uuid4().hex[:6]}"
        photo, mask = encode_image(np.asarray(scene.image)), encode_image(np.asarray(scene.mask))
        image = stored(platform, image_key(digest(photo), "png"), photo)
        event = {
            "product_id": name,
            "image": image,
            "facts": {"may_train": True},
            "scenes": [],
            "segmentation": {
                "mask": stored(platform, mask_key(image["sha256"], "drawn", digest(mask)), mask),
                "confidence": 1.0,
                "backdrop": "scene",
                "area": 0.2,
                "segmenter": "drawn",
            },
            "caption": {
                "product_short": "mug",
                "product_long": "a mug",
                "background_short": "wooden table",
                "background_long": "on a wooden table before a brick wall",
                "captioner": "drawn",
            },
        }
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
