"""The page that shows a results folder: `index.html`, which opens from the disk without a server."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from backdrop.output.learning import read_learning
from backdrop.output.results import Result, read_results

PAGE = "index.html"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A product on the page: its answers in the order of asking."""

    product_id: str
    title: str
    photo: str | None
    preview: str | None
    mask: str | None
    results: tuple[Result, ...]

    @property
    def generated(self) -> tuple[Result, ...]:
        """Scenes with pictures."""
        return tuple(result for result in self.results if result.status == "generated")

    @property
    def rejected(self) -> tuple[Result, ...]:
        """Scenes without."""
        return tuple(result for result in self.results if result.status == "rejected")


def write_gallery(root: Path, *, made: date | None = None) -> Path:
    """Draw the page of a results folder from its `results.jsonl`; returns the page's path."""
    results = read_results(root)
    products = _by_product(results)
    page = _template().render(
        shown=[product for product in products if product.generated],
        refused=[product for product in products if not product.generated],
        results=results,
        pictures=sum(len(result.images) for result in results),
        generated=sum(result.status == "generated" for result in results),
        learning=read_learning(root),
        made=made or date.today(),
    )
    path = root / PAGE
    path.write_text(page, encoding="utf-8")
    return path


def _by_product(results: Iterable[Result]) -> list[Shown]:
    """Neighbouring lines of one photo together; a product asked for again later joins its first appearance."""
    places: dict[tuple[str, str | None], list[Result]] = {}
    for name, group in groupby(results, key=lambda result: (result.product_id, result.photo)):
        places.setdefault(name, []).extend(group)
    return [_shown(tuple(group)) for group in places.values()]


def _shown(results: tuple[Result, ...]) -> Shown:
    first = results[0]
    return Shown(
        product_id=first.product_id,
        title=first.title or first.product_id.replace("_", " ").replace("-", " "),
        photo=first.photo,
        preview=first.photo_preview,
        mask=next((result.mask for result in results if result.mask), None),
        results=results,
    )


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("backdrop", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = lambda fraction, digits=1: f"{fraction * 100:.{digits}f} %"
    environment.filters["words"] = lambda name: str(name).replace("_", " ")
    return environment.get_template("index.html.j2")
