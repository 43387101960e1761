"""The styles that people like, as the topic tells them: the newest of each, shown as a table."""

from collections.abc import Iterable

from rich.table import Table

from backdrop.client import Heard
from backdrop.learned.reading import read_by_now
from shared.contracts.events import StyleMined
from shared.contracts.topics import STYLE_MINED

TOPIC = STYLE_MINED.name


def newest(heard: Iterable[Heard | None]) -> list[StyleMined]:
    """The newest event of each style that is still liked, the best liked first; reads until there is no more."""
    found: dict[str, StyleMined] = {}
    for event in read_by_now(heard, StyleMined):
        if event.style not in found or found[event.style].revision < event.revision:
            found[event.style] = event
    liked = [event for event in found.values() if not event.retired]
    return sorted(liked, key=lambda event: (-event.evidence.low, event.style))


def table(styles: Iterable[StyleMined]) -> Table:
    """Name, what goes with it, how well it is liked beside all pictures, and what there is to see of it."""
    shown = Table("style", "goes with", "rate", "95 %", "lift", "pictures", "plates", box=None, pad_edge=False)
    for event in styles:
        found = event.evidence
        shown.add_row(
            event.style,
            ", ".join(event.words[1:4]),
            f"{found.rate:.1%}",
            f"{found.low:.1%}–{found.high:.1%}",
            f"{found.lift:.1f}×",
            str(found.pictures),
            str(len(event.plates)),
        )
    return shown
