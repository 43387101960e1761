"""Which options a brand sees first, and which not at all. Pure."""

import random
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

from shared.contracts.events import Scores

# A judge that tells good from bad, 0.47 apart, in 94 % of pairs (models/mini-judge/figures.json) errs by about 0.2 in
# each score, and so by this in their difference: of two that are nearer than that, neither is known to be better.
UNSURE = 0.3
CAME_OUT = 0.35  # adherence of a scene that came out
BETTER = 0.5  # of what it is beyond that, the share that counts between pictures of one scene: the probe errs as well
ALIKE = 0.6  # what an option loses that looks just like one that is shown already


@dataclass(frozen=True)
class Ranked:
    """Places in the list of candidates: `shown` as a brand sees them, `refused` those that did not pass, by worth."""

    shown: tuple[int, ...]
    refused: tuple[int, ...]


def worth(scores: Scores, *, better: float = BETTER) -> float:
    """One number to rank by: what raters and prompt say, less what was measured to be wrong.

    `better`: the share that counts of adherence beyond a scene that came out. Between different ideas it is 0: easy
    words (a plain wall) always score higher than rich ones.
    """
    adherence = min(scores.adherence, CAME_OUT) + better * max(0.0, scores.adherence - CAME_OUT)
    return scores.judge + adherence - 2 * scores.expansion - 2 * scores.shrinkage - scores.seam


def rank(
    scores: Sequence[Scores],
    prompts: Sequence[str],
    *,
    count: int,
    gate: float,
    seed: int = 0,
    looks: Sequence[Set[str]] = (),
    liking: Sequence[float] = (),
) -> Ranked:
    """The best `count` candidates whose judge score reaches `gate`; the others are refused, or simply not needed.

    Candidates that the judge cannot tell apart are ordered by the lot of `seed`, so that not every product of a
    catalogue shows the one look first that a judge likes a little more. `looks`: what each one shows, in words; the
    next to be shown is the best that is unlike those before it (maximal marginal relevance, Carbonell & Goldstein
    1998). `liking`: what is added to each one's worth since people like its style. Whoever is liked more than the least
    liked gets the higher lots, by chance among themselves; none passes the gate by it.
    """
    looks = looks or [frozenset({prompt}) for prompt in prompts]
    better = BETTER if len(set(prompts)) < 2 else 0.0
    liked = liking or [0.0] * len(scores)
    values = [
        worth(score, better=better) + UNSURE * lot + more
        for score, lot, more in zip(scores, _lots(liked, seed), liked, strict=True)
    ]
    order = sorted(range(len(scores)), key=lambda place: -values[place])
    passed = [place for place in order if scores[place].judge >= gate]
    refused = tuple(place for place in order if scores[place].judge < gate)
    return Ranked(_unlike(passed, prompts, looks, values, count), refused)


def _lots(liked: Sequence[float], seed: int) -> list[float]:
    """What the seed adds where the judge is in doubt, 0..1 for each."""
    lots = random.Random(seed)
    drawn, least = [lots.random() for _ in liked], min(liked, default=0.0)
    order = sorted(range(len(liked)), key=lambda place: (liked[place] == least, -drawn[place]))
    dealt = dict(zip(order, sorted(drawn, reverse=True), strict=True))
    return [dealt[place] for place in range(len(liked))]


def _unlike(
    passed: Sequence[int], prompts: Sequence[str], looks: Sequence[Set[str]], values: Sequence[float], count: int
) -> tuple[int, ...]:
    """`count` of those that passed, each idea once before any is shown twice, each as unlike the others as may be."""
    shown: list[int] = []
    seen: Counter[str] = Counter()
    for _ in range(min(count, len(passed))):
        left = [place for place in passed if place not in shown]
        best = max(left, key=lambda place: (-seen[prompts[place]], values[place] - _lost(looks, place, shown)))
        shown.append(best)
        seen[prompts[best]] += 1
    return tuple(shown)


def _lost(looks: Sequence[Set[str]], place: int, shown: Sequence[int]) -> float:
    """What a candidate loses by its likeness to the one that it is most alike (Jaccard's share of common words)."""
    return ALIKE * max((_likeness(looks[place], looks[other]) for other in shown), default=0.0)


def _likeness(one: Set[str], other: Set[str]) -> float:
    return len(one & other) / max(1, len(one | other))
