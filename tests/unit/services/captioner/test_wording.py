"""Descriptions at two lengths."""

import pytest

from services.captioner.colours import Share
from services.captioner.kinds import ProductKind
from services.captioner.wording import plain_backdrop, product_long, product_short, shortened, title
from shared.contracts.events import ProductFacts

BLUE, WHITE = Share("blue", 0.7), Share("white", 0.3)


@pytest.mark.parametrize(
    ("written", "read"),
    [("Quest Lumaflex&trade; Band", "Quest Lumaflex Band"), ("blue plimsolls 1", "blue plimsolls"), (None, "product")],
)
def test_a_title_loses_marks_and_stock_numbers(written: str | None, read: str) -> None:
    assert title(ProductFacts(title=written)) == read


def test_the_colour_that_the_merchant_names_beats_the_measured_one() -> None:
    assert (
        product_short(ProductKind("garment", "hoodie"), ProductFacts(title="white hoodie"), (BLUE,)) == "a white hoodie"
    )


def test_plurals_take_no_article() -> None:
    assert product_short(ProductKind("shoes", "plimsolls"), ProductFacts(), (BLUE,)) == "blue plimsolls"


def test_the_long_description_names_accents_and_the_wearer() -> None:
    facts, kind = ProductFacts(title="Ajax Top"), ProductKind("garment", "shirt", worn=True)
    assert product_long(kind, facts, (BLUE, WHITE)) == "Ajax Top: a blue shirt with white, worn by a person."


def test_an_unknown_kind_is_called_by_its_title_and_category() -> None:
    facts = ProductFacts(title="Zephyr 3", category="merchandise")
    assert product_long(ProductKind(), facts, (BLUE,)) == "A blue zephyr, merchandise."


def test_a_plain_backdrop_is_named_by_its_colour() -> None:
    assert plain_backdrop(Share("white", 0.99))[0] == "plain white backdrop"


def test_the_short_form_of_a_background_is_its_first_clause() -> None:
    assert shortened("On oak before a wall, warm light from the left.") == "On oak before a wall"
