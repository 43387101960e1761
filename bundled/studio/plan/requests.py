"""Which scenes of the endless row are wanted: only some surface, backdrop, product or split; nothing is drawn here."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bundled.studio.plan import balance
from bundled.studio.plan import vocabulary as words
from bundled.studio.plan.catalogue import PRODUCTS
from bundled.studio.plan.scene import Plan

GAP = 2_000_000  # the rarest combination comes about once in 65,000 plans
PlanOf = Callable[[int], Plan]


class Impossible(ValueError):
    """Such a scene never comes up; the message says what does."""


@dataclass(frozen=True)
class SceneFilter:
    """Only scenes with these; None is any."""

    surface: str | None = None
    backdrop: str | None = None
    product: str | None = None
    split: str | None = None

    @property
    def names(self) -> dict[str, str]:
        return {what: name for what, name in vars(self).items() if name is not None}

    def fits(self, plan: Plan) -> bool:
        shown = vars(plan) | ({"split": balance.split(plan)} if self.split else {})
        return all(shown[what] == name for what, name in self.names.items())


def check(request: SceneFilter, kind: str) -> None:
    """Refuse in words what would be searched for ever."""
    for what, known in (("surface", words.SURFACES), ("backdrop", words.BACKDROPS), ("product", PRODUCTS)):
        if what in request.names:
            words.check(request.names[what], known, what)
    if kind == "packshots" and (request.surface or request.backdrop):
        raise Impossible("packshots stand on a plain studio ground; choose them by product only")
    if request.surface and request.backdrop and request.surface not in words.SUITS[request.backdrop]:
        raise Impossible(_unsuited(request.surface, request.backdrop))


def _unsuited(surface: str, backdrop: str) -> str:
    backdrops = [name for name in words.BACKDROPS if surface in words.SUITS[name]]
    surfaces = sorted(set(words.SUITS[backdrop]) & set(words.SURFACES))
    return (
        f"the surface {surface!r} never comes with the backdrop {backdrop!r}.\n"
        f"{surface!r} comes with: {', '.join(backdrops)}.\n{backdrop!r} comes with: {', '.join(surfaces)}."
    )


def plan_of(kind: str, seed: int) -> PlanOf:
    deal = balance.packshot_plan if kind == "packshots" else balance.scene_plan
    return lambda number: deal(seed, number)


def matching(request: SceneFilter, plan: PlanOf, start: int = 0, gap: int = GAP) -> Iterator[int]:
    """Numbers of the plans that fit, in the order of the row."""
    last = start
    for number in itertools.count(start):
        if request.fits(plan(number)):
            last = number
            yield number
        elif number - last > gap:
            raise Impossible(f"no such scene among {gap:,} plans: {', '.join(request.names.values())}")


def numbers(request: SceneFilter, plan: PlanOf, count: int, known: Sequence[int] = ()) -> list[int]:
    """The first `count` that fit; `known` are those found before, so that a longer order walks on from there."""
    start = known[-1] + 1 if known else 0
    more = itertools.islice(matching(request, plan, start), max(0, count - len(known)))
    return [*known, *more][:count]
