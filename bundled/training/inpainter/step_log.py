"""What a stage says of its progress, kept beside its checkpoint."""

import json
import time
from pathlib import Path

from services.trainer.model.running.loop import Heartbeat
from services.trainer.model.running.ranks import Ranks


class StepLog:
    """Writes a line every `every_s` seconds, from the first rank only: step, progress, mean loss, steps a second."""

    def __init__(self, path: Path, ranks: Ranks, every_s: float = 30.0) -> None:
        self.path, self.ranks, self.every_s, self.last, self.steps = path, ranks, every_s, time.monotonic(), 0
        path.parent.mkdir(parents=True, exist_ok=True)

    def say(self, text: str) -> None:
        """Append one line."""
        if self.ranks.first:
            with self.path.open("a") as file:
                file.write(text + "\n")

    def __call__(self, beat: Heartbeat) -> None:
        self.steps += 1
        now = time.monotonic()
        if now - self.last < self.every_s:
            return
        recent = beat.losses[-self.steps :]
        self.say(
            json.dumps(
                {
                    "step": beat.step,
                    "done": round(beat.fraction, 4),
                    "loss": round(sum(recent) / len(recent), 5),
                    "steps_per_s": round(self.steps / (now - self.last), 3),
                    "seconds": round(beat.seconds),
                }
            )
        )
        self.last, self.steps = now, 0
