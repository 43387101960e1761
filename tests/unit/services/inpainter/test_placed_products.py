"""A product is decoded and placed once for all scenes that want it at one place."""

from typing import Any

import numpy as np

from services.inpainter.placed_products import KEPT, PlacedProducts
from shared.contracts.events import Placement, Scene


def placed(products: PlacedProducts, event: Any, scene: Scene) -> Any:
    return products.get(event.image, event.segmentation.mask, scene)


def test_scenes_that_want_a_product_at_the_same_place_share_it(studio: Any) -> None:
    products, event = PlacedProducts(studio.blobs), studio.captioned()
    first = placed(products, event, Scene(prompt="on oak"))
    assert placed(products, event, Scene(prompt="on sand", count=3, seed=4)) is first


def test_another_place_size_photo_or_mask_is_another_product(studio: Any) -> None:
    products, event = PlacedProducts(studio.blobs), studio.captioned()
    first = placed(products, event, Scene())
    moved = Scene(placement=Placement(mode="custom", scale=0.3, x=0.2, y=0.5))
    for scene in (moved, Scene(width=200), Scene(height=200), Scene(aspect="1:2")):
        assert placed(products, event, scene) is not first


def test_only_the_newest_few_are_kept(studio: Any) -> None:
    products, event = PlacedProducts(studio.blobs), studio.captioned()
    first = placed(products, event, Scene())
    for width in range(100, 100 + KEPT):
        placed(products, event, Scene(width=width))
    assert placed(products, event, Scene()) is not first


def test_what_outputs_are_compared_with_is_made_anew(studio: Any) -> None:
    products, event = PlacedProducts(studio.blobs), studio.captioned()
    kept = placed(products, event, Scene())
    anew = products.anew(event.image, event.segmentation.mask, Scene())
    assert anew is not kept and anew.photo is not kept.photo
    np.testing.assert_array_equal(anew.photo, kept.photo)
