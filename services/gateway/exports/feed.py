"""The feed of picked options: a table as shopping feeds have it. Pure."""

import csv
import io
from collections.abc import Callable, Iterable

from services.gateway.records import Background, Product
from shared.contracts.events import GeneratedImage

COLUMNS = (
    "id", "title", "description", "product_type", "image_link", "additional_image_link", "request_id", "style",
    "prompt", "model", "ai_generated",
)  # fmt: skip
MOST_MORE = 10  # additional pictures of one product, as Merchant Center has it
FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
)  # a cell that begins so is run by spreadsheet programs (OWASP, CSV injection)


def feed(picked: Iterable[tuple[Product, Background]], link: Callable[[str], str]) -> str:
    """CSV, one row for each product with its newest pick first; `link` makes an address of a key."""
    rows: dict[str, dict[str, str]] = {}
    for product, background in picked:
        for option in picks(background):
            _add(rows, product, background, option, link(option.image.key))
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows.values())
    return text.getvalue()


def picks(background: Background) -> list[GeneratedImage]:
    """The options that somebody picked."""
    made = background.generated
    images = (*made.images, *made.refused) if made else ()
    return [
        one for one in images if one.image.sha256 in background.tallies and background.tallies[one.image.sha256].saves
    ]


def _add(
    rows: dict[str, dict[str, str]], product: Product, background: Background, option: GeneratedImage, link: str
) -> None:  # fmt: skip
    row = rows.get(product.product_id)
    if row is not None:
        more = [one for one in row["additional_image_link"].split(",") if one]
        row["additional_image_link"] = ",".join([*more, row["image_link"]][-MOST_MORE:])
    facts = product.newest.facts
    rows[product.product_id] = {
        "id": product.product_id,
        "title": facts.title or "",
        "description": facts.description or "",
        "product_type": facts.category or "",
        "image_link": link,
        "additional_image_link": row["additional_image_link"] if row else "",
        "request_id": background.request_id,
        "style": background.scene.style or "",
        "prompt": option.prompt,
        "model": option.model,
        "ai_generated": "yes",
    }


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA) else value
