"""The table of what calls took, and whether they keep both limits. Pure but for the number of cores."""

import os
from typing import Any

from benchmarks.gateway.calling import ASKED, LEAST, WARM_S
from benchmarks.gateway.pages import Arrivals

LIMIT_MS, LIMIT_RATIO = 50.0, 3.0
Took = dict[tuple[str, bool], list[float]]


def percentile(values: list[float], share: float) -> float:
    """By rank, in milliseconds."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)] * 1000


def within(took: Took) -> bool:
    """Whether every call keeps both limits."""
    for name in ASKED:
        own, bare = (percentile(took[name, which], 0.95) for which in (False, True))
        if own > min(LIMIT_MS, LIMIT_RATIO * bare):
            return False
    return True


def written(took: Took, heard: Arrivals, options: Any, busy: float) -> str:
    """The page of results."""
    late = f"{percentile(heard.late_s, 0.5):.0f} ms in the middle, {percentile(heard.late_s, 0.95):.0f} ms at p95"
    least = [percentile(took[LEAST, True], share) for share in (0.5, 0.95)]
    return "\n".join(
        [
            f"# The gateway under {options.pages} pages\n",
            f"`python -m benchmarks.gateway --pages {options.pages} --seconds {options.seconds:.0f} "
            f"--events {options.events:.0f} --calls {options.calls:.0f}`: "
            f"{options.pages} open event streams for {options.seconds:.0f} s, "
            f"{heard.events} events heard ({heard.events / (options.seconds + WARM_S):.0f}/s), {late} after they were "
            f"said; {options.calls:.0f} calls of each kind a second, at random moments.\n",
            "| call | calls | p50 ms | p95 ms | bare p50 | bare p95 | p50 beside bare | p95 beside bare |",
            "|---|---|---|---|---|---|---|---|",
            *(_row(name, took[name, False], took[name, True]) for name in ASKED),
            f"\nThe least that a bare route can answer (`{{}}`): {least[0]:.1f} ms, {least[1]:.1f} ms at p95.",
            f"Cores: {os.cpu_count()}; processes that wanted one when it began: {busy:.0f} (load average).",
            f"\nWithin {LIMIT_MS:.0f} ms and {LIMIT_RATIO:.0f} times the bare: {'yes' if within(took) else 'no'}.\n",
        ]
    )


def _row(name: str, own: list[float], bare: list[float]) -> str:
    mine, base = ([percentile(one, share) for share in (0.5, 0.95)] for one in (own, bare))
    figures = [f"{value:.1f}" for value in (*mine, *base, mine[0] / base[0], mine[1] / base[1])]
    return f"| {name} | {len(own)} | {' | '.join(figures)} |"
