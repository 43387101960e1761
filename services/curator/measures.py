"""What people like, as Prometheus metrics by style. Made by app.py alone."""

from prometheus_client import CollectorRegistry, Counter

from shared.contracts.events import BackgroundReviewed, Event, ProductEngaged

MOST_STYLES = 100
NONE, OTHER = "none", "other"
ACTS = ("impressions", "clicks", "saves", "long_clicks")


class Measures:
    """Counts engagement with options by the style they were asked in, and raters' votes."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._acts = Counter(
            "backdrop_engagement",
            "What people did with options, by the style asked for: views, clicks, saves",
            ("style", "act"),
            registry=registry,
        )
        self._votes = Counter(
            "backdrop_votes",
            "Raters' votes on options: raters, product_defects, background_defects",
            ("vote",),
            registry=registry,
        )
        self._styles: set[str] = set()

    def heard(self, event: Event) -> None:
        """Hear of what was consumed."""
        match event:
            case ProductEngaged():
                self._engaged(event)
            case BackgroundReviewed():
                for vote in ("raters", "product_defects", "background_defects"):
                    self._votes.labels(vote).inc(getattr(event, vote))

    def _engaged(self, event: ProductEngaged) -> None:
        """Of options alone: a product's own photo has no style."""
        if event.request_id is None:
            return
        for act in ACTS:
            self._acts.labels(self._bounded(event.style or NONE), act).inc(getattr(event, act))

    def _bounded(self, style: str) -> str:
        """A platform may call a style anything; as many as a catalogue has are told apart."""
        if style not in self._styles and len(self._styles) >= MOST_STYLES:
            return OTHER
        self._styles.add(style)
        return style
