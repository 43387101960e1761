"""What the site of `make docs` does to pages that are written for a code host: links into the code, and lists.

MkDocs calls the functions whose names begin with `on_`.
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCS = "docs"
_LINK = re.compile(r"(?<!!)\[(?P<words>[^\[\]]+)\]\((?P<to>(?!https?:|mailto:|#)[^()\s#]+)(?:#[^()\s]*)?\)")
_ITEM = re.compile(r"\s*([-*]|\d+\.) ")

log = logging.getLogger("mkdocs.docs_site")  # a warning below `mkdocs` fails a strict build


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """A page as MkDocs is to read it."""
    return "\n".join(_lists_apart(with_code_named(markdown, page.file.src_uri).split("\n")))


def with_code_named(markdown: str, page: str) -> str:
    """Links that leave the documentation become the names of what they lead to, which has to be there.

    `page`: its path below `docs`.
    """

    def named(link: re.Match[str]) -> str:
        place = normpath(str(PurePosixPath(DOCS) / PurePosixPath(page).parent / link["to"]))
        inside = place.startswith(f"{DOCS}/") and (ROOT / place).is_file()
        if inside:
            return link[0]
        if place.startswith("..") or not (ROOT / place).exists():
            log.warning("%s: the link to %s leads nowhere", page, link["to"])
        words = link["words"]
        return words if place.rstrip("/") in words else f"{words} (`{place}`)"

    return _LINK.sub(named, markdown)


def _lists_apart(lines: list[str]) -> Iterator[str]:
    """An empty line before each list, which code hosts do not need."""
    before, fenced = "", False
    for line in lines:
        fenced ^= line.lstrip().startswith("```")
        starts = _ITEM.match(line) and not line[:1].isspace()
        if starts and not fenced and before.strip() and not before[:1].isspace() and not _ITEM.match(before):
            yield ""
        yield line
        before = line
