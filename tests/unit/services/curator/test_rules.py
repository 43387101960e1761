"""One sample for every reason."""

from typing import Any

import pytest

from services.curator.pixels.looks import Looks
from services.curator.rules import Novelty, judge_metadata, judge_pixels
from services.curator.verdicts import REASONS, Measured, Metadata, Reason
from shared.contracts.blobs import BlobRef
from shared.contracts.events import Caption, ProductFacts, Segmentation

MASK = BlobRef(bucket="backdrop", key="masks/a.png", sha256="0" * 64, size=1)
CAPTION: dict[str, Any] = {
    "product_short": "mug", "product_long": "a mug", "background_short": "oak table",
    "background_long": "on an oak table", "captioner": "test",
}  # fmt: skip


def metadata(
    facts: dict[str, Any] | None = None,
    found: dict[str, Any] | None = None,
    caption: dict[str, Any] | None = None,
    withdrawn: bool = False,
    outweighed: bool = False,
) -> Metadata:
    """A good sample, but for what is given."""
    good = {"mask": MASK, "confidence": 0.9, "backdrop": "scene", "area": 0.2, "segmenter": "test"}
    return Metadata(
        facts=ProductFacts(**({"may_train": True} | (facts or {}))),
        segmentation=Segmentation(**(good | (found or {}))),
        caption=Caption(**(CAPTION | (caption or {}))),
        withdrawn=withdrawn,
        outweighed=outweighed,
    )


def measured(**looks: Any) -> Measured:
    """A good picture, but for what is given."""
    good: dict[str, Any] = {
        "width": 512, "height": 512, "sharpness": 500.0, "brightness": 0.5, "contrast": 0.6, "clipped": 0.0,
        "text": 0.0, "parts": 1, "phash": 1,
    }  # fmt: skip
    return Measured(Looks(**(good | looks)))


METADATA: list[tuple[Reason, Metadata]] = [
    ("kept", metadata()),
    ("kept", metadata(facts={"title": "Shot glass, nude pumps, bloody mary mix"})),
    ("kept", metadata(found={"border_contact": ("bottom",)})),
    ("withdrawn", metadata(withdrawn=True)),
    ("withdrawn", metadata(facts={"may_train": False}, withdrawn=True)),
    ("no_consent", metadata(facts={"may_train": False})),
    ("no_consent", metadata(outweighed=True)),
    ("photo_refused", metadata(found={"refusal": "no_product", "mask": None})),
    ("photo_refused", metadata(found={"mask": None})),
    ("plain_backdrop", metadata(found={"backdrop": "plain"})),
    ("unsure_mask", metadata(found={"confidence": 0.7})),
    ("product_too_small", metadata(found={"area": 0.01})),
    ("product_too_large", metadata(found={"area": 0.9})),
    ("product_cut_off", metadata(found={"border_contact": ("bottom", "left")})),
    ("background_not_described", metadata(caption={"background_short": "", "background_long": "table"})),
    ("unsafe_words", metadata(facts={"title": "Vintage RIFLE case"})),
    ("unsafe_words", metadata(facts={"description": "for your rifle"})),
    ("unsafe_words", metadata(facts={"category": "rifle"})),
    ("unsafe_words", metadata(caption={"product_short": "rifle case"})),
    ("unsafe_words", metadata(caption={"product_long": "a case for a rifle"})),
    ("unsafe_words", metadata(caption={"background_short": "oak table, rifle"})),
    ("unsafe_words", metadata(caption={"background_long": "beside a pack of cigarettes"})),
]

AT_THE_LIMIT: list[tuple[Reason, dict[str, Any]]] = [
    ("kept", {"confidence": 0.8}),
    ("unsure_mask", {"confidence": 0.799}),
    ("kept", {"area": 0.02}),
    ("product_too_small", {"area": 0.019}),
    ("kept", {"area": 0.8}),
    ("product_too_large", {"area": 0.801}),
]

MEASURED: list[tuple[Reason, Measured]] = [
    ("kept", measured()),
    ("kept", measured(parts=2)),
    ("too_small", measured(height=200)),
    ("blurred", measured(sharpness=12.0)),
    ("too_dark", measured(brightness=0.03)),
    ("too_bright", measured(brightness=0.98)),
    ("flat", measured(contrast=0.05)),
    ("text_overlay", measured(text=0.02)),
    ("several_parts", measured(parts=5)),
    ("collage", measured(dividers=1)),
    ("text_overlay", measured(words=0.0021)),
]

BESIDE_OTHERS: list[tuple[Reason, bool, int | None]] = [
    ("kept", False, None),
    ("kept", False, 6),
    ("near_duplicate", False, 5),
    ("near_duplicate", False, 0),
    ("duplicate", True, 0),
]

PIXELS_AT_THE_LIMIT: list[tuple[Reason, Measured]] = [
    ("kept", measured(width=256)),
    ("too_small", measured(width=255)),
    ("kept", measured(height=256)),
    ("too_small", measured(height=255)),
    ("kept", measured(sharpness=40.0)),
    ("blurred", measured(sharpness=39.9)),
    ("kept", measured(brightness=0.06)),
    ("too_dark", measured(brightness=0.059)),
    ("kept", measured(brightness=0.96)),
    ("too_bright", measured(brightness=0.961)),
    ("kept", measured(contrast=0.12)),
    ("flat", measured(contrast=0.119)),
    ("kept", measured(text=0.01)),
    ("text_overlay", measured(text=0.011)),
    ("kept", measured(parts=3)),
    ("several_parts", measured(parts=4)),
]


@pytest.mark.parametrize(("reason", "given"), METADATA, ids=[reason for reason, _ in METADATA])
def test_papers_are_judged_for_this_reason(reason: Reason, given: Metadata) -> None:
    verdict = judge_metadata(given)
    assert (verdict.reason, verdict.kept) == (reason, reason == "kept")


@pytest.mark.parametrize(("reason", "given"), MEASURED, ids=[reason for reason, _ in MEASURED])
def test_a_picture_is_judged_for_this_reason(reason: Reason, given: Measured) -> None:
    verdict = judge_pixels(given, {"confidence": 0.9})
    assert (verdict.reason, verdict.kept) == (reason, reason == "kept")
    assert verdict.scores["confidence"] == 0.9 and verdict.scores["sharpness"] == given.looks.sharpness


@pytest.mark.parametrize(("reason", "twin", "distance"), BESIDE_OTHERS)
def test_a_picture_is_new_beside_those_that_go_before_it(reason: Reason, twin: bool, distance: int | None) -> None:
    assert (Novelty()(twin=twin, distance=distance) or "kept") == reason


@pytest.mark.parametrize(
    ("cosine", "near", "far"),  # what a hash says that is near, and one that is far
    [
        (0.69, None, None),
        (0.7, "near_duplicate", None),
        (0.97, "near_duplicate", None),
        (0.98, "near_duplicate", "near_duplicate"),
    ],
)
def test_a_hash_decides_between_two_cosines_alone(cosine: float, near: Reason | None, far: Reason | None) -> None:
    assert [Novelty()(twin=False, distance=distance, cosine=cosine) for distance in (0, 64)] == [near, far]


@pytest.mark.parametrize(("reason", "found"), AT_THE_LIMIT)
def test_a_mask_exactly_at_a_limit_is_good_enough(reason: Reason, found: dict[str, Any]) -> None:
    assert judge_metadata(metadata(found=found)).reason == reason


@pytest.mark.parametrize(("reason", "given"), PIXELS_AT_THE_LIMIT)
def test_a_picture_exactly_at_a_limit_is_good_enough(reason: Reason, given: Measured) -> None:
    assert judge_pixels(given, {}).reason == reason


@pytest.mark.parametrize(
    ("short", "long", "reason"),
    [
        ("", "oak table", "kept"),
        ("oak table", "", "kept"),
        ("oak table", "table", "background_not_described"),  # the long one counts where there is one
        ("", "", "background_not_described"),
    ],
)
def test_a_background_is_described_by_two_words_of_its_longest_caption(short: str, long: str, reason: Reason) -> None:
    given = metadata(caption={"background_short": short, "background_long": long})
    assert judge_metadata(given).reason == reason


def test_a_verdict_names_every_score_with_four_digits() -> None:
    papers = judge_metadata(metadata(found={"confidence": 0.98765432, "area": 0.12345678}))
    assert papers.scores == {"confidence": 0.9877, "area": 0.1235}
    seen = measured(sharpness=123.456789, brightness=0.1, contrast=0.2, clipped=0.3, text=0.004, parts=2)
    assert judge_pixels(seen, papers.scores).scores == {
        "confidence": 0.9877,
        "area": 0.1235,
        "sharpness": 123.4568,
        "brightness": 0.1,
        "contrast": 0.2,
        "clipped": 0.3,
        "text": 0.004,
        "parts": 2.0,
        "dividers": 0.0,
    }


def test_every_reason_has_a_sample_here() -> None:
    beside = {reason for reason, _, _ in BESIDE_OTHERS}
    assert {reason for reason, _ in (*METADATA, *MEASURED)} | beside == set(REASONS)


def test_a_photo_without_a_caption_is_not_described() -> None:
    without = Metadata(facts=metadata().facts, segmentation=metadata().segmentation, caption=None)
    assert judge_metadata(without).reason == "background_not_described"
