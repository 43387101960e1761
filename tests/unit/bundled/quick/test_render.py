"""Quick scenes: seeded, exactly masked, and named in their captions."""

import re
from itertools import islice

import numpy as np
import pytest

from bundled.quick import captions, quick_captions, quick_scenes, render
from bundled.quick.drawing.colours import COLOURS, SYNONYMS
from bundled.quick.materials.surfaces import SURFACES
from bundled.quick.products.goods import SHAPES
from bundled.quick.products.painting import paint
from bundled.quick.scenery.backdrops import BACKDROPS
from bundled.quick.views import put


@pytest.mark.parametrize("kind", ["scene", "packshot", "plate"])
def test_the_same_seed_draws_the_same_pictures(kind):
    first, second = (list(islice(quick_scenes(5, 64, kind), 6)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.image, other.image) and np.array_equal(one.mask, other.mask)
        assert one.captions == other.captions and one.attributes == other.attributes


def test_another_seed_draws_other_pictures():
    assert not np.array_equal(next(quick_scenes(1, 64)).image, next(quick_scenes(2, 64)).image)


def test_shapes_and_types_are_as_promised():
    for sample in islice(quick_scenes(3, 96), 12):
        assert sample.image.shape == (96, 96, 3) and sample.image.dtype == np.uint8
        assert sample.mask.shape == (96, 96) and sample.mask.dtype == np.uint8
        assert sample.captions and all(sample.captions)


def test_a_scene_has_a_product_and_a_plate_has_none():
    assert all(sample.mask.max() == 255 for sample in islice(quick_scenes(3, 64), 40))
    assert all(sample.mask.max() == 0 for sample in islice(quick_scenes(3, 64, "plate"), 10))


@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_the_mask_is_exactly_what_the_product_covers(kind):
    """Painted over black and over white, the pictures differ only where the mask leaves room."""
    product = paint(np.random.default_rng(4), 96, 84.0, 60.0, light_x=0.3, kind=kind)
    black, white = np.zeros((3, 96, 96), np.float32), np.ones((3, 96, 96), np.float32)
    for ground in (black, white):
        put(ground, product)
    assert np.abs(1 - (white - black) - product.alpha).max() < 1e-5
    assert product.alpha.max() > 0.99 and product.alpha.min() == 0.0
    assert 0 < ((product.alpha > 0.02) & (product.alpha < 0.98)).mean() < 0.2  # anti-aliased edges, and only edges
    sample = render._sample(black, product, {}, [])
    assert np.abs(sample.mask / 255 - product.alpha).max() <= 0.5 / 255 + 1e-6  # nothing lost but the rounding


@pytest.mark.parametrize("kind", ["mug", "bag", "ring", "headphones"])
def test_handles_and_straps_leave_holes_in_the_mask(kind):
    import cv2

    product = paint(np.random.default_rng(0), 128, 110.0, 90.0, light_x=0.0, kind=kind)
    solid = (product.alpha > 0.5).astype(np.uint8)
    outside, labels = cv2.connectedComponents(1 - solid, connectivity=4)
    closed = kind != "headphones"
    assert (outside >= 3) == closed and labels.shape == solid.shape


def test_captions_name_what_is_drawn():
    """The full caption names the place, or both what is below and what is behind."""
    for texts, facts in islice(quick_captions(2), 300):
        surface = SURFACES[facts["surface"]].words
        backdrop = BACKDROPS[facts["backdrop"]].words if facts["backdrop"] else captions.FROM_ABOVE
        place = captions.PLACES.get((facts["surface"], facts["backdrop"]), ())
        full = texts[0].lower()
        assert _any(place, full) or (_any(surface, full) and _any(backdrop, full))


def _any(words, text):
    return any(word.lower() in text for word in words)


def test_a_caption_names_no_other_wall_colour():
    rng = np.random.default_rng(1)
    for _ in range(200):
        phrase = captions.backdrop_phrase({"backdrop": "wall", "backdrop_colour": "teal"}, rng)
        assert re.search(r"\b(teal|petrol|dark turquoise)\b", phrase)
        assert not re.search(
            r"\b(white|beige|gr[ea]y|black|blue|navy|green|yellow|orange|red|pink|purple|brown)\b", phrase
        )


def test_every_colour_has_words_and_every_word_a_colour():
    assert set(COLOURS) == set(SYNONYMS)


def test_light_from_the_left_is_brighter_on_the_left():
    gaps = []
    for sample in islice(quick_scenes(11, 64, "plate"), 260):
        if sample.attributes["light_direction"] in {"left", "right"} and sample.attributes["backdrop"] == "wall":
            left, right = sample.image[:, :16].mean(), sample.image[:, -16:].mean()
            gaps.append((left > right) == (sample.attributes["light_direction"] == "left"))
    assert len(gaps) > 15 and np.mean(gaps) > 0.9


@pytest.mark.parametrize("size", [32, 97, 300])
def test_scenes_come_in_any_size(size):
    assert {sample.image.shape for sample in islice(quick_scenes(6, size), 3)} == {(size, size, 3)}


def test_no_two_plates_of_a_run_are_alike():
    """Crops, mirroring and light vary even where two plates show the same tile."""
    small = np.stack(
        [sample.image[::8, ::8].astype(int).ravel() for sample in islice(quick_scenes(8, 64, "plate"), 150)]
    )
    gaps = np.abs(small[:, None] - small[None]).mean(-1)
    assert gaps[np.triu_indices(len(small), 1)].min() > 1.0


def test_the_product_stays_within_its_window():
    for seed, kind in enumerate(sorted(SHAPES)):
        product = paint(np.random.default_rng(seed), 96, 90.0, 70.0, light_x=0.3, kind=kind)
        outside = product.alpha.copy()
        outside[product.window] = 0
        assert outside.max() == 0


def test_an_unknown_kind_or_a_tiny_picture_is_refused():
    with pytest.raises(ValueError, match="kinds are"):
        next(quick_scenes(0, 64, "poster"))
    with pytest.raises(ValueError, match="32 px"):
        next(quick_scenes(0, 16))
