"""The tables of docs/metrics.md, made from the metrics themselves: `python -m deploy.metrics_page`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from services.curator.measures import Measures as CuratorMeasures
from services.inpainter.measures import Measures as InpainterMeasures
from services.trainer.measures import Measures as TrainerMeasures
from shared.runtime.telemetry.metrics import Metrics

PAGE = Path(__file__).resolve().parents[1] / "docs" / "metrics.md"
BEGIN, END = "<!-- made by python -m deploy.metrics_page -->\n", "<!-- end of what is made -->\n"

LABELS = {
    "service": "the five services, and `client` in the embedded stack",
    "topic": "the topics of the contract; a record of T.retry counts for T",
    "partition": "the partitions of the topics that a service reads",
    "outcome": "words that stand in the code",
    "class": "what is done about such a failure: `dead` at once, `retry` and `later` when all tries were spent",
    "reason": "snake_case words that stand in the code; the 65th is `other`",
    "option": "`first`, `last`",
    "model": "`backdrop_model_*`: the models a service calls; else the 8 newest revisions that painted",
    "operation": "the five verbs of the blob store",
    "cache": "the caches of a service",
    "result": "`hit`, `miss`",
    "kind": "`used`, `total`",
    "verdict": "`shown`, `refused`",
    "stage": "the stages of training",
    "style": "the first 100 that are named, then `other`; `none` where no style was asked",
    "act": "`impressions`, `clicks`, `saves`, `long_clicks`",
    "vote": "`raters`, `product_defects`, `background_defects`",
}
SUFFIX = {"counter": "_total"}


@dataclass(frozen=True)
class ExposedMetric:
    """One metric as it is exposed."""

    name: str
    kind: str
    labels: tuple[str, ...]
    says: str
    where: str


def _fill_runtime(registry: CollectorRegistry) -> None:
    Metrics(registry, service="any").caches.watch("any", lambda: (0, 0))


def _fill_inpainter(registry: CollectorRegistry) -> None:
    InpainterMeasures(registry, lambda: "base@revision")


ROOMS: dict[str, Callable[[CollectorRegistry], object]] = {
    "all": _fill_runtime,
    "inpainter": _fill_inpainter,
    "curator": CuratorMeasures,
    "trainer": TrainerMeasures,
}


def rows() -> Iterator[ExposedMetric]:
    """Every metric of ours, of the runtime first."""
    for where, fill in ROOMS.items():
        registry = CollectorRegistry()
        fill(registry)
        for collector in list(registry._collector_to_names):
            yield from _rows(collector, where)


def _rows(collector: Collector, where: str) -> Iterator[ExposedMetric]:
    for family in collector.collect():
        seen = family.samples[0].labels if family.samples else ()
        labels = getattr(collector, "_labelnames", None) or tuple(seen)
        yield ExposedMetric(
            family.name + SUFFIX.get(family.type, ""), family.type, tuple(labels), family.documentation, where
        )


def tables() -> str:
    """Metrics, then labels."""
    lines = ["| metric | type | labels | says | of |", "|---|---|---|---|---|"]
    lines += [
        f"| `{row.name}` | {row.kind} | {', '.join(row.labels) or '–'} | {row.says} | {row.where} |" for row in rows()
    ]
    lines += ["", "| label | bounded by |", "|---|---|"]
    lines += [f"| `{label}` | {bound} |" for label, bound in LABELS.items()]
    return "\n".join(lines) + "\n"


def page(text: str) -> str:
    """The page with its tables made anew; what people wrote around them stays."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(PAGE.read_text()))


if __name__ == "__main__":
    main()
