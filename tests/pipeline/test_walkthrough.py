"""Do the services understand each other? A photo goes through all of them, and so does every kind of failure."""

import itertools

import numpy as np
import pytest

from bundled.quick import quick_scenes
from shared.contracts.blobs import fetch
from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundRejected,
    BackgroundRequested,
    DatasetReleased,
    ImageSource,
    ModelPromoted,
    ProductCaptioned,
    ProductFacts,
    ProductSegmented,
    ProductSubmitted,
    ProductWithdrawn,
    SampleCurated,
    Scene,
    TrainingRequested,
)
from shared.contracts.images import decode_mask, decode_photo, encode_image
from shared.contracts.topics import BACKGROUND_REQUESTED, PRODUCT_SUBMITTED
from tests.fakes.studio import blank, disc, with_product
from tests.pipeline.conftest import Works

RED = (200, 30, 40)
SCENES = (Scene(prompt="on a marble counter", seed=3), Scene())


def submitted(works: Works, product_id: str, data: bytes, *scenes: Scene, **fields: object) -> ProductSubmitted:
    works.blobs.put(f"images/{product_id}.png", data, "image/png")
    return ProductSubmitted(
        product_id=product_id, image=ImageSource(key=f"images/{product_id}.png"), scenes=scenes, **fields
    )


def packshot(works: Works, product_id: str = "mug", *scenes: Scene) -> ProductSubmitted:
    data = encode_image(with_product(blank(), disc(), RED))
    return submitted(works, product_id, data, *(scenes or SCENES))


def lifestyle(works: Works, count: int) -> list[ProductSubmitted]:
    """Photos before real backdrops whose owner lets us learn, each with the merchant's mask."""
    events = []
    for number, drawn in enumerate(itertools.islice(quick_scenes(5, 320), count)):
        mask = np.where(np.asarray(drawn.mask) > 127, 255, 0).astype(np.uint8)
        works.blobs.put(f"images/m{number}.png", encode_image(mask), "image/png")
        facts, source = ProductFacts(may_train=True), ImageSource(key=f"images/m{number}.png")
        events.append(submitted(works, f"life-{number}", encode_image(drawn.image), facts=facts, mask=source))
    return events


async def test_a_photo_becomes_ranked_backgrounds_one_answer_per_scene(works: Works) -> None:
    await works.say(packshot(works))
    assert [event.product_id for event in works.said(ProductSegmented)] == ["mug"]
    assert [event.product_id for event in works.said(ProductCaptioned)] == ["mug"]
    made = works.said(BackgroundGenerated)
    assert [event.scene for event in made] == list(SCENES)
    assert len({event.request_id for event in made}) == 2
    assert made[0].images[0].prompt == "on a marble counter"


async def test_the_product_is_not_touched_by_a_single_pixel(works: Works) -> None:
    await works.say(packshot(works))
    made = works.said(BackgroundGenerated)
    assert len(made) == 2
    for event in made:
        photo = decode_photo(fetch(works.blobs, event.photo))
        inside = decode_mask(fetch(works.blobs, event.mask), photo.size) == 255
        assert abs(int(inside.sum()) - 15_394) < 300  # a disc of radius 70; an empty mask would leave nothing to touch
        output = decode_photo(fetch(works.blobs, event.images[0].image))
        assert output.size == photo.size
        assert np.array_equal(output.rgb[inside], photo.rgb[inside])
        assert not np.array_equal(output.rgb[~inside], photo.rgb[~inside])


async def test_everything_published_twice_says_the_same_and_paints_once(works: Works) -> None:
    await works.say(packshot(works))
    before = {event.request_id: event for event in works.said(BackgroundGenerated)}
    assert len(before) == 2
    painted = len(works.painter.inputs)
    for record in [record for record in works.log.records if not record.topic.endswith((".dead", ".retry"))]:
        await works.client.publish(record.value or b"", topic=record.topic, key=record.key)
        await works.log.settled()
    after = works.said(BackgroundGenerated)
    assert len(after) > 4  # the first two, their copies, and what was said again
    for event in after:
        assert event == before[event.request_id]
    assert len(works.painter.inputs) == painted
    assert len(works.said(SampleCurated)) > 1 and len({str(event) for event in works.said(SampleCurated)}) == 1


async def test_a_requested_scene_of_a_known_product_is_painted(works: Works) -> None:
    await works.say(packshot(works))
    await works.say(BackgroundRequested(product_id="mug", request_id="more-1", scene=Scene(prompt="on sand", count=2)))
    (made,) = [event for event in works.said(BackgroundGenerated) if event.request_id == "more-1"]
    assert len(made.images) == 2


async def test_an_unknown_product_in_a_request_is_answered(works: Works) -> None:
    await works.say(BackgroundRequested(product_id="nobody", request_id="r-1"))
    (answer,) = works.said(BackgroundRejected)
    assert (answer.request_id, answer.reason) == ("r-1", "unknown_product")
    assert "nobody" in answer.detail


async def test_a_photo_without_a_product_is_refused_for_every_scene(works: Works) -> None:
    await works.say(submitted(works, "air", encode_image(np.full((96, 96, 3), 255, np.uint8)), *SCENES))
    assert [event.reason for event in works.said(BackgroundRejected)] == ["no_product", "no_product"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xd8\xff\xe0 broken", b"image_broken"),
        (b"just a text", b"not_an_image"),
        (encode_image(np.zeros((1, 1, 3), np.uint8)), b"image_too_small"),
        (encode_image(with_product(blank(), disc(), RED))[:-900], b"image_broken"),
    ],
)
async def test_bytes_that_are_no_photo_are_dead_lettered_and_the_next_product_passes(
    works: Works, data: bytes, reason: bytes
) -> None:
    await works.say(submitted(works, "bad", data, *SCENES), packshot(works))
    (letter,) = works.log.said(PRODUCT_SUBMITTED.dead)
    assert dict(letter.headers)["x-reason"] == reason
    assert {event.product_id for event in works.said(BackgroundGenerated)} == {"mug"}


@pytest.mark.parametrize(
    ("topic", "body", "words"),
    [
        (PRODUCT_SUBMITTED, b'{"product_id": "x"}', b"image"),
        (PRODUCT_SUBMITTED, b'{"product_id": 5, "image": {"key": "a"}}', b"product_id"),
        (PRODUCT_SUBMITTED, b"not json", b"not JSON that can be read"),
        (BACKGROUND_REQUESTED, b'{"product_id": "mug", "request_id": "r", "scene": {"count": "many"}}', b"count"),
    ],
)
async def test_an_event_with_a_missing_field_or_a_wrong_type_is_dead_lettered(
    works: Works, topic: object, body: bytes, words: bytes
) -> None:
    await works.client.publish(body, topic=topic.name, key=b"x")  # type: ignore[attr-defined]
    await works.say(packshot(works))
    (letter,) = works.log.said(topic.dead)  # type: ignore[attr-defined]
    headers = dict(letter.headers)
    assert headers["x-reason"] == b"bad_event"
    assert words in headers["x-detail"]
    assert len(works.said(BackgroundGenerated)) == 2


async def test_photos_that_may_teach_become_a_dataset_a_lora_and_the_next_pictures_model(works: Works) -> None:
    await works.say(packshot(works, "mug", Scene(seed=1)), *lifestyle(works, 6))
    kept = [event for event in works.said(SampleCurated) if event.verdict == "kept"]
    assert len(kept) >= 3
    assert "no_consent" in {event.reason for event in works.said(SampleCurated)}
    await works.release()
    promoted = await works.until(ModelPromoted)
    await works.log.settled()
    (dataset,) = works.said(DatasetReleased)
    assert dataset.samples == len(kept)
    assert [event.dataset_version for event in works.said(TrainingRequested)] == [dataset.version]
    await works.say(BackgroundRequested(product_id="mug", request_id="after", scene=Scene(seed=1)))
    after = next(event for event in works.said(BackgroundGenerated) if event.request_id == "after")
    assert promoted.revision in after.images[0].model
    assert promoted.revision not in works.said(BackgroundGenerated)[0].images[0].model


async def test_a_withdrawn_product_is_gone_from_the_next_version(works: Works) -> None:
    photos = lifestyle(works, 6)
    await works.say(*photos)
    await works.release()
    first = await works.until(DatasetReleased)
    kept = next(event.product_id for event in works.said(SampleCurated) if event.verdict == "kept")
    await works.say(ProductWithdrawn(product_id=kept))
    await works.release()
    await works.log.settled()
    second = works.said(DatasetReleased)[-1]
    assert second.version != first.version
    assert second.samples == first.samples - 1
    assert kept.encode() in fetch(works.blobs, second.manifest)
