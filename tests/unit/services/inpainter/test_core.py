"""Products and requests to outcomes, over fakes."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from services.inpainter import candidates, storage
from services.inpainter.choosing import GenerationSettings
from services.inpainter.compose.rendering import rendered
from services.inpainter.core import LearnStyle
from shared.contracts.blobs import BlobRef
from shared.contracts.errors import NotYet
from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundRejected,
    BackgroundRequested,
    ImageSource,
    Placement,
    ProductCaptioned,
    Scene,
    SceneIdea,
    StyleEvidence,
    StyleMined,
    StylePlate,
)
from shared.contracts.identity import event_id, scene_request_id
from shared.contracts.images import decode_photo, encode_image
from shared.contracts.manifests import RequestManifest, manifest_key
from tests.fakes.painter import FixedJudge

from .conftest import CAPTION, mug


def generated(studio: Any, scene: Scene, **product: Any) -> BackgroundGenerated:
    (outcome,) = studio.paint.product(studio.captioned(scene, **product))
    assert isinstance(outcome, BackgroundGenerated), outcome
    return outcome


def test_every_scene_of_a_product_gets_its_own_outcome(studio: Any) -> None:
    scenes = (Scene(prompt="on an oak table, brick wall"), Scene(prompt="on sand at the beach"))
    event = studio.captioned(*scenes)
    first, second = studio.paint.product(event)
    assert first.request_id == scene_request_id("mug-1", event.image.sha256, None, 0, scenes[0])
    assert [first.images[0].plate, second.images[0].plate] == ["oak-brick", "sand-sea"]
    assert first.images[0].model == "still@base"


def test_an_empty_scene_becomes_the_captions_ideas(studio: Any) -> None:
    outcome = generated(studio, Scene(count=2))
    assert {image.prompt for image in outcome.images} == {
        "on a marble counter, grey wall",
        "on an oak table, brick wall",
    }


def test_the_empty_scenes_of_one_product_get_one_idea_each(new_studio: Callable[..., Any]) -> None:
    studio = new_studio(settings=GenerationSettings(extra=0))
    outcomes = studio.paint.product(studio.captioned(Scene(count=1), Scene(count=1)))
    assert {outcome.images[0].prompt for outcome in outcomes} == {
        "on a marble counter, grey wall",
        "on an oak table, brick wall",
    }


def test_as_many_options_as_asked_best_first(new_studio: Callable[..., Any]) -> None:
    outcome = generated(new_studio(judge=FixedJudge(0.3, 0.9, 0.6)), Scene(prompt="on an oak table", count=2))
    assert [image.scores.judge for image in outcome.images] == [0.9, 0.6]


def test_candidates_below_the_gate_are_refused_with_their_scores(new_studio: Callable[..., Any]) -> None:
    outcome = generated(new_studio(judge=FixedJudge(0.05, 0.9)), Scene(prompt="on an oak table"))
    assert len(outcome.images) == 1
    assert [image.scores.judge for image in outcome.refused] == [0.05]


def test_a_scene_of_which_every_candidate_looks_defective_is_rejected_with_words(
    new_studio: Callable[..., Any],
) -> None:
    studio = new_studio(judge=FixedJudge(0.05))
    (outcome,) = studio.paint.product(studio.captioned(Scene(prompt="on an oak table")))
    assert isinstance(outcome, BackgroundRejected)
    assert outcome.reason == "judge_rejected"
    assert "0.05" in outcome.detail


def test_a_redelivery_says_the_same_and_does_not_touch_the_painter(studio: Any) -> None:
    event = studio.captioned(Scene(prompt="on an oak table"))
    (first,) = studio.paint.product(event)
    painted = len(studio.painter.inputs)
    (again,) = studio.paint.product(event)
    assert event_id(again) == event_id(first)
    assert len(studio.painter.inputs) == painted


def test_a_new_photo_of_the_same_product_is_new_work(studio: Any) -> None:
    scene = Scene(prompt="on an oak table")
    (first,) = studio.paint.product(studio.captioned(scene))
    photo, mask = np.full((64, 64, 3), 9, np.uint8), np.zeros((64, 64), np.uint8)
    mask[20:40, 20:40] = 255
    (second,) = studio.paint.product(studio.captioned(scene, pair=(photo, mask)))
    assert first.request_id != second.request_id


def test_a_photo_without_a_mask_or_a_caption_is_answered(studio: Any) -> None:
    (outcome,) = studio.paint.product(studio.captioned(Scene(), caption=None))
    assert isinstance(outcome, BackgroundRejected)
    assert outcome.reason == "photo_unusable"


@pytest.mark.parametrize("lacking", ["mask", "caption"])
def test_an_answer_why_not_is_about_this_product_request_and_scene(studio: Any, lacking: str) -> None:
    scene = Scene(prompt="on sand")
    event = studio.captioned(scene)
    if lacking == "caption":
        event = event.model_copy(update={"caption": None})
    else:
        event = event.model_copy(update={"segmentation": event.segmentation.model_copy(update={"mask": None})})
    assert list(studio.paint.product(event)) == [
        BackgroundRejected(
            product_id="mug-1",
            request_id=scene_request_id("mug-1", event.image.sha256, None, 0, scene),
            scene=scene,
            reason="photo_unusable",
            detail="no product could be cut out of the photo",
        )
    ]


def test_a_refused_photo_that_comes_again_with_a_mask_is_painted(studio: Any) -> None:
    scene = Scene(prompt="on an oak table")
    (refused,) = studio.paint.product(studio.captioned(scene, refusal="several_products"))
    event = studio.captioned(scene)
    given = event.segmentation.model_copy(update={"given_mask": "a" * 64})
    (painted,) = studio.paint.product(event.model_copy(update={"segmentation": given}))
    assert refused.reason == "several_products" and isinstance(painted, BackgroundGenerated)
    assert refused.request_id != painted.request_id


def test_a_refusal_without_words_still_says_something(studio: Any) -> None:
    event = studio.captioned(Scene(), refusal="several_products")
    silent = event.segmentation.model_copy(update={"refusal_detail": None})
    (outcome,) = studio.paint.product(event.model_copy(update={"segmentation": silent}))
    assert (outcome.reason, outcome.detail) == ("several_products", "the photo cannot be used")


def test_an_answer_is_stored_as_the_manifest_of_its_request(studio: Any) -> None:
    (outcome,) = studio.paint.product(studio.captioned(Scene(), refusal="several_products"))
    data, content_type = studio.blobs.stored[manifest_key(outcome.request_id)]
    assert RequestManifest.model_validate_json(data).outcome == outcome
    assert (b"null" in data, content_type) == (False, "application/json")


def test_of_two_workers_on_one_request_the_first_ones_answer_is_said_by_both(studio: Any) -> None:
    event = studio.captioned(Scene(prompt="on an oak table", seed=3))
    (first,) = studio.paint.product(event)
    find, asked = studio.blobs.find, []

    def late(key: str) -> Any:  # the second worker looked before the first one had answered
        asked.append(key)
        early = key.endswith("manifest.json") and sum(each == key for each in asked) == 1
        return None if early else find(key)

    studio.blobs.find = late
    (second,) = studio.paint.product(event)
    assert second == first


def test_a_request_for_a_known_product_is_painted(studio: Any) -> None:
    list(studio.paint.product(studio.captioned()))
    scene = Scene(prompt="in front of a brick wall on an oak table")
    outcome = studio.paint.request(BackgroundRequested(product_id="mug-1", request_id="r-1", scene=scene))
    assert isinstance(outcome, BackgroundGenerated)
    assert outcome.request_id == "r-1"


def test_a_request_is_painted_on_the_newest_photo_in_whatever_order_the_photos_came(
    new_studio: Callable[..., Any],
) -> None:
    request = BackgroundRequested(product_id="mug-1", request_id="r-1", scene=Scene(prompt="on an oak table"))
    photos = set()
    for order in sorted({*itertools.permutations((1, 2, 3, 1, 2))}):  # the older ones are delivered twice
        studio = new_studio()
        events = [photo_of_revision(studio, number) for number in (1, 2, 3)]
        for number in order:
            list(studio.paint.product(events[number - 1]))
        outcome = studio.paint.request(request)
        assert isinstance(outcome, BackgroundGenerated)
        photos.add(outcome.photo.sha256)
    assert photos == {events[2].image.sha256}


def photo_of_revision(studio: Any, number: int) -> ProductCaptioned:
    """The mug in a photo that only this revision has."""
    photo, mask = mug(48, 40)
    photo = photo.copy()
    photo[0, 0] = number
    event: ProductCaptioned = studio.captioned(pair=(photo, mask))
    image = studio.blobs.put(f"images/mug-1-{number}.png", encode_image(photo), "image/png")
    return event.model_copy(update={"image": image, "revision": number})


def test_an_older_photo_that_comes_late_still_gets_its_own_scenes_answered(studio: Any) -> None:
    newer, older = photo_of_revision(studio, 2), photo_of_revision(studio, 1)
    list(studio.paint.product(newer))
    (outcome,) = studio.paint.product(older.model_copy(update={"scenes": (Scene(prompt="on sand"),)}))
    assert isinstance(outcome, BackgroundGenerated) and outcome.photo.sha256 == older.image.sha256


def test_a_request_for_an_unknown_product_waits_and_brings_its_answer_in_words(studio: Any) -> None:
    scene = Scene(prompt="on sand")
    with pytest.raises(NotYet, match="no product 'nobody' has been submitted") as waiting:
        studio.paint.request(BackgroundRequested(product_id="nobody", request_id="r-1", scene=scene))
    assert waiting.value.reason == "unknown_product"
    outcome = waiting.value.answer
    assert isinstance(outcome, BackgroundRejected)
    detail = "no product 'nobody' has been submitted (or it is still being looked at)"
    assert waiting.value.message == detail
    assert outcome == BackgroundRejected(
        product_id="nobody", request_id="r-1", scene=scene, reason="unknown_product", detail=detail
    )


def test_a_request_id_used_for_another_scene_is_not_answered_with_the_old_pictures(studio: Any) -> None:
    list(studio.paint.product(studio.captioned()))
    for prompt in ("on an oak table", "on sand"):
        request = BackgroundRequested(product_id="mug-1", request_id="r-1", scene=Scene(prompt=prompt))
        outcome = studio.paint.request(request)
    assert isinstance(outcome, BackgroundRejected)
    assert outcome.reason == "request_id_taken"
    assert outcome.detail == "the request id 'r-1' was already used for another product or scene"
    assert (outcome.product_id, outcome.request_id, outcome.scene) == ("mug-1", "r-1", Scene(prompt="on sand"))


def test_a_request_id_used_for_another_product_is_taken_too(studio: Any) -> None:
    scene = Scene(prompt="on sand")
    outcomes = []
    for product_id in ("mug-1", "mug-2"):
        list(studio.paint.product(studio.captioned(product_id=product_id)))
        request = BackgroundRequested(product_id=product_id, request_id="r-1", scene=scene)
        outcomes.append(studio.paint.request(request))
    assert isinstance(outcomes[0], BackgroundGenerated)
    assert (outcomes[1].product_id, outcomes[1].reason) == ("mug-2", "request_id_taken")


def test_a_refused_photo_rejects_each_of_its_scenes_with_the_segmenters_words(studio: Any) -> None:
    event = studio.captioned(Scene(), Scene(prompt="on sand"), refusal="several_products")
    outcomes = list(studio.paint.product(event))
    assert [outcome.reason for outcome in outcomes] == ["several_products"] * 2
    assert outcomes[0].detail == "several products are in the picture"
    assert [outcome.scene for outcome in outcomes] == list(event.scenes)


def test_a_scene_that_cannot_be_is_rejected_and_the_next_one_is_painted(studio: Any) -> None:
    broken = Scene(reference=ImageSource(key="images/not-there.png"))
    outcomes = list(studio.paint.product(studio.captioned(broken, Scene(prompt="on sand"))))
    assert [type(outcome) for outcome in outcomes] == [BackgroundRejected, BackgroundGenerated]
    assert outcomes[0].reason == "blob_missing"


def test_a_reference_picture_takes_the_plates_place(studio: Any) -> None:
    studio.blobs.put("uploads/style.png", studio.blobs.get(studio.captioned().image.key), "image/png")
    outcome = generated(studio, Scene(reference=ImageSource(key="uploads/style.png"), strength=0.3))
    assert outcome.images[0].plate == "reference"
    assert outcome.images[0].strength == 0.3


def test_a_reference_outside_the_submitted_images_is_refused_and_the_next_scene_is_painted(studio: Any) -> None:
    studio.blobs.put("datasets/secret.png", studio.blobs.get(studio.captioned().image.key), "image/png")
    inside = Scene(reference=ImageSource(key="datasets/secret.png"))
    outcomes = list(studio.paint.product(studio.captioned(inside, Scene(prompt="on sand"))))
    assert [type(outcome) for outcome in outcomes] == [BackgroundRejected, BackgroundGenerated]
    assert outcomes[0].reason == "key_not_allowed"


def test_words_nobody_understood_are_told_to_the_brand(studio: Any) -> None:
    outcome = generated(studio, Scene(prompt="on an oak table with a zebrafinch"))
    assert outcome.notes == ("not understood: zebrafinch",)


def test_a_style_that_is_a_backdrop_alone_is_shown_as_it_is(studio: Any) -> None:
    assert generated(studio, Scene(style="garden bokeh")).images[0].plate == "garden-bokeh"


@pytest.mark.parametrize("words", ["pure white background", "isolated on white, soft shadow", "on #ffffff"])
def test_pure_white_is_255_wherever_the_product_casts_no_shade(studio: Any, words: str) -> None:
    outcome = generated(studio, Scene(prompt=words, count=3))
    for image in outcome.images:
        pixels = decode_photo(studio.blobs.get(image.image.key)).rgb
        assert pixels[:20].min() == 255
        assert pixels[104:].min() < 250  # it stands on something
        assert image.strength == 0
    assert outcome.notes == ()
    names = {image.plate or "" for image in outcome.images}
    assert len(names) > 1
    assert all(name.startswith("pure-white-standing-") for name in names)


def test_white_things_are_no_pure_white(studio: Any) -> None:
    assert generated(studio, Scene(prompt="on pure white marble")).images[0].plate == "marble-grey"
    assert generated(studio, Scene(prompt="pure white background", strength=0.3)).images[0].strength == 0.3


def test_pure_text_uses_no_plate_and_is_led_away_from_the_contrary_light(studio: Any) -> None:
    prompt = "on an oak table, warm light from the left"
    outcome = generated(studio, Scene(prompt=prompt, negative_prompt="text", strength=1.0))
    assert outcome.images[0].plate is None
    assert outcome.images[0].strength == 1.0
    assert studio.painter.inputs[-1].negative_prompt == "text, cool light, light from the right"
    generated(studio, Scene(prompt=prompt, negative_prompt="text", strength=0.3), product_id="p-2")
    assert studio.painter.inputs[-1].negative_prompt == "text"


@pytest.mark.parametrize("form", ["png", "webp", "jpeg"])
def test_every_format_is_stored_as_what_it_says(studio: Any, form: str) -> None:
    outcome = generated(studio, Scene(prompt="on sand", format=form))
    reference = outcome.images[0].image
    stored = decode_photo(studio.blobs.get(reference.key))
    assert reference.content_type == f"image/{form}"
    assert stored.size == (96, 120) == (reference.width, reference.height)


@pytest.mark.parametrize("form", ["png", "webp"])
@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"aspect": "16:9"},
        {"aspect": "1:2"},
        {"width": 200, "height": 300},
        {"placement": Placement(mode="custom", scale=0.4, x=0.2, y=0.8)},
        {"placement": Placement(mode="custom", scale=1.0, x=0.9, y=0.1)},
    ],
)
def test_the_product_is_bit_equal_in_every_lossless_output(studio: Any, form: str, wish: dict[str, Any]) -> None:
    scene = Scene(prompt="on an oak table", format=form, **wish)
    outcome = generated(studio, scene)
    output = decode_photo(studio.blobs.get(outcome.images[0].image.key)).rgb
    given = studio.painter.inputs[0]
    inside = given.mask == 255
    assert inside.any()
    np.testing.assert_array_equal(output[inside], given.image[inside])


def test_an_original_placement_keeps_the_submitted_pixels_themselves(studio: Any) -> None:
    event = studio.captioned(Scene(prompt="on an oak table"))
    (outcome,) = studio.paint.product(event)
    photo = decode_photo(studio.blobs.get(event.image.key)).rgb
    mask = decode_photo(studio.blobs.get(event.segmentation.mask.key)).rgb[..., 0] == 255
    output = decode_photo(studio.blobs.get(outcome.images[0].image.key)).rgb
    np.testing.assert_array_equal(output[mask], photo[mask])
    assert not np.array_equal(output[0, 0], photo[0, 0])


def test_an_output_that_is_too_large_is_answered_and_the_next_scene_is_painted(studio: Any) -> None:
    huge = Scene(prompt="on sand", width=4096, aspect="1:5")
    outcomes = list(studio.paint.product(studio.captioned(huge, Scene(prompt="on sand"))))
    assert [type(outcome) for outcome in outcomes] == [BackgroundRejected, BackgroundGenerated]
    assert outcomes[0].reason == "output_too_large"


def test_a_reference_by_url_is_fetched_and_paints_the_same_picture_as_by_key(studio: Any) -> None:
    style = encode_image(np.random.default_rng(3).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    studio.web.pages["https://example.org/style.png"] = style
    studio.blobs.put("uploads/style.png", style, "image/png")
    by_url = generated(studio, Scene(reference=ImageSource(url="https://example.org/style.png"), strength=0.3, seed=5))
    by_key = generated(studio, Scene(reference=ImageSource(key="uploads/style.png"), strength=0.3, seed=5))
    assert [image.plate for image in by_url.images] == ["reference"] * len(by_url.images)
    assert [one.image.sha256 for one in by_url.images] == [one.image.sha256 for one in by_key.images]


def test_a_reference_that_cannot_be_fetched_is_answered_and_the_next_scene_is_painted(studio: Any) -> None:
    lost = Scene(reference=ImageSource(url="https://example.org/lost.png"))
    outcomes = list(studio.paint.product(studio.captioned(lost, Scene(prompt="on sand"))))
    assert [type(outcome) for outcome in outcomes] == [BackgroundRejected, BackgroundGenerated]
    assert (outcomes[0].reason, "404" in outcomes[0].detail) == ("url_refused", True)


def test_a_large_reference_is_shrunk_to_what_an_output_can_show(studio: Any) -> None:
    wide = np.full((40, 8000, 3), 90, np.uint8)
    studio.blobs.put("uploads/wide.png", encode_image(wide), "image/png")
    outcome = generated(studio, Scene(reference=ImageSource(key="uploads/wide.png"), strength=0.3))
    assert outcome.images[0].plate == "reference"


def test_a_surface_no_plate_shows_is_told_and_painted_further_from_the_plate(studio: Any) -> None:
    outcome = generated(studio, Scene(prompt="on moss in front of a bookshelf"))
    assert outcome.images[0].strength == studio.settings.strength_missing
    assert any("no style plate shows" in note for note in outcome.notes)


def test_of_ideas_that_no_plate_shows_nothing_is_told_as_nobody_asked_for_them(studio: Any) -> None:
    event = studio.captioned(Scene())
    ideas = (SceneIdea(prompt="on moss in front of a bookshelf"),) * 6
    event = event.model_copy(update={"caption": event.caption.model_copy(update={"ideas": ideas})})
    (outcome,) = studio.paint.product(event)
    assert outcome.images[0].prompt == ideas[0].prompt
    assert outcome.notes == ()


def test_scenes_of_one_product_are_placed_once(studio: Any) -> None:
    event = studio.captioned(*(Scene(prompt=f"on sand {number}") for number in range(3)))
    paint, reads, get = studio.paint, [], studio.blobs.get

    def counted(key: str) -> bytes:
        reads.append(key)
        return bytes(get(key))

    studio.blobs.get = counted
    list(paint.product(event))
    # once to place it, and once a scene for the check of its pictures
    assert reads.count(event.image.key) == 1 + 3


def test_a_sabotaged_encoder_is_found_on_the_stored_bytes(studio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def darker(pixels: Any, form: Any, **facts: str) -> bytes:
        return encode_image(pixels // 2 * 2, form, **facts)

    monkeypatch.setattr(storage, "encode_image", darker)
    (outcome,) = studio.paint.product(studio.captioned(Scene(prompt="on an oak table")))
    assert isinstance(outcome, BackgroundRejected)
    assert outcome.reason == "product_changed"
    assert not list(studio.blobs.keys(f"backgrounds/{outcome.request_id}/1-"))


def test_a_sabotaged_compositor_is_found_on_the_stored_bytes(studio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def shifted(*given: Any) -> Any:
        return np.roll(rendered(*given), 1, axis=1)

    monkeypatch.setattr(candidates, "rendered", shifted)
    (outcome,) = studio.paint.product(studio.captioned(Scene(prompt="on an oak table")))
    assert outcome.reason == "product_changed"


def test_a_jpeg_says_that_it_changes_the_product_a_little(studio: Any) -> None:
    (note,) = generated(studio, Scene(prompt="on an oak table", format="jpeg")).notes
    assert "png and webp keep the product" in note


def test_the_same_request_is_the_same_picture(new_studio: Callable[..., Any]) -> None:
    first, second = (generated(new_studio(), Scene(prompt="on sand", seed=3)) for _ in range(2))
    assert first.images == second.images
    assert first.images[0].seed == 3 or first.images[0].seed == 4


def test_extra_candidates_are_made_and_not_shown(new_studio: Callable[..., Any]) -> None:
    studio = new_studio(settings=GenerationSettings(extra=3))
    outcome = generated(studio, Scene(prompt="on sand"))
    assert (len(studio.painter.inputs), len(outcome.images)) == (4, 1)


def test_what_people_like_is_painted_for_an_empty_scene_and_forgotten_when_it_retires(studio: Any) -> None:
    paint = studio.paint
    learn = LearnStyle(paint.generate)
    evidence = StyleEvidence(pictures=4, lift=2.0, rate=0.2, low=0.15, high=0.25, dataset_version="0001-a")
    style = StyleMined(style="golden sand", revision=1, words=("golden sand", "sea"), evidence=evidence)
    assert learn(style) == "learned"
    (first,) = list(paint.product(studio.captioned(Scene(count=2))))
    assert "golden sand, sea" in {image.prompt for image in first.images}
    assert learn(style.model_copy(update={"revision": 2, "retired": True})) == "retired"
    (then,) = list(paint.product(studio.captioned(Scene(count=2), product_id="mug-2")))
    assert {image.prompt for image in then.images} == {idea.prompt for idea in CAPTION.ideas}


def test_a_plate_whose_picture_is_gone_is_left_out_of_its_style(studio: Any) -> None:
    lost = BlobRef(bucket="backdrop", key="styles/plates/lost.png", sha256="0" * 64, size=1, width=8, height=8)
    evidence = StyleEvidence(pictures=4, lift=2.0, dataset_version="0001-a")
    paint = studio.paint
    LearnStyle(paint.generate)(
        StyleMined(
            style="golden sand", revision=1, words=("golden sand",), evidence=evidence, plates=(StylePlate(image=lost),)
        )
    )
    (outcome,) = list(paint.product(studio.captioned(Scene(style="golden sand"))))
    assert isinstance(outcome, BackgroundGenerated) and outcome.images[0].plate == "sand-sea"
