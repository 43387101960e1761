"""Pictures on their way to a training: drawn in chunks, in this process or by others that do nothing else."""

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from bundled.training.inpainter.pools.encoding import HolePolicy, Tokens
from services.trainer.model.lessons.data import Example

CAPTIONS = 8  # of each picture; where there are fewer they are repeated
AHEAD = 4  # chunks that each process may have ready
AT_ONCE = 2  # of them are let in between two steps, so that encoding stays a small part of a step

Chunk = dict[str, Tensor]
Examples = Callable[[int], Iterator[Example]]  # of one seed, without end


@dataclass(frozen=True)
class Lessons:
    """What is drawn for one pool: examples of one size, and with them, if asked for, holes and captions."""

    examples: Examples
    holes: HolePolicy | None = None
    tokens: Tokens | None = None


class Drawings(IterableDataset[Chunk]):
    """Chunks without end: pictures (B,3,S,S) and, if asked for, holes (B,1,S,S; 1 = paint) as uint8, and ids
    (B,CAPTIONS,L)."""

    def __init__(self, lessons: Lessons, *, seed: int, chunk: int) -> None:
        super().__init__()
        self.lessons, self.seed, self.chunk = lessons, seed, chunk

    def __iter__(self) -> Iterator[Chunk]:
        hand = get_worker_info()
        seed = self.seed + 7919 * (hand.id if hand else 0)
        cv2.setNumThreads(1)
        examples, rng = self.lessons.examples(seed), np.random.default_rng((seed, 5))
        while True:
            yield self._chunk(list(islice(examples, self.chunk)), rng)

    def _chunk(self, examples: list[Example], rng: np.random.Generator) -> Chunk:
        holes, tokens = self.lessons.holes, self.lessons.tokens
        chunk = {"pictures": np.stack([example.image.transpose(2, 0, 1) for example in examples])}
        if holes:
            chunk["holes"] = np.stack([holes(example.mask, rng)[None] for example in examples])
        tensors = {name: torch.from_numpy(plane) for name, plane in chunk.items()}
        if tokens:
            said = [text for example in examples for text in islice(cycle(example.captions), CAPTIONS)]
            tensors["ids"] = tokens(said).view(len(examples), CAPTIONS, -1).short()
        return tensors


class Arrivals:
    """Chunks as they come: drawn when they are asked for, or beforehand by `hands` processes."""

    def __init__(self, drawings: Drawings, hands: int = 0) -> None:
        # begun anew: a copy of a process whose libraries have threads may die at its first step
        ways: dict[str, Any] = {"prefetch_factor": AHEAD, "multiprocessing_context": "spawn"} if hands else {}
        self.chunks = iter(DataLoader(drawings, batch_size=None, num_workers=hands, **ways))
        self.waiting: queue.Queue[Chunk | Exception] = queue.Queue(AHEAD * max(1, hands))
        self.hands = hands
        if hands:
            threading.Thread(target=self._carry, daemon=True).start()

    def _carry(self) -> None:
        try:
            for chunk in self.chunks:
                self.waiting.put(chunk)
        except Exception as error:  # of a process that draws: whoever waits for its chunks must hear of it
            self.waiting.put(error)

    def next(self) -> Chunk:
        """The next chunk, waited for. Raises what ended the drawing."""
        if not self.hands:
            return next(self.chunks)
        chunk = self.waiting.get()
        if isinstance(chunk, Exception):
            raise chunk
        return chunk

    def ready(self) -> list[Chunk]:
        """A few chunks, if others have drawn them meanwhile."""
        return [self.next() for _ in range(min(AT_ONCE, self.waiting.qsize()))]
