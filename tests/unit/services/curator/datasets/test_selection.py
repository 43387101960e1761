"""Who is liked, and who is held out."""

from services.curator.datasets.selection import Liked, Splits
from services.curator.engagement import Counts
from services.curator.records import EngagedSample


def engaged(product_id: str, counts: Counts, *, promoted: bool = True) -> EngagedSample:
    return EngagedSample(product_id=product_id, key=f"key of {product_id}", promoted=promoted, counts=counts)


def test_the_best_liked_promoted_products_are_chosen() -> None:
    met = [
        engaged("good", Counts(impressions=1000, clicks=200)),
        engaged("best", Counts(impressions=1000, clicks=300)),
        engaged("lucky", Counts(impressions=9, clicks=9)),
        engaged("own", Counts(impressions=1000, clicks=900), promoted=False),
        engaged("bad", Counts(impressions=1000, clicks=1)),
        engaged("worse", Counts(impressions=1000)),
    ]
    assert [one.product_id for one, _ in Liked(min_impressions=100, top_share=0.6)(met)] == ["best", "good"]


def test_without_a_look_at_promotion_the_shops_own_picture_may_be_the_best() -> None:
    met = [engaged("own", Counts(impressions=1000, clicks=900), promoted=False)]
    assert [one.product_id for one, _ in Liked(promoted_only=False)(met)] == ["own"]
    assert Liked()(met) == []


def held(*products: str) -> list[str]:
    splits = Splits.of(products)
    return [product for product in dict.fromkeys(products) if splits[product] == "held"]


def test_a_held_out_product_stays_held_out_as_the_dataset_grows() -> None:
    few = [f"product {n}" for n in range(40)]
    many = [f"product {n}" for n in range(400)]
    assert held(*few) == ["product 9", "product 12", "product 14", "product 19"]
    assert [name for name in held(*many) if name in few] == held(*few)
    assert 20 <= len(held(*many)) <= 60


def test_two_products_are_enough_to_hold_one_back() -> None:
    assert held("a", "b") == held("b", "a", "b") == ["b"]  # sha256: a is ca978112…, b is 3e23e816…
    assert held("a") == held("a", "a") == held() == []


def test_something_is_left_to_learn_from_when_every_name_would_be_held_out() -> None:
    assert held("product 9") == []
    assert held("product 9", "product 14", "product 12") == ["product 9", "product 12"]  # 0232…, 1292…, 0bb1…


def test_a_product_that_joined_meanwhile_has_its_split_too() -> None:
    assert Splits.of(["a", "b"])["product 9"] == "held"
