"""What is drawn arrives, is kept while there is room, and is given out in batches."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from bundled.training.inpainter.pools.drawing import CAPTIONS, Arrivals, Chunk, Drawings, Lessons
from bundled.training.inpainter.pools.latent_pool import LatentPool
from bundled.training.inpainter.pools.picture_pool import PicturePool
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


def broken(seed: int) -> Iterator[Example]:
    yield next(greys(seed))
    raise ValueError("the plates are gone")


def tokens(texts: list[str]) -> torch.Tensor:
    """Two numbers of each text: which of the two captions, and the grey."""
    return torch.tensor([[int(text.startswith("number")), int(text.split()[1])] for text in texts])


def arrivals(hands: int, examples: object = greys, *, chunk: int = 3) -> Arrivals:
    lessons = Lessons(examples, lambda mask, rng: np.ones_like(mask), tokens)  # type: ignore[arg-type]
    return Arrivals(Drawings(lessons, seed=4, chunk=chunk), hands)


@pytest.mark.parametrize("hands", [0, 1])
def test_chunks_hold_pictures_holes_and_as_many_captions_for_each(hands: int) -> None:
    chunk = arrivals(hands).next()
    assert chunk["pictures"].shape == (3, 3, 16, 16) and chunk["pictures"][:, 0, 0, 0].tolist() == [1, 2, 3]
    assert chunk["holes"].shape == (3, 1, 16, 16) and bool(chunk["holes"].all())
    assert chunk["ids"].shape == (3, CAPTIONS, 2) and chunk["ids"][1, :3].tolist() == [[0, 2], [1, 2], [0, 2]]


def test_what_ends_a_process_that_draws_is_told_to_whoever_waits() -> None:
    with pytest.raises(ValueError, match="the plates are gone"):
        arrivals(1, broken, chunk=2).next()


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


def test_who_draws_itself_lets_fresh_pictures_in_with_every_batch_and_others_when_they_come() -> None:
    alone = LatentPool(arrivals(0), latents, capacity=50, device=CPU)
    alone.welcome()
    assert len(alone.ring) == 0
    alone.batch(2, EMPTY_L, np.random.default_rng(0), dropout=0.0)
    assert len(alone.ring) == 9  # three chunks of three while it is young
    helped = LatentPool(arrivals(1), latents, capacity=50, device=CPU)
    helped.fill(6)
    assert len(helped.ring) == 6


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
