"""Who is liked, and who is held out."""

from dataclasses import replace
from datetime import UTC, datetime

from services.curator.datasets.selection import Liked, Splits
from services.curator.records import EngagedPicture, Sample, Window
from shared.contracts.blobs import BlobRef, digest

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def engaged(
    name: str, impressions: int, clicks: int = 0, *, promoted: bool = True, category: str = "", merchant: str = ""
) -> EngagedPicture:
    image = BlobRef(bucket="backdrop", key=name, sha256=digest(name.encode()), size=1)
    sample = Sample(
        product_id=name,
        image=image,
        mask=image,
        captions=(),
        product="",
        promoted=promoted,
        may_train=True,
        reason="kept",
    )
    window = Window(
        product_id=name, start=NOON, end=NOON, impressions=impressions, clicks=clicks, saves=0, long_clicks=0
    )
    return EngagedPicture(picture=sample, windows=(window,), promoted=promoted, category=category, merchant=merchant)


def chosen(liked: Liked, met: list[EngagedPicture]) -> list[str]:
    names = {one.key: one.product_id for one in met}
    return [names[one.key] for one in liked(met, liked.prior(met, NOON), NOON)]


def test_the_best_liked_promoted_products_are_chosen() -> None:
    met = [
        engaged("good", 1000, 200),
        engaged("best", 1000, 300),
        engaged("lucky", 9, 9),
        engaged("own", 1000, 900, promoted=False),
        engaged("bad", 1000, 1),
        engaged("worse", 1000),
    ]
    assert chosen(Liked(min_impressions=100, top_share=0.6), met) == ["best", "good"]


def test_without_a_look_at_promotion_the_shops_own_picture_may_be_the_best() -> None:
    met = [engaged("own", 1000, 900, promoted=False)]
    assert chosen(Liked(promoted_only=False), met) == ["own"]
    assert chosen(Liked(), met) == []


def test_what_was_liked_long_ago_gives_way_to_what_is_liked_now() -> None:
    old = engaged("old", 1000, 300)
    long_ago = tuple(replace(one, start=datetime(2025, 3, 1), end=datetime(2025, 3, 1)) for one in old.windows)
    met = [replace(old, windows=long_ago), engaged("new", 1000, 100)]
    assert chosen(Liked(min_impressions=0, top_share=0.5), met) == ["new"]
    assert chosen(Liked(min_impressions=0, top_share=0.5, half_life_days=1e6), met) == ["old"]


def test_no_merchant_and_no_category_sets_everybodys_taste() -> None:
    loud = [engaged(f"loud {n}", 1000, 500 - n, merchant="loud", category="mugs") for n in range(6)]
    quiet = [engaged(f"quiet {n}", 1000, 100 - n, merchant=f"shop {n}", category="lamps") for n in range(6)]
    liked = Liked(top_share=0.34, merchant_share=0.4, category_share=1.0)  # 5 of 12, 2 of them loud
    assert chosen(liked, loud + quiet) == ["loud 0", "loud 1", "quiet 0", "quiet 1", "quiet 2"]
    by_category = replace(liked, merchant_share=1.0, category_share=0.6)
    assert chosen(by_category, loud + quiet) == ["loud 0", "loud 1", "loud 2", "quiet 0", "quiet 1"]


def test_what_has_no_merchant_is_nobodys_and_at_most_so_many_are_chosen() -> None:
    met = [engaged(f"product {n}", 1000, 100 + n) for n in range(10)]
    assert chosen(Liked(top_share=1.0, most=3), met) == ["product 9", "product 8", "product 7"]


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
