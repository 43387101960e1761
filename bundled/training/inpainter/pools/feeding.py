"""What each stage is fed: crops for the autoencoder, latents of each size for the painter, pictures for the figures."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice

import numpy as np
import torch
from diffusers import AutoencoderKL
from transformers import CLIPTokenizer

from bundled.studio.plan.captions import GLOWS
from bundled.training import toning
from bundled.training.inpainter.pools import pictures
from bundled.training.inpainter.pools.drawing import Arrivals, Drawings, Lessons
from bundled.training.inpainter.pools.encoding import encode
from bundled.training.inpainter.pools.latent_pool import LatentPool
from bundled.training.inpainter.pools.picture_pool import PicturePool
from bundled.training.inpainter.training_run import TrainingRun
from services.trainer.model.lessons import data, masks
from services.trainer.model.lessons.data import Example
from services.trainer.model.lessons.text import token_ids
from services.trainer.model.running.ranks import Ranks

CODEC_PX = 192  # the autoencoder's pictures; it is used from 128 to 256 px
CHUNK, ALONE_CHUNK = 64, 2  # pictures drawn together by processes that do nothing else; by one that also learns


def crops(run: TrainingRun, ranks: Ranks) -> PicturePool:
    """Quick scenes, path-traced ones and plates, for crops."""
    lessons = Lessons(partial(_examples, run, CODEC_PX))
    arrivals = _arrivals(run, lessons, run.seed * 1000 + 17 * ranks.rank, run.hands)
    return PicturePool(
        arrivals, capacity=max(600, run.kept // 8), first=max(96, run.first), device=torch.device(run.device)
    )


def _arrivals(run: TrainingRun, lessons: Lessons, seed: int, hands: int) -> Arrivals:
    return Arrivals(Drawings(lessons, seed=seed, chunk=CHUNK if hands else ALONE_CHUNK), hands)


def _examples(run: TrainingRun, size: int, seed: int) -> Iterator[Example]:
    """Without end: quick scenes, and of what there is by now path-traced ones and products staged on plates."""
    finished = _finished(run, size, np.random.default_rng((seed, size)))
    return pictures.mixed(pictures.quick_examples(seed, size), finished, run.traced, seed)


def pools_of(
    run: TrainingRun, ranks: Ranks, vae: AutoencoderKL, tokenizer: CLIPTokenizer, sizes: Mapping[int, float]
) -> dict[int, LatentPool]:
    """By size in px; `sizes` says how often each is wanted. Processes that draw are shared out by that, one at
    least."""
    policy, tokens = partial(masks.drawn, product=0.78, all_=0.12), partial(token_ids, tokenizer)
    device, pools = torch.device(run.device), dict[int, LatentPool]()
    for px, often in sizes.items():
        hands = max(1, round(run.hands * often)) if run.hands else 0
        lessons = Lessons(partial(_examples, run, px), policy, tokens)
        arrivals = _arrivals(run, lessons, run.seed * 1000 + ranks.rank * 101 + px, hands)
        pools[px] = LatentPool(arrivals, partial(encode, vae), capacity=run.kept, device=device)
    return pools


def _finished(run: TrainingRun, size: int, rng: np.random.Generator) -> Iterator[Example | None]:
    """Path-traced scenes and products staged on path-traced plates in turn, of what there is by now; None without
    either."""
    traced = pictures.growing(run.scenes)
    stage = pictures.staged_examples(run.plates, rng, size)
    while True:
        scene = next(traced)
        if scene:
            yield toning.relit(data.cropped(scene, (size, size), rng), GLOWS, rng)
        yield next(stage)


def unseen(run: TrainingRun) -> torch.Tensor:
    """(B, 3, CODEC_PX, CODEC_PX) in -1..1."""
    return torch.stack(
        [data.to_tensor(e.image) for e in islice(pictures.quick_examples(999_983, CODEC_PX), run.unseen)]
    )
