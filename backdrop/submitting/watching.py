"""Following a submission on the stack: what is heard becomes progress, progress becomes a live table."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from rich.markup import escape
from rich.table import Table

from backdrop.client import Heard, KafkaClient
from backdrop.submitting.progress import STAGES, GivenUpMessage, Silence, SubmissionProgress, read_dead_letter
from backdrop.submitting.submissions import SubmittedProduct
from shared.contracts.events import BackgroundGenerated
from shared.contracts.topics import (
    BACKGROUND_GENERATED,
    BACKGROUND_REJECTED,
    BACKGROUND_REQUESTED,
    PRODUCT_CAPTIONED,
    PRODUCT_SEGMENTED,
    PRODUCT_SUBMITTED,
)

FOLLOWED = {
    topic.name: topic.event
    for topic in (PRODUCT_SEGMENTED, PRODUCT_CAPTIONED, BACKGROUND_GENERATED, BACKGROUND_REJECTED)
}
DEAD = {
    topic.dead: topic.name for topic in (PRODUCT_SUBMITTED, PRODUCT_SEGMENTED, PRODUCT_CAPTIONED, BACKGROUND_REQUESTED)
}
CLOCK_SKEW = timedelta(seconds=5)
CATCH_UP_S = 60.0  # a stack that is never still would otherwise be read for ever


def follow(progress: SubmissionProgress, kafka: KafkaClient, *, timeout_s: float) -> Iterator[SubmissionProgress]:
    """Bring progress up to date, yielding after every message and every pause, until all is answered.

    Raises Silence when this submission does not move for `timeout_s`, whatever is said of others; `timeout_s` 0 takes
    what is there already and ends, after `CATCH_UP_S` at the latest.
    """
    created = progress.submission.created
    began = moved_at = time.monotonic()
    news = progress.news
    for heard in kafka.listen([*FOLLOWED, *DEAD], since=created - CLOCK_SKEW):
        if heard is not None:
            take(progress, heard)
        now = time.monotonic()
        if progress.news != news:
            news, moved_at = progress.news, now
        yield progress
        if progress.done or (timeout_s == 0 and (heard is None or now - began > CATCH_UP_S)):
            return
        if now - moved_at > timeout_s > 0:
            raise Silence("silence", _silence(progress, timeout_s))


def take(progress: SubmissionProgress, heard: Heard) -> None:
    """Tell progress about one message; what cannot be read is not ours to judge."""
    seconds = max(heard.at_s - progress.submission.created.timestamp(), 0.0)
    if heard.topic in DEAD:
        letter: GivenUpMessage = read_dead_letter(DEAD[heard.topic], heard.value, dict(heard.headers))
        progress.hear_dead(letter, seconds=seconds)
        return
    try:
        event = FOLLOWED[heard.topic].model_validate_json(heard.value)
    except ValueError:
        return
    progress.hear(event, seconds=seconds)


def table(progress: SubmissionProgress, *, rows: int) -> Table:
    """How far each product is, the unfinished first, at most `rows` of them."""
    title = f"{len(progress.answers)} of {progress.total} scenes answered"
    drawn = Table(title=title, title_justify="left", box=None, pad_edge=False)
    drawn.add_column("product", overflow="ellipsis", max_width=42, no_wrap=True)
    for stage in STAGES[:-1]:
        drawn.add_column(stage, justify="center")
    drawn.add_column("scenes", justify="right")
    drawn.add_column("", overflow="fold", ratio=1)
    products = sorted(progress.submission.products, key=lambda product: progress.stage(product) == "answered")
    for product in products[:rows]:
        drawn.add_row(*_row(progress, product))
    if len(products) > rows:
        drawn.add_row(f"… and {len(products) - rows} more")
    return drawn


def _row(progress: SubmissionProgress, product: SubmittedProduct) -> Iterable[str]:
    reached = STAGES.index(progress.stage(product))
    marks = ["[green]●[/]" if reached >= position else "[dim]·[/]" for position in range(len(STAGES) - 1)]
    answered = f"{progress.answered(product)}/{len(product.asked)}"
    return escape(product.product_id), *marks, answered, escape(refusals(progress, product))


def refusals(progress: SubmissionProgress, product: SubmittedProduct) -> str:
    """Why scenes of a product were refused, each reason once."""
    outcomes = (
        progress.answers[asked.request_id].outcome for asked in product.asked if asked.request_id in progress.answers
    )
    details = {outcome.detail for outcome in outcomes if not isinstance(outcome, BackgroundGenerated)}
    return "; ".join(sorted(details))


def announcer(progress: SubmissionProgress, say: Callable[[str], None]) -> Callable[[], None]:
    """For output that is no terminal: a line when a product has all its answers."""
    said: set[str] = set()

    def announce() -> None:
        for product in progress.submission.products:
            name = f"{product.product_id}/{product.image_sha256}"
            if name not in said and progress.stage(product) == "answered":
                said.add(name)
                why = refusals(progress, product)
                say(
                    f"{product.product_id}: {made(progress, product)} of {len(product.asked)} scenes made"
                    + (f" ({why})" if why else "")
                )

    return announce


def made(progress: SubmissionProgress, product: SubmittedProduct) -> int:
    """Scenes of a product that have pictures."""
    answers = (progress.answers.get(asked.request_id) for asked in product.asked)
    return sum(answer is not None and isinstance(answer.outcome, BackgroundGenerated) for answer in answers)


def _silence(progress: SubmissionProgress, timeout_s: float) -> str:
    open_ones = [
        product.product_id for product in progress.submission.products if progress.stage(product) != "answered"
    ]
    names = ", ".join(open_ones[:5]) + (" …" if len(open_ones) > 5 else "")
    left = progress.total - len(progress.answers)
    return (
        f"nothing was heard of it for {timeout_s:.0f} s; {left} scenes are open ({names}). "
        "See what each stage is doing with: make status"
    )
