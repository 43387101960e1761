"""Tiles: kept as bytes, renewed for ever, made from noise that has no end."""

import numpy as np
import pytest

from bundled.quick.drawing.bank import TextureBank
from bundled.quick.drawing.noise import FIELD_PX, grain, noise
from bundled.quick.materials import surfaces
from bundled.quick.scenery import backdrops

MAKERS = {f"ground: {kind}": maker for kind, maker in surfaces.makers().items()} | {
    f"backdrop: {kind}": maker for kind, maker in backdrops.makers().items()
}


def counting_bank(**settings):
    drawn = []

    def maker(rng, side):
        drawn.append(rng.random())
        return np.full((side, side, 3), drawn[-1], np.float32)

    return TextureBank({"plain": maker}, 8, **settings), drawn


def test_values_outside_the_range_become_black_and_white():
    tile = np.asarray([[[-0.2, 0.5, 1.4]]], np.float32)
    assert TextureBank({"odd": lambda rng, side: tile.copy()}, 1).pick("odd", np.random.default_rng(0)).tolist() == [
        [[0, 128, 255]]
    ]


def test_the_first_tiles_come_at_once_and_most_later_ones_are_kept():
    bank, drawn = counting_bank()
    rng = np.random.default_rng(3)
    for _ in range(3):
        bank.pick("plain", rng)
    assert len(drawn) == 3
    for _ in range(200):
        bank.pick("plain", rng)
    assert 3 < len(drawn) < 30


def test_a_full_bank_still_renews_its_tiles():
    bank, drawn = counting_bank(per_kind=3, renewal=10)
    rng = np.random.default_rng(4)
    for _ in range(500):
        bank.pick("plain", rng)
    assert len(bank.tiles["plain"]) == 3 and 25 < len(drawn) < 80


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_every_tile_is_a_picture_of_its_own(name):
    one, other = (MAKERS[name](np.random.default_rng(seed), 64) for seed in (1, 2))
    assert one.shape == (64, 64, 3) and np.isfinite(one).all()
    assert 0.01 < one.mean() < 1.1 and np.abs(one - other).max() > 0.02


def test_grain_comes_in_any_size_and_from_anywhere():
    rng = np.random.default_rng(5)
    piece = grain(rng, 200, 300)
    assert piece.shape == (200, 300) and abs(piece.std() - 1) < 0.02 and abs(piece.mean()) < 0.02
    assert not np.array_equal(piece, grain(rng, 200, 300))
    assert grain(rng, 3, FIELD_PX + 1).shape == (3, FIELD_PX + 1)


@pytest.mark.parametrize(("cells_y", "cells_x", "octaves"), [(2, 2, 1), (3, 3, 5), (70, 70, 5), (2, 80, 4)])
def test_noise_is_centred_with_deviation_one(cells_y, cells_x, octaves):
    value = noise(np.random.default_rng(6), 96, cells_y, cells_x, octaves)
    assert value.shape == (96, 96) and abs(value.mean()) < 1e-3 and abs(value.std() - 1) < 1e-2
