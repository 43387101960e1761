"""What a product is, from its words."""

import pytest
from pydantic import ValidationError

from services.captioner.kinds import ProductKind, ProductNouns, kind_of
from shared.contracts.events import ProductFacts

TABLE = [
    ("Joust Duffle Bag", "gear bags", ProductKind("bag", "duffle bag")),
    ("Quest Lumaflex&trade; Band", "gear fitness equipment", ProductKind("cord", "exercise band")),
    ("Harmony Strength Band Kit", None, ProductKind("cord", "strength band kit")),
    ("Watch band", None, ProductKind("watch", "watch")),
    ("enterprise cloud book", "merchandise", ProductKind("book", "book")),
    ("sunnies dark", "merchandise", ProductKind("eyewear", "sunglasses")),
    ("gift 500", "merchandise", ProductKind("card", "gift card")),
    ("team tee front", "merchandise", ProductKind("garment", "t-shirt")),
    ("Zephyr 3", "gear watches", ProductKind("watch", "watch")),
    ("Zephyr 3", None, ProductKind()),
    (None, None, ProductKind()),
]


@pytest.mark.parametrize(("title", "category", "kind"), TABLE)
def test_a_title_or_category_names_the_kind(title: str | None, category: str | None, kind: ProductKind) -> None:
    assert kind_of(ProductFacts(title=title, category=category), frozenset()) == kind


def test_a_garment_that_the_frame_cuts_is_worn_by_somebody() -> None:
    facts = ProductFacts(title="red garment", category="apparel")
    assert kind_of(facts, frozenset({"bottom"})).worn
    assert not kind_of(facts, frozenset({"left"})).worn
    assert not kind_of(ProductFacts(title="tote bag"), frozenset({"bottom"})).worn


def test_a_vague_or_tidied_noun_that_names_no_kind_is_a_mistake_in_the_file() -> None:
    with pytest.raises(ValidationError, match=r"vague or tidy, but in no kind: \['gadget'\]"):
        ProductNouns.model_validate({"vague": ["gadget"], "tidy": {}, "nouns": {"mug": ["mug"]}})
