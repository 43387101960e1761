"""Products that a tenant was seen to have, and for how many that is remembered."""

import pytest

from services.gateway.heard import met
from services.gateway.heard.met import MetProducts


def test_a_product_is_met_by_the_tenant_whose_it_is_and_by_no_other() -> None:
    products = MetProducts()
    products.add("acme", "acme::mug")
    assert ("acme", "acme::mug") in products
    assert ("other", "acme::mug") not in products


def test_those_met_longest_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(met, "MOST", 2)
    products = MetProducts()
    for name in ("a", "b", "a", "c"):
        products.add("acme", name)
    assert [("acme", name) in products for name in "abc"] == [True, False, True]
