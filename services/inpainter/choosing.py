"""Which candidates a scene gets: its words as queries, to each a plate, a seed, and how far it may be left. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.inpainter.compose.limits import how_many
from services.inpainter.compose.placement import Placed
from services.inpainter.plates.liked import LikedStyles
from services.inpainter.plates.matching import PlateMatch
from services.inpainter.plates.query import PlateQueries, PlateQuery, plate_queries
from services.inpainter.plates.selection import PlateSelector
from services.inpainter.plates.white import SHEETS, is_sheet
from services.inpainter.scene_request import SceneRequest
from shared.contracts.events import Scene, StyleMined
from shared.contracts.images import Pixels
from shared.contracts.styles import Light, Plate
from shared.contracts.vocabulary import View

REFERENCE = "reference"


@dataclass(frozen=True, kw_only=True)
class GenerationSettings:
    """The few that matter. `strength`: how far plates are left by default, and where no plate shows what was asked;
    `extra`: candidates beyond those asked; `gate`: judge score that a candidate needs; `taste_share`: of an empty
    scene's candidates, how many follow what people like; `taste_weight`: what a style that is surely liked adds to a
    worth at most."""

    strength: float = 0.3
    strength_missing: float = 0.45
    extra: int = 1
    gate: float = 0.15
    taste_share: float = 0.5
    taste_weight: float = 0.3


@dataclass(frozen=True)
class Candidate:
    """One option on its way: what was asked, the plate that answers it, its seed, how far the painter may leave it."""

    query: PlateQuery
    match: PlateMatch | None
    seed: int
    strength: float


@dataclass
class ChooseCandidates:
    """The plates there are, and what people like of them."""

    plates: tuple[Plate, ...]
    settings: GenerationSettings
    liked: LikedStyles

    def __post_init__(self) -> None:
        self._selecting, self._white = PlateSelector(self.plates), PlateSelector(SHEETS)

    def queries(self, request: SceneRequest, placed: Placed) -> PlateQueries:
        """What each candidate shall show, as many as fit; with what brands should know of how words were read."""
        count = how_many(request.scene.count, self.settings.extra, placed.size)
        cut = placed.stands.cut
        liked = self.liked.ideas(round(self.settings.taste_share * count), request.seed)
        return plate_queries(
            request.scene,
            request.caption,
            self._selecting.styles,
            cut=cut,
            first=request.first_idea,
            index=request.index or 0,
            count=count,
            liked=liked,
        )

    def matched(
        self, request: SceneRequest, queries: Sequence[PlateQuery], reference: Pixels | None
    ) -> list[Candidate]:
        """Each candidate with a plate of its own where there are enough."""
        first, scene = request.seed, request.scene
        seeds = [(first + number) % 2**32 for number in range(len(queries))]
        matches = self._selector(scene, queries, reference).select(queries, seeds)
        return [
            Candidate(query, match, seed, self._strength(scene, match))
            for query, match, seed in zip(queries, matches, seeds, strict=True)
        ]

    def _selector(self, scene: Scene, queries: Sequence[PlateQuery], reference: Pixels | None) -> PlateSelector:
        """The plates; in their place a reference picture, when one came, white sheets where pure white was asked, or
        nothing where text alone shall decide."""
        if reference is None and scene.strength == 1:
            return PlateSelector(())
        if reference is None:
            white = any(query.attributes.is_pure_white for query in queries)
            return self._white if white else self._selecting
        height, width = reference.shape[:2]
        views: tuple[View, ...] = ("standing", "flatlay", "backdrop")
        return PlateSelector(
            Plate(id=REFERENCE, style=REFERENCE, file="", width=width, height=height, view=view, light=Light())
            for view in views
        )

    def _strength(self, scene: Scene, match: PlateMatch | None) -> float:
        if match is None:
            return 1.0
        if scene.strength is not None:
            return scene.strength
        if is_sheet(match.plate):
            return 0.0
        lacking = {"surface", "backdrop"} & set(match.missing)
        return self.settings.strength_missing if lacking else self.settings.strength

    def learn(self, event: StyleMined) -> Literal["learned", "retired", "outdated"]:
        """From the next scene on, follow what people like now."""
        learned = self.liked.learn(event)
        self._selecting = PlateSelector(self.plates, self.liked.styles.values())
        return learned
