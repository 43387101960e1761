"""Which options a brand sees first, and which not at all. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts.events import Scores


@dataclass(frozen=True)
class Ranked:
    """Places in the list of candidates: `shown` in order of worth, `refused` those that did not pass, in order too."""

    shown: tuple[int, ...]
    refused: tuple[int, ...]


def worth(scores: Scores) -> float:
    """One number to rank by: what raters and prompt say, less what was measured to be wrong."""
    return scores.judge + scores.adherence - 2 * scores.expansion - 2 * scores.shrinkage - scores.seam


def rank(
    scores: Sequence[Scores], prompts: Sequence[str], *, count: int, gate: float, liking: Sequence[float] = ()
) -> Ranked:
    """The best `count` candidates whose judge score reaches `gate`; the others are refused, or simply not needed.

    `liking`: what is added to each one's worth since people like its style; it lets none pass the gate.
    Where candidates have different prompts (a caption's ideas), each idea is shown once before any is shown twice.
    """
    order = sorted(range(len(scores)), key=lambda place: -worth(scores[place]) - (liking[place] if liking else 0.0))
    passed = [place for place in order if scores[place].judge >= gate]
    firsts = {prompts[place]: place for place in reversed(passed)}
    chosen = sorted(passed, key=lambda place: firsts[prompts[place]] != place)[:count]
    refused = [place for place in order if scores[place].judge < gate]
    return Ranked(tuple(sorted(chosen, key=order.index)), tuple(refused))
