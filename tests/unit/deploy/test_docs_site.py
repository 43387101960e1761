"""The documentation builds with every link in it followed, and its pages need nothing from the web."""

import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.docs_site import on_page_markdown, with_code_named
from deploy.reference_page import PAGE, page

ROOT = Path(__file__).resolve().parents[3]
FROM_ELSEWHERE = re.compile(
    r"""<(?:script|img|iframe)\b[^>]*\bsrc=["']?(?:https?:)?//|<link\b[^>]*\brel=["']?(?:stylesheet|preconnect|icon)["']?[^>]*\bhref=["']?(?:https?:)?//"""
)


def build(config: Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    """As `make docs` does. Not `--quiet`, which would let warnings pass."""
    command = [sys.executable, "-m", "mkdocs", "build", "--config-file", str(config), "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site."""
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT / "mkdocs.yml", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_pages_with_broken_links_are_not_built(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    broken = ["no-page.md", "no-picture.png", "#no-heading", "../no-code.py"]
    (tmp_path / "docs" / "index.md").write_text("".join(f"![a]({to})\n[a]({to})\n\n" for to in broken))
    config = tmp_path / "mkdocs.yml"
    config.write_text(
        f"INHERIT: {ROOT / 'mkdocs.yml'}\ndocs_dir: docs\nnav: [index.md]\n"
        f"hooks: [{ROOT / 'deploy' / 'docs_site.py'}]\n"
    )
    done = build(config, tmp_path / "site")
    assert done.returncode != 0 and [to for to in broken if to not in done.stderr] == []


def test_every_link_leads_somewhere_and_every_page_is_in_the_navigation(site: Path) -> None:
    start = (site / "index.html").read_text()
    pages = {one.with_suffix(".html").name for one in (ROOT / "docs").glob("*.md")}
    assert len(pages) > 10 and {one for one in pages if f'href="{one}"' not in start} == set()
    assert (site / "openapi.json").exists() and (site / "examples" / "curl.sh").exists()


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = [*site.rglob("*.html")]
    found = {one.name: match[0] for one in pages if (match := FROM_ELSEWHERE.search(one.read_text()))}
    assert found == {} and len(pages) > 20
    styles = [*site.rglob("*.css")]
    assert styles and not [
        one.name for one in styles if re.search(r"@import\s|url\(['\"]?(https?:)?//", one.read_text())
    ]


def test_what_comes_from_elsewhere_would_be_found() -> None:
    assert FROM_ELSEWHERE.search('<script async src="https://cdn.example/a.js">')
    assert FROM_ELSEWHERE.search('<link rel="stylesheet" href="//fonts.example/a.css">')


def test_diagrams_stay_text(site: Path) -> None:
    """The theme would fetch a library for them from the web."""
    text = (site / "architecture.html").read_text()
    assert 'class="mermaid"' not in text and "sequenceDiagram" in text


def test_links_into_the_code_become_its_names(caplog: pytest.LogCaptureFixture) -> None:
    assert with_code_named("see [the rates](../benchmarks/event_rate.py)", "scaling.md") == (
        "see the rates (`benchmarks/event_rate.py`)"
    )
    assert with_code_named("[`deploy/rights.py`](../../deploy/rights.py)", "decisions/x.md") == "`deploy/rights.py`"
    inside = "[a](testing.md), [b](https://x.example), [c](#there), ![d](pictures/results.jpg)"
    assert with_code_named(inside, "index.md") == inside
    assert caplog.text == ""


@pytest.mark.parametrize("to", ["../nowhere.py", "nowhere.md", "../../outside"])
def test_a_link_to_nowhere_is_a_warning(to: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        with_code_named(f"[words]({to})", "index.md")
    assert "leads nowhere" in caplog.text


def test_lists_are_set_apart_but_not_code() -> None:
    class Page:
        class file:  # noqa: N801
            src_uri = "index.md"

    text = "Gaps:\n- one\n- two\n\n```sh\ncat\n- x\n```"
    assert on_page_markdown(text, Page) == "Gaps:\n\n- one\n- two\n\n```sh\ncat\n- x\n```"


def test_the_reference_is_that_of_the_code() -> None:
    assert page() == PAGE.read_text(), "run: make schemas"
    assert "`POST /v1/products`" in page() and "background.generated.v1" in page()
