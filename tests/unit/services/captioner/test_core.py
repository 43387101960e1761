"""Captioning one product: whose words count, what passes through, and that it is done once."""

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
