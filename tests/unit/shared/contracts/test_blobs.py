"""Keys are safe path segments whatever a merchant calls a product."""

import pytest

from shared.contracts.blobs import safe, stage_key


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
