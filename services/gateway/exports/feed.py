"""The feed of picked options: a table as shopping feeds have it. Pure."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from services.gateway.records import Background, Product
from shared.contracts.events import GeneratedImage

COLUMNS = (
    "id", "title", "description", "product_type", "image_link", "additional_image_link", "request_id", "style",
    "prompt", "model", "ai_generated",
)  # fmt: skip
PART = 64 * 1024  # characters
MOST_MORE = 10  # additional pictures of one product, as Merchant Center has it
FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
)  # a cell that begins so is run by spreadsheet programs (OWASP, CSV injection)


def feed(picked: Iterable[tuple[Product, Background]], link: Callable[[str], str]) -> Iterator[str]:
    """CSV in parts, one row for each product with its newest pick first; `link` makes an address of a key.

    Picks come by product; no more of them is in memory than one part.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for _, its in groupby(picked, key=lambda one: one[0].product_id):
        row: dict[str, str] = {}
        for product, background in its:
            for option in picks(background):
                row = _row(row, product, background, option, link(option.image.key))
        if row:
            writer.writerow({name: _cell(value) for name, value in row.items()})
        if text.tell() > PART:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def picks(background: Background) -> list[GeneratedImage]:
    """The options that somebody picked."""
    made = background.generated
    images = (*made.images, *made.refused) if made else ()
    return [
        one for one in images if one.image.sha256 in background.tallies and background.tallies[one.image.sha256].saves
    ]


def _row(
    before: dict[str, str], product: Product, background: Background, option: GeneratedImage, link: str
) -> dict[str, str]:
    more = [one for one in before["additional_image_link"].split(",") if one] if before else []
    facts = product.newest.facts
    return {
        "id": product.product_id,
        "title": facts.title or "",
        "description": facts.description or "",
        "product_type": facts.category or "",
        "image_link": link,
        "additional_image_link": ",".join([*more, before["image_link"]][-MOST_MORE:]) if before else "",
        "request_id": background.request_id,
        "style": background.scene.style or "",
        "prompt": option.prompt,
        "model": option.model,
        "ai_generated": "yes",
    }


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA) else value
