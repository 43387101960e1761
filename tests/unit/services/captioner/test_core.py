"""Captioning one product: whose words count, what passes through, and that it is done once."""

import re

import numpy as np
import pytest

from services.captioner.core import CaptionProduct
from shared.contracts.errors import NotKnown
from shared.contracts.events import ProductCaptioned, ProductFacts, ProductSegmented, Scene, Segmentation
from shared.contracts.images import encode_image
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.vision_language_model import ScriptedVisionLanguageModel

FACTS = ProductFacts(title="Compete Track Tote", category="gear bags")


def green_bag(blobs: MemoryBlobs, **segmentation: object) -> ProductSegmented:
    """A green square on white, segmented."""
    photo, mask = np.full((96, 96, 3), 255, np.uint8), np.zeros((96, 96), np.uint8)
    photo[30:70, 30:70], mask[30:70, 30:70] = (60, 150, 50), 255
    found = Segmentation(segmenter="s", mask=blobs.put("masks/m.png", encode_image(mask), "image/png"), confidence=0.9)
    return ProductSegmented(
        product_id="p1",
        image=blobs.put("images/i.png", encode_image(photo), "image/png"),
        facts=FACTS,
        segmentation=found.model_copy(update=segmentation),
        scenes=(Scene(prompt="on oak"),),
    )


def test_a_plain_packshot_is_described_by_facts_and_measured_colours() -> None:
    blobs = MemoryBlobs()
    caption = CaptionProduct(ScriptedVisionLanguageModel(), blobs)(green_bag(blobs)).caption
    assert caption is not None
    assert caption.product_short == "a green tote bag"
    assert caption.product_long == "Compete Track Tote: a green tote bag."
    assert caption.background_short == "plain white backdrop"
    assert len(caption.ideas) == 7


def test_the_model_reads_the_background_of_a_scene_with_the_product_greyed_out() -> None:
    blobs, model = (
        MemoryBlobs(),
        ScriptedVisionLanguageModel(background_long="On an oak table before a red brick wall , warm light"),
    )
    caption = CaptionProduct(model, blobs)(green_bag(blobs, backdrop="scene")).caption
    assert caption is not None
    assert caption.background_short == "On an oak table before a red brick wall"
    assert caption.background_long == "On an oak table before a red brick wall, warm light"
    picture = dict(model.shown)["background_long"]
    assert (picture[30:70, 30:70] == 127).all()


def test_the_words_of_a_model_that_has_any_are_taken_for_the_product_and_for_the_background() -> None:
    model = ScriptedVisionLanguageModel(
        product_short="a canvas tote",
        product_long="A canvas tote with two handles.",
        background_short="oak and brick",
        background_long="On an oak table before a red brick wall",
    )
    blobs = MemoryBlobs()
    caption = CaptionProduct(model, blobs)(green_bag(blobs, backdrop="scene")).caption
    assert caption is not None
    assert (caption.product_short, caption.product_long) == ("a canvas tote", "A canvas tote with two handles.")
    assert (caption.background_short, caption.background_long) == (
        "oak and brick",
        "On an oak table before a red brick wall",
    )


def test_the_model_is_shown_the_product_itself_and_told_its_title_when_it_is_asked_for_words_or_ideas() -> None:
    blobs, model = MemoryBlobs(), ScriptedVisionLanguageModel()
    CaptionProduct(model, blobs)(green_bag(blobs, backdrop="scene"))
    shown = dict(model.shown)
    for question in ("product_short", "product_long", "ideas"):
        assert shown[question][50, 50].tolist() == [60, 150, 50]
    assert set(model.hints) == {"Compete Track Tote"}


def test_a_scene_that_no_model_can_read_is_described_by_its_measured_colour() -> None:
    blobs = MemoryBlobs()
    caption = CaptionProduct(ScriptedVisionLanguageModel(), blobs)(green_bag(blobs, backdrop="scene")).caption
    assert caption is not None
    assert caption.background_long == "A plain white studio backdrop, even, with nothing else in the picture."
    assert caption.background_short == "A plain white studio backdrop"


def test_a_garment_that_the_frame_cuts_is_worn_and_skin_is_not_its_colour() -> None:
    blobs = MemoryBlobs()
    photo, mask = np.full((96, 96, 3), 255, np.uint8), np.zeros((96, 96), np.uint8)
    photo[:60, 20:76], photo[60:, 20:76], mask[:, 20:76] = (224, 172, 138), (40, 70, 160), 255
    worn = green_bag(
        blobs, mask=blobs.put("masks/w.png", encode_image(mask), "image/png"), border_contact=("top", "bottom")
    ).model_copy(
        update={
            "image": blobs.put("images/w.png", encode_image(photo), "image/png"),
            "facts": ProductFacts(title="Breeze Shirt"),
        }
    )
    caption = CaptionProduct(ScriptedVisionLanguageModel(), blobs)(worn).caption
    assert caption is not None
    assert caption.product_short == "a blue shirt"
    assert caption.product_long == "Breeze Shirt: a blue shirt, worn by a person."


def test_a_plain_backdrop_is_never_asked_of_the_model() -> None:
    blobs, model = MemoryBlobs(), ScriptedVisionLanguageModel(background_long="a beach")
    CaptionProduct(model, blobs)(green_bag(blobs))
    assert "background_long" not in dict(model.shown)


def test_the_ideas_of_a_visual_language_model_are_taken() -> None:
    lines = "\n".join(f"{turn}. on oak planks, a window number {turn} behind" for turn in range(1, 8))
    blobs = MemoryBlobs()
    caption = CaptionProduct(ScriptedVisionLanguageModel(ideas=lines), blobs)(green_bag(blobs)).caption
    assert caption is not None
    assert caption.ideas[0].prompt == "on oak planks, a window number 1 behind"


def test_six_ideas_of_a_model_are_enough() -> None:
    lines = "\n".join(f"{turn}. on oak planks, a window number {turn} behind" for turn in range(1, 7))
    blobs = MemoryBlobs()
    caption = CaptionProduct(ScriptedVisionLanguageModel(ideas=lines), blobs)(green_bag(blobs)).caption
    assert caption is not None
    assert [idea.prompt[-8:] for idea in caption.ideas] == [f"{turn} behind" for turn in range(1, 7)]


def test_the_ideas_of_the_rules_keep_away_from_the_products_own_colour() -> None:
    blobs = MemoryBlobs()
    event = green_bag(blobs)
    for number in range(20):
        caption = CaptionProduct(ScriptedVisionLanguageModel(), blobs)(
            event.model_copy(update={"product_id": f"p{number}"})
        ).caption
        assert caption is not None
        assert not [idea.prompt for idea in caption.ideas if "green wall" in idea.prompt]


@pytest.mark.parametrize("reply", ["I am sorry, I cannot help with that.", "[{]", "1. only one idea here"])
def test_a_reply_that_holds_no_ideas_falls_back_on_the_rules(reply: str) -> None:
    blobs = MemoryBlobs()
    by_rules = CaptionProduct(ScriptedVisionLanguageModel(), MemoryBlobs())
    expected = by_rules(green_bag(by_rules.blobs)).caption  # type: ignore[arg-type]
    caption = CaptionProduct(ScriptedVisionLanguageModel(ideas=reply), blobs)(green_bag(blobs)).caption
    assert caption is not None
    assert expected is not None
    assert caption.ideas == expected.ideas


def test_a_refused_photo_passes_through_uncaptioned() -> None:
    blobs = MemoryBlobs()
    event = green_bag(blobs, mask=None, refusal="several_products", refusal_detail="two shoes of different pairs")
    captioned = CaptionProduct(ScriptedVisionLanguageModel(), blobs)(event)
    assert captioned.caption is None
    assert captioned.segmentation.refusal == "several_products"
    assert captioned.scenes == event.scenes


def test_a_refusal_counts_even_where_a_mask_was_found() -> None:
    blobs, model = MemoryBlobs(), ScriptedVisionLanguageModel()
    event = green_bag(blobs, refusal="low_confidence", refusal_detail="cannot be told apart")
    assert CaptionProduct(model, blobs)(event).caption is None and model.shown == []


def test_a_redelivery_repeats_the_words_without_looking_again() -> None:
    blobs, model = MemoryBlobs(), ScriptedVisionLanguageModel(background_long="on oak before a wall")
    use_case, event = CaptionProduct(model, blobs), green_bag(blobs, backdrop="scene")
    first, looks = use_case(event), len(model.shown)
    assert use_case(event) == first
    assert len(model.shown) == looks


def test_a_newer_number_of_the_same_photo_repeats_the_words_under_that_number() -> None:
    blobs, model = MemoryBlobs(), ScriptedVisionLanguageModel(background_long="on oak before a wall")
    use_case, event = CaptionProduct(model, blobs), green_bag(blobs, backdrop="scene")
    first, looks = use_case(event.model_copy(update={"revision": 5})), len(model.shown)
    again = use_case(event.model_copy(update={"revision": 9}))
    assert (first.revision, again.revision) == (5, 9)
    assert again.caption == first.caption and len(model.shown) == looks


def test_new_facts_under_the_same_product_id_are_new_work() -> None:
    blobs = MemoryBlobs()
    use_case, event = CaptionProduct(ScriptedVisionLanguageModel(), blobs), green_bag(blobs)
    use_case(event)
    renamed = event.model_copy(update={"facts": ProductFacts(title="Track Mug")})
    caption = use_case(renamed).caption
    assert caption is not None
    assert caption.product_short == "a green mug"


def test_a_photo_that_changed_behind_its_reference_is_refused_with_a_reason() -> None:
    blobs = MemoryBlobs()
    event = green_bag(blobs)
    blobs.put("images/i.png", b"other bytes", "image/png")
    with pytest.raises(NotKnown) as caught:
        CaptionProduct(ScriptedVisionLanguageModel(), blobs)(event)
    assert caught.value.reason == "blob_changed"


class OvertakenBlobs(MemoryBlobs):
    """Another worker writes the same manifest between our look and our writing."""

    def put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:
        """Too late: the other's words are there."""
        faster = ProductCaptioned.model_validate_json(data)
        assert faster.caption is not None
        words = faster.caption.model_copy(update={"product_short": "said by the other"})
        self.put(key, faster.model_copy(update={"caption": words}).model_dump_json().encode(), content_type)
        return False


def test_of_two_workers_at_once_both_announce_the_words_of_the_faster() -> None:
    blobs = OvertakenBlobs()
    caption = CaptionProduct(ScriptedVisionLanguageModel(), blobs)(green_bag(blobs)).caption
    assert caption is not None
    assert caption.product_short == "said by the other"


def test_a_caption_lies_under_its_product_as_the_event_that_was_announced() -> None:
    blobs = MemoryBlobs()
    event = green_bag(blobs)
    said = CaptionProduct(ScriptedVisionLanguageModel(), blobs)(event)
    (key,) = blobs.keys("products/")
    assert re.fullmatch(rf"products/p1/captioned-{event.image.sha256[:16]}-[0-9a-f]{{16}}\.json", key)
    data, content_type = blobs.stored[key]
    assert (ProductCaptioned.model_validate_json(data), content_type) == (said, "application/json")
