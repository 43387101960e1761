"""A released dataset made ready for one base: shards streamed, each sample in its bucket, latents and words encoded."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from services.trainer.core import Stopped, TrainingPlan
from services.trainer.model.lessons import data
from services.trainer.model.lessons.buckets import frame_of
from services.trainer.model.lessons.cache import CachedCrop, LatentCache
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
    """What is learnt from, what is held out, and what both say; keys are those of the samples that are learnt.

    `left_out`: products that were withdrawn; what was encoded of them before is neither drawn nor shown any more.
    `passed_over`: how many samples have no words, picture or mask.
    """

    learnt: LatentCache
    held: LatentCache
    texts: TextStates
    keys: frozenset[str]
    left_out: set[str]
    passed_over: int

    def leave_out(self, withdrawn: Collection[str]) -> None:
        """From now on nothing of these products. Raises Permanent when nothing is left to learn from."""
        owners = {entry.product_id for cache in (self.learnt, self.held) for entry in cache.entries}
        self.left_out.update(str(owner) for owner in owners & set(withdrawn))
        self.learnt.forget(withdrawn)
        if not self.learnt.entries:
            raise Permanent("dataset_withdrawn", "every product of the dataset was withdrawn since its release")

    @property
    def figures(self) -> dict[str, float]:
        """How much is learnt from, for people."""
        passed = {"samples_passed_over": float(self.passed_over)} if self.passed_over else {}
        return {"samples": float(len(self.keys)), **passed}

    def may_show(self, entry: CachedCrop) -> bool:
        """Whether nobody has withdrawn the product on it."""
        return entry.product_id not in self.left_out


@dataclass(frozen=True)
class Preparation:
    """Encodes by the base's own autoencoder and text encoders, into files below `folder`.

    `done` hears of every sample, `stop` is asked before each; once it says so, Stopped is raised.
    `withdrawn`: products of which nothing is encoded; which samples are held out does not depend on them.
    """

    pipeline: Any
    plan: TrainingPlan
    stage: Stage
    folder: Path
    device: torch.device
    precision: Precision = "auto"
    done: Callable[[], None] = lambda: None
    stop: Callable[[], bool] = lambda: False
    withdrawn: Collection[str] = ()
    left_out: set[str] = field(default_factory=set)

    def lessons(self, samples: Path) -> Lessons:
        """Raises Permanent for a dataset that nothing can be learnt from, or that is broken."""
        borrowed = self._borrowed(samples)
        learnt, held = self._cache("learnt"), self._cache("held", pictures=True)
        texts, keys, passed = TextStates(self.pipeline, self.device, self.folder / "text"), set[str](), set[str]()
        texts.learn([self._said("")])
        variants = self._variants(samples)
        for number, example in enumerate(data.read_shards(samples, passed=passed.add)):
            if example.key not in borrowed and self._may_use(example):
                self._put(learnt, texts, example, variants, np.random.default_rng((self.plan.seed, number)))
                keys.add(example.key)
                self.done()
        for number, example in enumerate(self._held(samples, borrowed)):
            if self._may_use(example):
                self._put(held, texts, example, 1, np.random.default_rng((HELD_SEED, number)))
        lessons = Lessons(learnt, held, texts, frozenset(keys), self.left_out, len(passed))
        if self.left_out:
            lessons.leave_out(self.left_out)
        if not learnt.entries:
            words = (
                f"none of {len(passed)} samples in {samples.name} has a picture, a mask and a caption with words in it"
            )
            raise Permanent("dataset_empty", words)
        return lessons

    def _may_use(self, example: Example) -> bool:
        if example.product_id not in self.withdrawn:
            return True
        self.left_out.add(str(example.product_id))
        return False

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
