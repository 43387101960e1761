"""Directions: their cosine, and the 64 bits by which like ones are found."""

import numpy as np
import pytest

from services.curator.pixels.embedding import SKETCH_DISTANCE, Embedding


def test_a_cosine_is_of_the_angle_and_only_between_pictures_that_one_model_saw() -> None:
    one, other = Embedding.of("m", np.float32([3, 4, 0, 0])), Embedding.of("m", np.float32([6, 8, 0, 0]))
    assert one == other and len(one.data) == 8
    assert one.cosine(Embedding.of("m", np.float32([0, 0, 5, 0]))) == 0.0
    assert one.cosine(Embedding.of("m", np.float32([-3, 4, 0, 0]))) == pytest.approx(7 / 25, abs=1e-3)
    assert one.cosine(Embedding.of("another", np.float32([3, 4, 0, 0]))) is None
    assert one.cosine(Embedding.of("m", np.float32([3, 4]))) is None


def test_sketches_of_like_directions_differ_in_few_bits_and_of_strangers_in_half() -> None:
    rng = np.random.default_rng(1)
    bits = dict[str, list[int]](like=[], strange=[])
    for _ in range(200):
        vector, noise, stranger = rng.standard_normal((3, 256))
        like = vector + 0.2 * noise  # a cosine of 0.98
        sketches = [Embedding.of("m", np.float32(one)).sketch for one in (vector, like, stranger)]
        bits["like"].append((sketches[0] ^ sketches[1]).bit_count())
        bits["strange"].append((sketches[0] ^ sketches[2]).bit_count())
    assert np.mean(np.array(bits["like"]) <= SKETCH_DISTANCE) > 0.9
    assert min(bits["strange"]) > SKETCH_DISTANCE and np.mean(bits["strange"]) == pytest.approx(32, abs=1)


def test_a_sketch_is_the_same_on_every_machine_for_it_is_kept() -> None:
    assert Embedding.of("m", np.float32([1, 2, 3, -4])).sketch == 15120008940615659656
