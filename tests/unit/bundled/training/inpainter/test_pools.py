"""What is drawn arrives, is kept while there is room, and is given out in batches."""

from collections.abc import Iterator
from itertools import cycle, islice

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from bundled.training.inpainter.pools.drawing import CAPTIONS, Arrivals, Chunk, Drawings, Examples, Lessons
from bundled.training.inpainter.pools.latent_pool import LatentPool
from bundled.training.inpainter.pools.picture_pool import PicturePool
from bundled.training.inpainter.pools.pictures import mixed
from bundled.training.inpainter.pools.ring import Ring
from bundled.training.inpainter.reconstruction import with_holes
from services.trainer.model.lessons.data import Example

CPU = torch.device("cpu")
EMPTY_L = torch.tensor([9, 9])


def greys(seed: int) -> Iterator[Example]:
    """Pictures of one grey each: 1, 2, 3 …"""
    for grey in range(1, 200):
        picture = np.full((16, 16, 3), grey, np.uint8)
        yield Example(picture, np.zeros((16, 16), np.uint8), (f"grey {grey}", f"number {grey}"))


DONE_BEFORE = list[str]()


def nine_begun_anew(seed: int) -> Iterator[Example]:
    """Then they break; so they do at once in a process that has anything of the one that learns."""
    if DONE_BEFORE:
        raise ValueError(f"here was already {DONE_BEFORE}")
    yield from islice(greys(seed), 9)
    raise ValueError("the plates are gone")


def tokens(texts: list[str]) -> torch.Tensor:
    """Two numbers of each text: which of the two captions, and the grey."""
    return torch.tensor([[int(text.startswith("number")), int(text.split()[1])] for text in texts])


def everywhere(mask: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    return np.ones_like(mask)


def arrivals(hands: int, examples: Examples = greys, *, chunk: int = 3) -> Arrivals:
    return Arrivals(Drawings(Lessons(examples, everywhere, tokens), seed=4, chunk=chunk), hands)


def test_chunks_hold_pictures_holes_and_as_many_captions_for_each() -> None:
    chunk = arrivals(0).next()
    assert chunk["pictures"].shape == (3, 3, 16, 16) and chunk["pictures"][:, 0, 0, 0].tolist() == [1, 2, 3]
    assert chunk["holes"].shape == (3, 1, 16, 16) and bool(chunk["holes"].all())
    assert chunk["ids"].shape == (3, CAPTIONS, 2) and chunk["ids"][1, :3].tolist() == [[0, 2], [1, 2], [0, 2]]


def test_others_draw_beforehand_having_begun_anew_and_say_what_ends_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.DONE_BEFORE", ["much, with threads that a copy of this process would not have"])
    coming = arrivals(1, nine_begun_anew)
    assert coming.next()["pictures"][:, 0, 0, 0].tolist() == [1, 2, 3]
    pool = LatentPool(coming, latents, capacity=50, device=CPU)
    pool.fill(6)
    assert sorted(pool.ring.planes["latents"][:6, 0, 0, 0].tolist()) == [4, 5, 6, 7, 8, 9]
    with pytest.raises(ValueError, match="the plates are gone"):
        coming.next()


@pytest.mark.parametrize(("traced", "least", "most"), [(0.0, 0, 0), (0.85, 140, 190), (1.0, 200, 200)])
def test_the_painter_sees_as_many_path_traced_pictures_as_asked_for(traced: float, least: int, most: int) -> None:
    quick, dark = greys(1), (Example(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), np.uint8), ("traced",)),)
    seen = list(islice(mixed(quick, cycle(dark), traced, seed=3), 199 if traced == 0 else 200))
    assert least <= sum(example.captions == ("traced",) for example in seen) <= most


def test_a_ring_keeps_the_newest_rows() -> None:
    ring = Ring(4, CPU)
    for rows in ([1, 2, 3], [4, 5, 6]):
        ring.let_in({"number": torch.tensor(rows)})
    assert len(ring) == 4 and sorted(ring.rows(torch.arange(4))["number"].tolist()) == [3, 4, 5, 6]


def latents(chunk: Chunk) -> Chunk:
    return {"latents": chunk["pictures"][:, :1, ::8, ::8].float(), "ids": chunk["ids"]}


def test_a_batch_has_one_caption_of_each_picture_or_none() -> None:
    pool, rng = LatentPool(arrivals(0), latents, capacity=50, device=CPU), np.random.default_rng(0)
    batch = pool.batch(40, EMPTY_L, rng, dropout=0.0)
    assert batch["ids"][:, 1].tolist() == batch["latents"][:, 0, 0, 0].tolist()
    assert set(batch["ids"][:, 0].tolist()) == {0, 1}
    silent = pool.batch(40, EMPTY_L, rng, dropout=1.0)
    assert silent["ids"].tolist() == [[9, 9]] * 40


def test_who_draws_itself_lets_fresh_pictures_in_with_every_batch() -> None:
    alone = LatentPool(arrivals(0), latents, capacity=50, device=CPU)
    alone.welcome()
    assert len(alone.ring) == 0
    alone.batch(2, EMPTY_L, np.random.default_rng(0), dropout=0.0)
    assert len(alone.ring) == 9  # three chunks of three while it is young


def test_crops_are_of_kept_pictures_in_range() -> None:
    pool = PicturePool(arrivals(0), capacity=8, first=6, device=CPU)
    crops_BCHW = pool(5, 8, torch.Generator().manual_seed(0))
    assert crops_BCHW.shape == (5, 3, 8, 8)
    assert set(((crops_BCHW + 1) * 127.5).round().flatten().tolist()) <= set(range(2, 10))


def test_an_eighth_of_the_pictures_have_a_hole_of_neutral_grey() -> None:
    pictures_BCHW = with_holes(torch.ones(800, 3, 16, 16), torch.Generator().manual_seed(1))
    holed_B = (pictures_BCHW == 0).any(1).flatten(1).any(1)
    assert 60 < int(holed_B.sum()) < 140
    one_HW = (pictures_BCHW[holed_B][0] == 0).all(0)
    rows = one_HW.any(1).sum()
    assert int(rows) == 8 and bool(one_HW[:, -1].any())
