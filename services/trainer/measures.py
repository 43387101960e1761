"""How a training goes, as Prometheus metrics. Made by app.py alone."""

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge

from shared.contracts.events import Event, TrainingProgressed


class Measures:
    """The newest progress of each stage; `rested` says that no job is in hand any more."""

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        gauges = {
            name: Gauge(f"backdrop_training_{name}", says, ("stage",), registry=registry)
            for name, says in _SAYS.items()
        }
        self._loss, self._rate = gauges["loss"], gauges["samples_per_second"]
        self._step, self._steps = gauges["step"], gauges["steps"]
        self._in_hand = Gauge("backdrop_training_in_hand", "1 while a job is trained here", registry=registry)
        self._last = Gauge(
            "backdrop_training_last_progress_timestamp_seconds", "When a training was last heard of", registry=registry
        )

    def announced(self, event: Event) -> None:
        """Hear of what was published."""
        if not isinstance(event, TrainingProgressed):
            return
        self._loss.labels(event.stage).set(event.loss)
        self._rate.labels(event.stage).set(event.samples_per_s)
        self._step.labels(event.stage).set(event.step)
        self._steps.labels(event.stage).set(event.steps)
        self._in_hand.set(1)
        self._last.set(self._clock())

    def rested(self) -> None:
        """The ledger was looked through: what was in hand has ended or was left to others."""
        self._in_hand.set(0)


_SAYS = {
    "loss": "Loss of the newest step that was announced",
    "samples_per_second": "Samples a second, as announced with it",
    "step": "The newest step that was announced",
    "steps": "Steps of the training it belongs to",
}
