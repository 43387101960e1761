"""Judging a photo: once, with a reason, and not without consent."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import cv2
import numpy as np
import pytest

from services.curator.core import CurateSamples
from services.curator.curator import Curator
from services.curator.records import Review, Sample
from shared.contracts.blobs import digest, withdrawn_key
from shared.contracts.errors import BadImage, DependencyDown, NotKnown
from shared.contracts.events import (
    BackgroundReviewed,
    ProductCaptioned,
    ProductWithdrawn,
    SampleCurated,
    Scene,
)
from shared.contracts.images import Pixels
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.catalogue import MemoryCatalogue

from .conftest import scene

Captioned = Callable[..., ProductCaptioned]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def curate(curator: Curator, event: ProductCaptioned) -> SampleCurated:
    (curated,) = curator.curate([event])
    return curated


def test_a_good_photo_is_kept(curator: Curator, captioned: Captioned, catalogue: MemoryCatalogue) -> None:
    event = captioned("mug")
    curated = curate(curator, event)
    assert (curated.verdict, curated.reason, curated.image_sha256) == ("kept", "kept", event.image.sha256)
    assert curated.scores["sharpness"] > 40 and curated.scores["confidence"] == 0.95
    (sample,) = catalogue.kept()
    assert sample.captions == ("wooden table, brick wall", "on a wooden table with a brick wall")


def test_words_are_read_last_and_only_of_a_photo_against_which_nothing_else_speaks(
    curator: Curator, captioned: Captioned
) -> None:
    opened = list[int]()

    def reads(rgb: Pixels, mask: Pixels) -> float:
        opened.append(len(rgb))
        return 0.25 if len(opened) == 1 else 0.0

    reading = replace(curator, curate=replace(curator.curate, reads=reads))
    blurred = np.asarray(cv2.GaussianBlur(scene(5), (0, 0), 4))
    assert curate(reading, captioned("soft", blurred)).reason == "blurred" and opened == []
    advert, photo = curate(reading, captioned("advert")), curate(reading, captioned("mug"))
    assert (advert.reason, advert.scores["words"]) == ("text_overlay", 0.25)
    assert (photo.reason, photo.scores["words"], opened) == ("kept", 0.0, [320, 320])
    assert "words" not in curate(curator, captioned("lamp")).scores  # where nobody reads


def test_a_redelivery_says_the_very_same(curator: Curator, captioned: Captioned, catalogue: MemoryCatalogue) -> None:
    first = curate(curator, captioned("mug"))
    catalogue.samples.clear()
    assert curate(curator, captioned("mug")) == first
    assert catalogue.samples == {}  # found among what was told, not judged again


def test_a_new_photo_of_a_product_is_new_work(curator: Curator, captioned: Captioned) -> None:
    first = curate(curator, captioned("mug"))
    second = curate(curator, captioned("mug", scene(77)))
    assert second.image_sha256 != first.image_sha256 and second.verdict == "kept"


def test_a_photo_without_consent_is_never_opened(curator: Curator, captioned: Captioned, blobs: MemoryBlobs) -> None:
    event = captioned("mug", may_train=False)
    del blobs.stored[event.image.key]
    assert curate(curator, event).reason == "no_consent"


def test_a_photo_without_consent_by_a_newer_revision_is_never_opened(
    curator: Curator, captioned: Captioned, blobs: MemoryBlobs
) -> None:
    curate(curator, captioned("mug", scene(9), may_train=False).model_copy(update={"revision": 2}))
    late = captioned("mug").model_copy(update={"revision": 1})
    del blobs.stored[late.image.key]
    assert curate(curator, late).reason == "no_consent"


STATEMENTS = {
    "yes": ("first photo", True, 1),
    "no": ("first photo", False, 2),
    "yes to another photo": ("second photo", True, 3),
}


@pytest.mark.parametrize("withdrawn", [False, True])
@pytest.mark.parametrize("order", list(permutations([*STATEMENTS, "withdrawal"])), ids=" ".join)
def test_in_whatever_order_an_owner_is_heard_the_last_word_counts(
    curator: Curator, captioned: Captioned, catalogue: MemoryCatalogue, order: tuple[str, ...], withdrawn: bool
) -> None:
    pictures = {"first photo": scene(1), "second photo": scene(2)}
    for word in (*order, *order):  # all of it is delivered twice
        if word in STATEMENTS:
            picture, may_train, revision = STATEMENTS[word]
            event = captioned("mug", pictures[picture], may_train=may_train)
            curate(curator, event.model_copy(update={"revision": revision}))
        elif withdrawn:
            curator.withdraw(ProductWithdrawn(product_id="mug", revision=1))
    second = captioned("mug", scene(2)).image.sha256
    assert [sample.image.sha256 for sample in catalogue.kept()] == ([] if withdrawn else [second])
    assert catalogue.reasons() == ({} if withdrawn else {"kept": 1, "no_consent": 1})


def test_the_same_photo_under_another_name_is_a_duplicate(curator: Curator, captioned: Captioned) -> None:
    curate(curator, captioned("mug", scene(5)))
    assert curate(curator, captioned("other mug", scene(5))).reason == "duplicate"
    almost = scene(5)
    almost[0, 0] = 0
    assert curate(curator, captioned("third mug", almost)).reason == "near_duplicate"


def test_a_withdrawn_product_leaves_nothing_behind(
    curator: Curator, captioned: Captioned, catalogue: MemoryCatalogue
) -> None:
    curate(curator, captioned("mug"))
    curator.withdraw(ProductWithdrawn(product_id="mug"))
    assert catalogue.samples == {}
    assert curate(curator, captioned("mug")).reason == "withdrawn"
    assert curate(curator, captioned("mug", scene(9))).reason == "withdrawn"
    assert catalogue.samples == {}


def test_an_opt_out_is_remembered_with_its_reason_and_its_revision(
    curator: Curator, catalogue: MemoryCatalogue, blobs: MemoryBlobs
) -> None:
    for _ in range(2):
        curator.withdraw(ProductWithdrawn(product_id="mug", reason="sold to somebody else", revision=3))
    assert catalogue.withdrawn == {"mug": (3, "sold to somebody else")}
    assert blobs.stored[withdrawn_key("mug")] == (b'{"product_id": "mug"}', "application/json")


def test_broken_bytes_are_refused_by_name(curator: Curator, captioned: Captioned, blobs: MemoryBlobs) -> None:
    event = captioned("mug")
    ref = blobs.put("images/broken.jpg", b"no picture", "image/jpeg")
    with pytest.raises(BadImage):
        curate(curator, event.model_copy(update={"image": ref}))
    with pytest.raises(NotKnown):
        curate(curator, event.model_copy(update={"image": ref.model_copy(update={"key": "images/none.jpg"})}))


def test_an_outage_of_the_catalogue_is_no_verdict(
    curator: Curator, captioned: Captioned, catalogue: MemoryCatalogue
) -> None:
    catalogue.down = True
    with pytest.raises(DependencyDown):
        curate(curator, captioned("mug"))
    catalogue.down = False
    assert curate(curator, captioned("mug")).verdict == "kept"


def test_all_that_is_known_of_a_kept_photo_is_remembered(
    curator: Curator, captioned: Captioned, catalogue: MemoryCatalogue
) -> None:
    event = captioned("mug", category="kitchen", merchant="acme").model_copy(update={"revision": 4})
    curated = curate(curator, event)
    (sample,) = catalogue.kept()
    assert sample.phash is not None
    assert sample == Sample(
        product_id="mug",
        image=event.image,
        mask=event.segmentation.mask,
        captions=("wooden table, brick wall", "on a wooden table with a brick wall"),
        product="mug",
        promoted=True,
        may_train=True,
        reason="kept",
        scores=curated.scores,
        phash=sample.phash,
        revision=4,
        category="kitchen",
        merchant="acme",
    )


def test_a_dropped_photo_is_told_and_remembered_with_its_reason(
    curator: Curator, captioned: Captioned, catalogue: MemoryCatalogue
) -> None:
    event = captioned("mug")
    unsure = event.segmentation.model_copy(update={"confidence": 0.5})
    curated = curate(curator, event.model_copy(update={"segmentation": unsure}))
    assert curated == SampleCurated(
        product_id="mug",
        image_sha256=event.image.sha256,
        verdict="dropped",
        reason="unsure_mask",
        scores={"confidence": 0.5, "area": 0.11},
    )
    (sample,) = catalogue.samples.values()
    assert (sample.reason, sample.scores, sample.phash) == ("unsure_mask", curated.scores, None)
    assert (sample.promoted, sample.may_train, sample.category, sample.merchant) == (True, True, "", "")


def test_a_photo_without_a_caption_is_remembered_without_words(
    curator: Curator, captioned: Captioned, catalogue: MemoryCatalogue
) -> None:
    curate(curator, captioned("mug", promoted=False).model_copy(update={"caption": None}))
    (sample,) = catalogue.samples.values()
    assert (sample.captions, sample.product, sample.promoted) == ((), "", False)


def test_captions_are_remembered_once_without_space_around_them_and_without_empty_ones(
    curator: Curator, captioned: Captioned, catalogue: MemoryCatalogue
) -> None:
    event = captioned("mug")
    assert event.caption is not None
    for short, long, kept in (
        (" oak table ", "oak table", ("oak table",)),
        ("  ", "on an oak table ", ("on an oak table",)),
    ):
        caption = event.caption.model_copy(update={"background_short": short, "background_long": long})
        curate(curator, event.model_copy(update={"caption": caption}))
        assert [sample.captions for sample in catalogue.samples.values()] == [kept]


def test_a_verdict_is_told_again_for_all_that_was_known_of_a_photo_but_the_wishes_of_a_brand(
    curator: Curator, captioned: Captioned, catalogue: MemoryCatalogue
) -> None:
    event = captioned("mug")
    curated = curate(curator, event)
    (known,) = catalogue.told
    assert known[0] == "mug" and re.fullmatch("[0-9a-f]{24}", known[1]) and catalogue.told[known] == curated
    curate(curator, event.model_copy(update={"scenes": (Scene(prompt="on sand"),)}))
    assert set(catalogue.told) == {known}
    curate(curator, event.model_copy(update={"revision": 9}))
    curate(curator, captioned("mug", title="a cup"))
    assert len(catalogue.told) == 3


def test_of_two_workers_on_one_photo_the_first_ones_verdict_is_told_by_both(
    curator: Curator, captioned: Captioned, catalogue: MemoryCatalogue
) -> None:
    event = captioned("mug")
    other = curate(curator, event).model_copy(update={"scores": {"told": 1.0}})
    catalogue.told = dict.fromkeys(catalogue.told, other)
    catalogue.verdicts = lambda known: {}  # type: ignore[method-assign]  # the other is about to tell it
    assert curate(curator, event) == other


def test_a_batch_is_judged_as_its_photos_are_one_by_one(curator: Curator, captioned: Captioned) -> None:
    mug, unloved = captioned("mug"), captioned("bowl", may_train=False)
    copy = captioned("cup", scene(int(digest(b"mug")[:8], 16)))
    found = curator.curate([mug, unloved, mug, copy])
    assert [one.product_id for one in found] == ["mug", "bowl", "mug", "cup"] and found[0] == found[2]
    assert sorted(str(one.reason) for one in found[1:]) == ["duplicate", "kept", "no_consent"]


def test_a_no_of_a_batch_stands_before_its_photos_are_opened(
    curator: Curator, captioned: Captioned, blobs: MemoryBlobs
) -> None:
    yes = captioned("mug")
    no = captioned("mug", scene(3), may_train=False).model_copy(update={"revision": 1})
    del blobs.stored[yes.image.key]
    assert [one.reason for one in curator.curate([yes, no])] == ["no_consent", "no_consent"]


def test_one_bad_photo_of_a_batch_does_not_keep_the_others_from_being_remembered(
    curator: Curator, captioned: Captioned, catalogue: MemoryCatalogue, blobs: MemoryBlobs
) -> None:
    bad = captioned("bad")
    del blobs.stored[bad.image.key]
    with pytest.raises(NotKnown):
        curator.curate([captioned("first"), bad, captioned("last")])
    assert {one.product_id for one in catalogue.kept()} == {"first", "last"} == {known for known, _ in catalogue.told}


def test_votes_are_remembered_as_they_were_given(
    curator: Curator, captioned: Captioned, catalogue: MemoryCatalogue
) -> None:
    image = captioned("mug").image
    seen = {"product_id": "mug", "request_id": "r-1", "image": image}
    votes = {"raters": 5, "product_defects": 2, "background_defects": 3}
    for rater in (None, "ann"):
        curator.review(BackgroundReviewed.model_validate(seen | votes | {"rater": rater}))
    assert list(catalogue.votes.values()) == [Review(**seen, **votes, rater=rater) for rater in ("", "ann")]


def test_a_photo_is_judged_by_the_rules_that_are_given(
    captioned: Captioned, catalogue: MemoryCatalogue, blobs: MemoryBlobs
) -> None:
    def judged(event: ProductCaptioned, **rules: Any) -> str:
        return str(CurateSamples(catalogue=catalogue, blobs=blobs, **rules)([event])[0].reason)

    mug = captioned("mug")
    plain = mug.model_copy(update={"segmentation": mug.segmentation.model_copy(update={"backdrop": "plain"})})
    assert judged(plain, metadata_rules=()) == "kept"
    unloved = captioned("bowl", may_train=False)
    assert judged(unloved, metadata_rules=()) == "no_consent"  # which no rule decides
    assert judged(captioned("cup"), pixel_rules=(lambda measured: "blurred",)) == "blurred"
