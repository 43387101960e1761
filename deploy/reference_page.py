"""docs/reference.md: every route and every event on one page, from the code. Run: python -m deploy.reference_page"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.asyncapi import FLOW
from deploy.openapi import openapi
from shared.contracts.events import KEY_FIELDS
from shared.contracts.topics import TOPICS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference.md"
METHODS = ("get", "post", "put", "patch", "delete")


def page() -> str:
    """The page as it is to be committed."""
    return "\n".join([*_head(), *_routes(openapi()), *_events()]) + "\n"


def _head() -> Iterator[str]:
    yield "<!-- made by python -m deploy.reference_page -->"
    yield "# Reference"
    yield ""
    yield "What there is, in a line each. Fields, limits and shapes are in [`openapi.json`](openapi.json) (OpenAPI 3.1)"
    yield "and [`asyncapi.yaml`](events/asyncapi.yaml) (AsyncAPI 3.0), for generators and viewers. How to come in:"
    yield "[gateway](gateway.md), [clients](clients.md)."
    yield ""


def _routes(document: dict[str, Any]) -> Iterator[str]:
    by_tag: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                one = operations[method]
                by_tag.setdefault(one["tags"][0], []).append(_row(f"`{method.upper()} {path}`", one))
    yield "## HTTP"
    for tag, rows in by_tag.items():
        yield from ("", f"### {tag.capitalize()}", "", "| route | what it does | answers |", "|---|---|---|", *rows)


def _row(route: str, operation: dict[str, Any]) -> str:
    success = ", ".join(status for status in operation["responses"] if status.startswith("2"))
    return f"| {route} | {_cell(operation.get('description', ''))} | {success} |"


def _events() -> Iterator[str]:
    yield from ("", "## Events", "")
    yield "On Kafka each has a topic; over HTTP and in webhooks its type is `backdrop.` and its name."
    yield from ("", "| topic | event | key | what it says | who says it | who hears it |", "|---|---|---|---|---|---|")
    for topic in sorted(TOPICS, key=lambda one: one.name):
        name = topic.event.__name__
        by, to = (", ".join(some) for some in FLOW[topic.name])
        event = f"[`{name}`](events/schemas/{topic.name}.json)"
        yield f"| `{topic.name}` | {event} | `{KEY_FIELDS[name]}` | {_cell(topic.event.__doc__ or '')} | {by} | {to} |"


def _cell(words: str) -> str:
    return " ".join(words.split("\n\n")[0].split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page())
