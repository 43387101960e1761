"""The page: everything shown, everything escaped, nothing from elsewhere."""

import re
from datetime import date
from pathlib import Path

import pytest

from backdrop.output.gallery import write_gallery
from backdrop.output.learning import BeforeAfter, Learning, write_learning
from backdrop.output.results import ResultsFolder
from backdrop.submitting.progress import SubmissionProgress
from backdrop.submitting.submissions import Refusal
from tests.fakes.answers import generated, never_submitted, product, stored, submission


@pytest.fixture
def page(tmp_path: Path) -> str:
    cup, film = product(), never_submitted()
    progress = SubmissionProgress(submission(cup, film))
    progress.hear(generated(cup, 0, turned_down=1), seconds=2.0)
    progress.give_up(Refusal(reason="judge_rejected", detail="each had a seam"), seconds=3.0)
    results = ResultsFolder(tmp_path, stored(cup)).write(progress)
    image = results[0].images[0]
    pair = BeforeAfter(product_id="cup", prompt="on sand", before=image, after=image)
    write_learning(tmp_path, Learning(source="Eight photos.", kept=8, verdict="It took over.", pairs=(pair,)))
    return write_gallery(tmp_path, made=date(2026, 3, 1)).read_text()


@pytest.mark.parametrize(
    "words",
    [
        "seed 7",
        "plate white-marble-1 at strength 0.40",
        "80 %",
        "90 %",
        "1.0 %",
        "each had a seam",
        "judge rejected",
        "film.gif is a GIF",
        "1 candidate the judge turned down",
        "not understood: quokka",
        "It took over.",
        "Before",
        "After",
        "results.jsonl",
        "2026-03-01",
    ],
)
def test_the_page_shows(page: str, words: str) -> None:
    assert words in page


def test_what_brands_typed_is_text_not_markup(page: str) -> None:
    assert "on &lt;marble&gt;" in page
    assert "A &lt;b&gt;cup&lt;/b&gt;" in page
    assert "<b>cup</b>" not in page


def test_every_file_it_names_is_there_and_relative(page: str, tmp_path: Path) -> None:
    named = set(re.findall(r'(?:src|href)="([^"#]+)"', page)) - {"data:,"}
    assert len(named) >= 6
    for name in named:
        assert not name.startswith(("/", "http", "file:"))
        assert (tmp_path / name).is_file(), name


def test_every_picture_has_words_for_those_who_cannot_see_it(page: str) -> None:
    pictures = re.findall(r"<img [^>]*>", page)
    assert len([tag for tag in pictures if 'alt=""' in tag]) == 1  # the empty frame of the large view
    assert all("alt=" in tag for tag in pictures)


def test_a_run_without_any_picture_still_has_a_page(tmp_path: Path) -> None:
    progress = SubmissionProgress(submission(never_submitted()))
    ResultsFolder(tmp_path, stored()).write(progress)
    text = write_gallery(tmp_path).read_text()
    assert "No scene could be made." in text
    assert "film.gif is a GIF" in text
