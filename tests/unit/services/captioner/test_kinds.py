"""What a product is, from its words."""

import pytest

from services.captioner.kinds import Kind, kind_of
from shared.contracts.events import ProductFacts

TABLE = [
    ("Joust Duffle Bag", "gear bags", Kind("bag", "duffle bag")),
    ("Quest Lumaflex&trade; Band", "gear fitness equipment", Kind("fitness", "exercise band")),
    ("enterprise cloud book", "merchandise", Kind("book", "book")),
    ("sunnies dark", "merchandise", Kind("eyewear", "sunglasses")),
    ("gift 500", "merchandise", Kind("card", "gift card")),
    ("team tee front", "merchandise", Kind("garment", "t-shirt")),
    ("Zephyr 3", "gear watches", Kind("watch", "watch")),
    ("Zephyr 3", None, Kind()),
    (None, None, Kind()),
]


@pytest.mark.parametrize(("title", "category", "kind"), TABLE)
def test_a_title_or_category_names_the_kind(title: str | None, category: str | None, kind: Kind) -> None:
    assert kind_of(ProductFacts(title=title, category=category), frozenset()) == kind


def test_a_garment_that_the_frame_cuts_is_worn_by_somebody() -> None:
    facts = ProductFacts(title="red garment", category="apparel")
    assert kind_of(facts, frozenset({"bottom"})).worn
    assert not kind_of(facts, frozenset({"left"})).worn
    assert not kind_of(ProductFacts(title="tote bag"), frozenset({"bottom"})).worn
