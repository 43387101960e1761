"""What a person does in the studio, in the words of the tests."""

from pathlib import Path

from playwright.sync_api import Page, expect

MADE_MS = 120_000  # how slow the machine may be; what is there sooner is not waited for


def enter(page: Page, url: str, place: str = "") -> None:
    """Open the page and wait until it is live."""
    page.goto(url + place)
    expect(page.locator("#line")).to_have_text("Live")


def add(page: Page, *files: Path) -> None:
    """Choose photos with the file picker, wherever it is."""
    page.locator("#more-photos, #first-photos").first.set_input_files(list(files))


def found(page: Page) -> None:
    """Wait until the product on the stage is cut out."""
    expect(page.locator(".stage-state .tag.good, .stage-state .tag.warn")).to_be_visible(timeout=MADE_MS)
    expect(page.locator(".stage-state")).not_to_contain_text("Finding")


def sample(page: Page, number: int = 0) -> None:
    """Take a sample photo, and wait until its product is found."""
    page.locator(".sample").nth(number).click()
    found(page)


def wish(page: Page, words: str, count: int = 1) -> None:
    """Type a scene and ask for it."""
    page.get_by_label("Describe the scene").fill(words)
    page.get_by_role("radio", name=f"{count} options", exact=True).click()
    make(page)


def make(page: Page) -> None:
    """Press the button that asks."""
    page.locator(".make").click()


def made(page: Page, count: int = 1) -> None:
    """Wait until so many options are there."""
    expect(page.locator(".option-picture")).to_have_count(count, timeout=MADE_MS)


def product_of(page: Page) -> str:
    """The product that the address names."""
    page.wait_for_url("**#/studio/*")
    return page.url.rpartition("/")[2]
