"""The studio's page in a real browser: first paint, the longest task, its weight, and from a photo to a download.

Run: python -m benchmarks.studio_page [--url http://127.0.0.1:8080/]. Without an address it starts `backdrop studio`
with the bundled models over an empty folder, and stops it.
"""

import argparse
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

PATIENT_MS = 300_000
PICTURES = (".webp", ".jpg", ".png")
TRACED = ["toplevel", "disabled-by-default-devtools.timeline", "devtools.timeline", "__metadata"]
PAINT = """performance.getEntriesByName("first-contentful-paint")[0].startTime"""
WEIGHT = """() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
    .map((entry) => [entry.name, entry.encodedBodySize])"""


def main() -> None:
    """Measure, and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", help="a studio that runs; one is started when absent")
    options, began = parser.parse_args(), time.perf_counter()
    with studio(options.url) as url, sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(PATIENT_MS)
        browser.start_tracing(page=page, categories=TRACED)
        measure(page, url)
        if not options.url:
            tell("from the command to a file on the disk", f"{time.perf_counter() - began:.1f} s")
        longest = longest_task(json.loads(browser.stop_tracing())["traceEvents"])
        tell("longest task of the whole visit, processor time", f"{longest:.0f} ms")
        browser.close()


@contextmanager
def studio(url: str | None) -> Iterator[str]:
    """The address of a studio."""
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory() as state:
        command = [sys.executable, "-m", "backdrop.cli", "studio", "--state", state, "--port", str(free_port())]
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            found = next(filter(None, (re.search(r"http://\S+", line) for line in process.stdout or ())))
            tell("from the command to the address", f"{time.perf_counter() - began:.1f} s")
            yield found.group()
        finally:
            process.terminate()
            process.wait(timeout=30)


def measure(page: Page, url: str) -> None:
    """First paint, then a whole visit."""
    page.goto(url)
    expect(page.locator("#line")).to_have_text("Live")
    tell("first contentful paint", f"{page.evaluate(PAINT):.0f} ms")
    weights = page.evaluate(WEIGHT)
    own = sum(size for name, size in weights if not name.split("?")[0].endswith(PICTURES) and "/v1/" not in name)
    tell("page, styles, scripts and typefaces", f"{own / 1000:.0f} kB")
    began = time.perf_counter()
    visit(page)
    tell("from a click on a sample to a file on the disk", f"{time.perf_counter() - began:.1f} s")


def longest_task(events: list[dict[str, Any]]) -> float:
    """Milliseconds that the page's own thread worked without a break, others' use of the processor left out."""
    main = {(one["pid"], one["tid"]) for one in events if one.get("args", {}).get("name") == "CrRendererMain"}
    tasks = (one for one in events if one["name"].endswith("RunTask") and (one["pid"], one["tid"]) in main)
    return max(float(one.get("tdur", 0)) for one in tasks) / 1000


def visit(page: Page) -> None:
    """A sample, a style by its picture, the product dragged, one option, a download."""
    page.locator(".sample, .tray-photo").first.click()
    expect(page.locator(".stage-state .tag.good, .stage-state .tag.warn")).to_be_visible(timeout=PATIENT_MS)
    drag(page, "canvas.placing")
    page.get_by_role("radio", name="sage studio podium").click()
    page.get_by_label("Describe the scene").press_sequentially("on a sage podium, soft light")
    page.get_by_role("radio", name="1 options").click()
    page.locator(".make").click()
    expect(page.locator(".option-picture").first).to_be_visible(timeout=PATIENT_MS)
    page.locator(".option").first.hover()
    page.locator(".option").first.get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Download").click()
    assert Path(download.value.path()).stat().st_size > 0


def drag(page: Page, canvas: str) -> None:
    """Across the canvas, as a hand does it."""
    box = page.locator(canvas).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.55, steps=40)
    page.mouse.up()


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tell(what: str, value: str) -> None:
    """One line of the result."""
    print(f"{what:50} {value:>10}", flush=True)


if __name__ == "__main__":
    main()
