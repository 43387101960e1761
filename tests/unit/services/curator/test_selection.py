"""Who is liked, and who is held out."""

from services.curator.engagement import Counts
from services.curator.records import Sample
from services.curator.selection import Liked, splits
from shared.contracts.blobs import BlobRef


def sample(product_id: str, *, promoted: bool = True) -> Sample:
    image = BlobRef(bucket="backdrop", key=f"images/{product_id}", sha256="0" * 64, size=1)
    return Sample(
        product_id=product_id, image=image, mask=image, captions=("a", "b"), product="", promoted=promoted,
        may_train=True, reason="kept",
    )  # fmt: skip


def test_the_best_liked_promoted_products_are_chosen() -> None:
    engagement = {
        "best": Counts(impressions=1000, clicks=300),
        "good": Counts(impressions=1000, clicks=200),
        "lucky": Counts(impressions=9, clicks=9),
        "own": Counts(impressions=1000, clicks=900),
        "bad": Counts(impressions=1000, clicks=1),
        "worse": Counts(impressions=1000),
    }
    kept = [sample(name, promoted=name != "own") for name in (*engagement, "unseen")]
    chosen = Liked(min_impressions=100, top_share=0.6)(kept, engagement)
    assert [one.product_id for one, _ in chosen] == ["best", "good"]


def test_a_held_out_product_stays_held_out_as_the_dataset_grows() -> None:
    few = splits([f"product {n}" for n in range(40)])
    many = splits([f"product {n}" for n in range(400)])
    assert [name for name, split in few.items() if split == "held"] == [
        name for name, split in many.items() if split == "held" and name in few
    ]
    assert 20 <= sum(split == "held" for split in many.values()) <= 60


def test_two_products_are_enough_to_hold_one_back() -> None:
    assert sorted(splits(["a", "b"]).values()) == ["held", "train"]
    assert list(splits(["a"]).values()) == ["train"]
    assert splits([]) == {}
