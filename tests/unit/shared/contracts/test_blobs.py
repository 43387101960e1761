"""Keys are safe path segments whatever a merchant calls a product."""

from urllib.parse import unquote

import pytest

from shared.contracts.blobs import (
    LONGEST_SAFE,
    background_prefix,
    dataset_prefix,
    digest,
    fetch,
    image_key,
    job_prefix,
    mask_key,
    model_prefix,
    product_prefix,
    safe,
    stage_key,
)
from shared.contracts.errors import NotKnown
from tests.fakes.blobs import MemoryBlobs


@pytest.mark.parametrize(
    ("name", "segment"),
    [
        ("mug-1", "mug-1"),
        ("blue mug (1)", "blue%20mug%20%281%29"),
        ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"),
        ("..", "%2E."),
        ("Tasse ä", "Tasse%20%C3%A4"),
    ],
)
def test_a_product_id_never_leaves_its_folder(name: str, segment: str) -> None:
    assert safe(name) == segment
    assert stage_key(name, "segmented") == f"products/{segment}/segmented.json"


def test_a_long_name_is_cut_and_ends_in_its_hash_and_a_short_one_stays_as_it_is() -> None:
    assert safe("茶" * 26) == "%E8%8C%B6" * 26
    cut = safe("茶" * 27)
    assert cut == "%E8%8C%B6" * 23 + "~" + digest(("茶" * 27).encode())[:32]
    assert safe("茶" * 27) == cut != safe("茶" * 28)
    assert safe("x" * 240) == "x" * 240
    assert safe("x" * 241) == "x" * 207 + "~" + digest(b"x" * 241)[:32]


@pytest.mark.parametrize("long", ["茶" * 27, "x" + " " * 80, "xx" + " " * 80, "x" * 241])
def test_a_name_that_looks_like_a_cut_one_has_a_segment_of_its_own(long: str) -> None:
    forged = unquote(safe(long))
    assert safe(forged) != safe(long) and unquote(safe(forged)) != forged
    assert len(safe(forged)) <= LONGEST_SAFE


def test_no_percent_code_is_cut_in_half() -> None:
    for ahead in range(9):
        assert "%" not in safe("x" * ahead + "茶" * 40).replace("%E8", "").replace("%8C", "").replace("%B6", "")


def test_half_a_character_has_a_segment_of_its_own() -> None:
    assert safe("\ud800") == "%ED%A0%80"
    assert len({safe(name * times) for name in ("?", "\ud800", "\ud801", "\ufffd") for times in (1, 100)}) == 8


def test_the_layout_of_keys_is_what_policies_go_by() -> None:
    assert image_key("ab", "png") == "images/ab.png"
    assert mask_key("ab", "sam 1", "c" * 64) == "masks/ab/sam%201-cccccccccccccccc.png"
    assert product_prefix("a/b") == "products/a%2Fb/"
    assert dataset_prefix("product", "0001-c") == "datasets/product/0001-c/"
    assert job_prefix("job-1") == "jobs/job-1/"
    assert model_prefix("mini", "2") == "models/mini/2/"
    assert background_prefix("r-1") == "backgrounds/r-1/"


def test_bytes_that_are_not_the_ones_an_event_names_are_refused() -> None:
    blobs = MemoryBlobs()
    ref = blobs.put("images/a.png", b"first", "image/png")
    assert fetch(blobs, ref) == b"first" and ref.sha256 == digest(b"first")
    blobs.put("images/a.png", b"other", "image/png")
    with pytest.raises(NotKnown, match="sha256 differs"):
        fetch(blobs, ref)
