"""A released dataset made ready for one base: shards streamed, each sample in its bucket, latents and words encoded."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from services.trainer.core import Stopped, TrainingPlan
from services.trainer.model.lessons import data
from services.trainer.model.lessons.buckets import frame_of
from services.trainer.model.lessons.cache import LatentCache
from services.trainer.model.lessons.data import Example
from services.trainer.model.lessons.text_states import TextStates
from services.trainer.stages import Stage
from shared.contracts.datasets import MANIFEST, DatasetManifest
from shared.contracts.errors import Permanent
from shared.model.precision import Precision

VARIANTS = 4  # crops of each sample at most, that are encoded once and used all run long
LEAST_HELD = 4  # with fewer, hardly any gain can be told from chance
MOST_HELD = 64  # a comparison paints them all, with two models
HELD_SEED = 7  # of the held-out samples' masks: the same in every run


@dataclass(frozen=True)
class Lessons:
    """What is learnt from, what is held out, and what both say; keys are those of the samples that are learnt."""

    learnt: LatentCache
    held: LatentCache
    texts: TextStates
    keys: frozenset[str]


@dataclass(frozen=True)
class Preparation:
    """Encodes by the base's own autoencoder and text encoders, into files below `folder`.

    `done` hears of every sample, `stop` is asked before each; once it says so, Stopped is raised.
    """

    pipeline: Any
    plan: TrainingPlan
    stage: Stage
    folder: Path
    device: torch.device
    precision: Precision = "auto"
    done: Callable[[], None] = lambda: None
    stop: Callable[[], bool] = lambda: False

    def lessons(self, samples: Path) -> Lessons:
        """Raises Permanent for a dataset that nothing can be learnt from, or that is broken."""
        borrowed = self._borrowed(samples)
        learnt, held = self._cache("learnt"), self._cache("held", pictures=True)
        texts, keys = TextStates(self.pipeline, self.device, self.folder / "text"), set[str]()
        texts.learn([self._said("")])
        variants = self._variants(samples)
        for number, example in enumerate(data.read_shards(samples)):
            if example.key not in borrowed:
                self._put(learnt, texts, example, variants, np.random.default_rng((self.plan.seed, number)))
                keys.add(example.key)
                self.done()
        for number, example in enumerate(self._held(samples, borrowed)):
            self._put(held, texts, example, 1, np.random.default_rng((HELD_SEED, number)))
        if not learnt.entries:
            words = f"no sample in {samples.name} has a picture, a mask and a caption with words in it"
            raise Permanent("dataset_empty", words)
        return Lessons(learnt, held, texts, frozenset(keys))

    def _cache(self, name: str, *, pictures: bool = False) -> LatentCache:
        hidden, vae = self.stage.hidden, self.pipeline.vae
        return LatentCache(self.folder / name, vae, hidden, self.device, self.precision, pictures)

    def _put(
        self, cache: LatentCache, texts: TextStates, example: Example, variants: int, rng: np.random.Generator
    ) -> None:
        """The whole picture, and so many crops that there are `variants` of it, each with a hole of its own."""
        if self.stop():
            raise Stopped
        height, width = example.mask.shape
        frame = frame_of(width, height, self.plan.size)
        crops = [data.whole(example, frame), *(data.cropped(example, frame, rng) for _ in range(variants - 1))]
        told = [data.told(crop, self._said) for crop in crops]
        cache.put(told, rng)
        texts.learn(caption for crop in told for caption in crop.captions)

    def _said(self, caption: str) -> str:
        """A caption with the task's words before it."""
        return f"{self.plan.task} {caption}".strip()

    def _variants(self, samples: Path) -> int:
        """No more crops of a sample than it is drawn times."""
        manifest = DatasetManifest.model_validate_json((samples / MANIFEST).read_text(encoding="utf-8"))
        count = max(1, sum(shard.samples for shard in manifest.shards))
        return max(1, min(VARIANTS, self.plan.steps * self.plan.batch // count))

    def _held(self, samples: Path, borrowed: frozenset[str]) -> Iterator[Example]:
        """What neither model has seen, at most MOST_HELD of it: the dataset's own held-out samples, then borrowed."""
        count = 0
        for split in ("held", "train"):
            for example in data.read_shards(samples, split=split):
                wanted = example.key in borrowed if split == "train" else self._unseen(example)
                if wanted and count < MOST_HELD:
                    count += 1
                    yield example

    def _unseen(self, example: Example) -> bool:
        return example.key not in self.plan.seen

    def _borrowed(self, samples: Path) -> frozenset[str]:
        """A dataset that holds back too few to compare on gives up to a third of its others, spread over all of it."""
        held = sum(self._unseen(example) for example in data.read_shards(samples, split="held"))
        if held >= LEAST_HELD:
            return frozenset()
        keys = [example.key for example in data.read_shards(samples)]
        free = [key for key in keys if key not in self.plan.seen]
        missing = min(LEAST_HELD - held, len(keys) // 3, len(free))
        return frozenset(free[k * (len(free) // missing)] for k in range(missing)) if missing > 0 else frozenset()
