"""What the inpainter's pictures are worth, as Prometheus metrics by model revision. Made by app.py alone."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.contracts.events import BackgroundGenerated, Event, GeneratedImage, Scores

REVISIONS = 8  # whose scores are kept; older ones are in Prometheus
SHARES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
VERDICTS = ("shown", "refused")


class Measures:
    """Counts candidates and their scores by the model revision that painted them; the newest few revisions."""

    def __init__(self, registry: CollectorRegistry, in_use: Callable[[], str]) -> None:
        """`in_use` names the revision that paints now."""
        self._candidates = Counter(
            "backdrop_candidates",
            "Pictures made, by verdict: shown or refused",
            ("model", "verdict"),
            registry=registry,
        )
        self._scores = {
            name: Histogram(f"backdrop_candidate_{name}_ratio", says, ("model",), buckets=SHARES, registry=registry)
            for name, says in _SAYS.items()
        }
        self._known: OrderedDict[str, None] = OrderedDict()
        registry.register(_InUse(in_use))

    def announced(self, event: Event) -> None:
        """Hear of what was published."""
        if isinstance(event, BackgroundGenerated):
            self._count(event.images, "shown")
            self._count(event.refused, "refused")

    def _count(self, images: Iterable[GeneratedImage], verdict: str) -> None:
        for image in images:
            self._remember(image.model)
            self._candidates.labels(image.model, verdict).inc()
            self._observe(image.model, image.scores)

    def _observe(self, model: str, scores: Scores) -> None:
        for name, histogram in self._scores.items():
            histogram.labels(model).observe(getattr(scores, name))

    def _remember(self, model: str) -> None:
        """Forget the revision that was seen longest ago when there are too many; a new one begins with zeros."""
        if model not in self._known:
            for verdict in VERDICTS:
                self._candidates.labels(model, verdict)
        self._known[model] = None
        self._known.move_to_end(model)
        if len(self._known) > REVISIONS:
            oldest, _ = self._known.popitem(last=False)
            for verdict in VERDICTS:
                self._candidates.remove(oldest, verdict)
            for histogram in self._scores.values():
                histogram.remove(oldest)


class _InUse(Collector):
    """Which revision paints now."""

    def __init__(self, in_use: Callable[[], str]) -> None:
        self._in_use = in_use

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """As the registry asks for it."""
        family = GaugeMetricFamily("backdrop_painter_info", "The model revision that paints now", labels=("model",))
        family.add_metric((self._in_use(),), 1)
        yield family


_SAYS = {
    "expansion": "Found product outside the product / product, of every candidate",
    "adherence": "Agreement of a candidate's background with its prompt",
    "judge": "Probability that a rater finds no defect in a candidate",
}
