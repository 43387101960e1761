"""The newest of each liked style, as a table."""

import io

from rich.console import Console

from backdrop.client import Heard
from backdrop.learned.styles import newest, table
from shared.contracts.events import StyleEvidence, StyleMined


def heard(style: str, revision: int, low: float = 0.1, *, retired: bool = False) -> Heard:
    evidence = StyleEvidence(pictures=7, lift=2.5, rate=0.2, low=low, high=0.3, dataset_version="0001-a")
    event = StyleMined(style=style, revision=revision, words=(style, "warm light"), evidence=evidence, retired=retired)
    return Heard(topic="style.mined.v1", value=event.model_dump_json().encode(), headers={}, at_s=0.0)


def test_of_each_style_the_newest_counts_a_retired_one_is_gone_and_what_cannot_be_read_stops_nothing() -> None:
    said = [
        heard("oak", 2, 0.12),
        heard("oak", 1),
        heard("sand", 1, 0.15),
        heard("wall", 1),
        heard("wall", 2, retired=True),
        Heard(topic="style.mined.v1", value=b"{}", headers={}, at_s=0.0),
    ]
    assert [(event.style, event.revision) for event in newest([*said, None, heard("late", 1)])] == [
        ("sand", 1),
        ("oak", 2),
    ]


def test_the_table_says_how_well_a_style_is_liked() -> None:
    out = io.StringIO()
    Console(file=out, width=120).print(table(newest([heard("oak table", 1), None])))
    assert all(words in out.getvalue() for words in ("oak table", "warm light", "20.0%", "10.0%–30.0%", "2.5×", "7"))
