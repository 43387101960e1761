"""What the catalogue's values say of themselves."""

import pytest

from services.curator.records import NEVER, Consent, Release, Review, Sample, version_name
from shared.contracts.blobs import BlobRef

IMAGE = BlobRef(bucket="backdrop", key="images/a.jpg", sha256="1" * 64, size=1)


def sample(**given: object) -> Sample:
    known = {"mask": IMAGE, "captions": ("on oak",), "product": "mug", "promoted": True, "may_train": True}
    return Sample(product_id="a", image=IMAGE, reason="kept", phash=7, scores={"area": 0.1}, **(known | given))  # type: ignore[arg-type]


def review(product_defects: int, background_defects: int, raters: int = 4) -> Review:
    return Review(
        product_id="a",
        request_id="r",
        image=IMAGE,
        raters=raters,
        product_defects=product_defects,
        background_defects=background_defects,
    )


@pytest.mark.parametrize(
    ("consent", "revision", "stands"),
    [
        (Consent(), 0, True),
        (Consent(refused=0), 0, False),
        (Consent(refused=0), 1, True),
        (Consent(refused=5), 5, False),
        (Consent(refused=5), 4, False),
        (Consent(withdrawn=True), 2**53 - 1, False),
    ],
)
def test_a_yes_stands_when_it_is_newer_than_every_no(consent: Consent, revision: int, stands: bool) -> None:
    assert consent.covers(revision) is stands
    assert Consent().refused == NEVER


def test_a_sample_is_named_by_its_product_and_photo_without_dots() -> None:
    assert sample().key == "010840da6573e2a4888e"  # sha256("a\n" + 64 ones), the first 20
    assert sample(revision=9).key == sample().key


def test_without_consent_nothing_that_was_measured_stays() -> None:
    dropped = sample().without_consent()
    assert sample().kept and not dropped.kept
    assert (dropped.may_train, dropped.reason, dropped.scores, dropped.phash) == (False, "no_consent", {}, None)


@pytest.mark.parametrize(
    ("seen", "score", "defect"),
    [((0, 0), 1.0, None), ((1, 1), 0.75, None), ((2, 4), 0.0, "product"), ((1, 2), 0.5, "background")],
)
def test_a_review_is_a_share_without_defect_and_what_half_of_the_raters_saw(
    seen: tuple[int, int], score: float, defect: str | None
) -> None:
    assert (review(*seen).score, review(*seen).defect) == (score, defect)


def test_versions_sort_by_age() -> None:
    release = Release(dataset="product", sequence=12, content="abcdef" * 10, manifest=IMAGE, samples=1, counts={})
    assert release.version == version_name(12, "abcdef" * 10) == "0012-abcdefabcdef"
    assert version_name(9, "f" * 64) < version_name(10, "0" * 64)
