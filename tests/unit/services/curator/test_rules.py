"""One sample for every reason."""

from typing import Any

import pytest

from services.curator.looks import Looks
from services.curator.rules import REASONS, Papers, Reason, Sight, judge_papers, judge_sight
from shared.contracts.blobs import BlobRef
from shared.contracts.events import Caption, ProductFacts, Segmentation

MASK = BlobRef(bucket="backdrop", key="masks/a.png", sha256="0" * 64, size=1)
CAPTION: dict[str, Any] = {
    "product_short": "mug", "product_long": "a mug", "background_short": "oak table",
    "background_long": "on an oak table", "captioner": "test",
}  # fmt: skip


def papers(
    facts: dict[str, Any] | None = None,
    found: dict[str, Any] | None = None,
    caption: dict[str, Any] | None = None,
    withdrawn: bool = False,
) -> Papers:
    """A good sample, but for what is given."""
    good = {"mask": MASK, "confidence": 0.9, "backdrop": "scene", "area": 0.2, "segmenter": "test"}
    return Papers(
        facts=ProductFacts(**({"may_train": True} | (facts or {}))),
        segmentation=Segmentation(**(good | (found or {}))),
        caption=Caption(**(CAPTION | (caption or {}))),
        withdrawn=withdrawn,
    )


def sight(twin: bool = False, distance: int | None = None, **looks: Any) -> Sight:
    """A good picture, but for what is given."""
    good: dict[str, Any] = {
        "width": 512, "height": 512, "sharpness": 500.0, "brightness": 0.5, "contrast": 0.6, "clipped": 0.0,
        "text": 0.0, "parts": 1, "phash": 1,
    }  # fmt: skip
    return Sight(looks=Looks(**(good | looks)), twin=twin, distance=distance)


PAPERS: list[tuple[Reason, Papers]] = [
    ("kept", papers()),
    ("kept", papers(facts={"title": "Shot glass, nude pumps, bloody mary mix"})),
    ("kept", papers(found={"border_contact": ("bottom",)})),
    ("withdrawn", papers(withdrawn=True)),
    ("withdrawn", papers(facts={"may_train": False}, withdrawn=True)),
    ("no_consent", papers(facts={"may_train": False})),
    ("photo_refused", papers(found={"refusal": "no_product", "mask": None})),
    ("photo_refused", papers(found={"mask": None})),
    ("plain_backdrop", papers(found={"backdrop": "plain"})),
    ("unsure_mask", papers(found={"confidence": 0.7})),
    ("product_too_small", papers(found={"area": 0.01})),
    ("product_too_large", papers(found={"area": 0.9})),
    ("product_cut_off", papers(found={"border_contact": ("bottom", "left")})),
    ("background_not_described", papers(caption={"background_short": "", "background_long": "table"})),
    ("unsafe_words", papers(facts={"title": "Vintage RIFLE case"})),
    ("unsafe_words", papers(caption={"background_long": "beside a pack of cigarettes"})),
]

SIGHTS: list[tuple[Reason, Sight]] = [
    ("kept", sight()),
    ("kept", sight(distance=6, parts=2)),
    ("too_small", sight(height=200)),
    ("blurred", sight(sharpness=12.0)),
    ("too_dark", sight(brightness=0.03)),
    ("too_bright", sight(brightness=0.98)),
    ("flat", sight(contrast=0.05)),
    ("text_overlay", sight(text=0.02)),
    ("several_parts", sight(parts=5)),
    ("duplicate", sight(twin=True, distance=0)),
    ("near_duplicate", sight(distance=5)),
]


@pytest.mark.parametrize(("reason", "given"), PAPERS, ids=[reason for reason, _ in PAPERS])
def test_papers_are_judged_for_this_reason(reason: Reason, given: Papers) -> None:
    verdict = judge_papers(given)
    assert (verdict.reason, verdict.kept) == (reason, reason == "kept")


@pytest.mark.parametrize(("reason", "given"), SIGHTS, ids=[reason for reason, _ in SIGHTS])
def test_a_picture_is_judged_for_this_reason(reason: Reason, given: Sight) -> None:
    verdict = judge_sight(given, {"confidence": 0.9})
    assert (verdict.reason, verdict.kept) == (reason, reason == "kept")
    assert verdict.scores["confidence"] == 0.9 and verdict.scores["sharpness"] == given.looks.sharpness


def test_every_reason_has_a_sample_here() -> None:
    assert {reason for reason, _ in (*PAPERS, *SIGHTS)} == set(REASONS)


def test_a_photo_without_a_caption_is_not_described() -> None:
    without = Papers(facts=papers().facts, segmentation=papers().segmentation, caption=None)
    assert judge_papers(without).reason == "background_not_described"
