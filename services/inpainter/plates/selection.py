"""Which plate each candidate gets: the best that was not given yet, so that a product's options differ. Pure."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence

from services.inpainter.plates.attributes import described
from services.inpainter.plates.liked import LikedStyle, styles_on
from services.inpainter.plates.matching import PlateMatch, matches
from services.inpainter.plates.query import PlateQuery, styles_of
from shared.contracts.styles import Plate

CHANCE = 0.55  # of a score, by lot: more than common words give, less than any attribute that was asked


class PlateSelector:
    """All plates, their words read once. `styles`: the styles they have and those people like, by plain name."""

    def __init__(self, plates: Iterable[Plate], liked: Iterable[LikedStyle] = ()) -> None:
        """`liked` brings plates of its own, and tells of others what people like in them."""
        known, liked = tuple(plates), tuple(liked)
        mined = {plate.id: plate for style in liked for plate in style.plates}
        shows = styles_on(liked) | {plate.id: frozenset({plate.style}) for plate in mined.values()}
        self._plates = tuple(described(plate, shows.get(plate.id, frozenset())) for plate in (*known, *mined.values()))
        self.styles = styles_of(known, liked)

    def select(self, queries: Sequence[PlateQuery], seeds: Sequence[int]) -> list[PlateMatch | None]:
        """The best match of each query that was not given before, near ties broken by its seed; each query is ranked
        once. None where no plate has a usable view."""
        ranked: dict[PlateQuery, list[PlateMatch]] = {}
        given: Counter[str] = Counter()
        selected: list[PlateMatch | None] = []
        for query, seed in zip(queries, seeds, strict=True):
            if query not in ranked:
                ranked[query] = _nearest(matches(self._plates, query), query)
            best = _best(ranked[query], given, random.Random(seed))
            selected.append(_seen_anew(best, given, query) if best else None)
            if best:
                given.update({best.name, best.plate.id, best.plate.style})
        return selected


def _nearest(found: list[PlateMatch], query: PlateQuery) -> list[PlateMatch]:
    """Those that show as much of what was asked as any does: nothing else is shown for the sake of variety."""
    least = min((match.lack for match in found), default=0)
    return found if query.style else [match for match in found if match.lack == least]


def _best(found: Sequence[PlateMatch], given: Counter[str], rng: random.Random) -> PlateMatch | None:
    """The highest score, less what was given already, plus a little chance."""
    scores = [match.score - _seen(match, given) + CHANCE * rng.random() for match in found]
    return found[scores.index(max(scores))] if found else None


def _seen(match: PlateMatch, given: Counter[str]) -> float:
    return 0.9 * given[match.name] + 0.5 * given[match.plate.id] + 0.25 * given[match.plate.style]


def _seen_anew(match: PlateMatch, given: Counter[str], query: PlateQuery) -> PlateMatch:
    """What was given before is mirrored, unless that would turn a light that was asked."""
    again = given[match.name] % 2 == 1 and query.attributes.light_direction is None
    return match.mirrored() if again else match
