"""One order: what shall be drawn, how and where; read from the command line and handed to the workers the same way."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bundled.studio.plan.requests import SceneFilter


@dataclass(frozen=True)
class DrawingOrder:
    kind: str
    count: int
    folder: Path
    seed: int = 1
    workers: int = 1
    size: int = 256
    samples: int = 4
    patience: int | None = None  # seconds; None leaves it to `limit`
    request: SceneFilter = field(default_factory=SceneFilter)

    @property
    def limit(self) -> float:
        """Seconds after which a scene hangs, not lingers: many times what the slowest one takes on a busy core."""
        rays = (self.size / 256) ** 2 * self.samples / 4
        return self.patience or 300 + 30 * rays

    @property
    def recipe(self) -> dict[str, Any]:
        """All that the pictures depend on."""
        only = {"only": self.request.names} if self.request.names else {}
        return {"seed": self.seed, "size": self.size, "samples_per_pixel": self.samples, **only}

    def arguments(self) -> list[str]:
        names = ("kind", "count", "seed", "size", "samples", "workers", "patience")
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        words = [f"--{name}={value}" for name, value in {**given, **self.request.names}.items()]
        return [*words, "--out", str(self.folder)]
