"""One scene of one product becomes ranked, stored options: the picture-making itself, step by step. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import numpy as np

from services.inpainter.compose.init_image import InitImage, draw
from services.inpainter.compose.limits import how_many
from services.inpainter.compose.placement import Placed, shrunk
from services.inpainter.compose.relighting import relight
from services.inpainter.compose.rendering import rendered
from services.inpainter.placed_products import PlacedProducts
from services.inpainter.plates.attributes import attributes_of
from services.inpainter.plates.liked import LikedStyles
from services.inpainter.plates.matching import PlateMatch
from services.inpainter.plates.query import PlateQueries, PlateQuery, plate_queries
from services.inpainter.plates.selection import PlateSelector
from services.inpainter.ports import Adherence, InpaintInput, InpaintOutput, Judge, Painter
from services.inpainter.scene_request import SceneRequest
from services.inpainter.scoring import ranking
from services.inpainter.stopwatch import Stopwatch
from services.inpainter.storage import Origin, OutputStore, check_promise
from shared.contracts.blobs import BlobStore
from shared.contracts.errors import Permanent
from shared.contracts.events import (
    BackgroundGenerated,
    GeneratedImage,
    ImageSource,
    Scene,
    Scores,
    StyleMined,
)
from shared.contracts.images import Pixels, decode_photo
from shared.contracts.sources import ImageFetcher, read_source
from shared.contracts.styles import Light, Plate
from shared.contracts.vocabulary import View
from shared.measures.fidelity import fidelity

REFERENCE_SIDE = 4096  # pixels of the long side; no output shows more of it
REFERENCE = "reference"


@dataclass(frozen=True, kw_only=True)
class GenerationSettings:
    """The few that matter. `strength`: how far plates are left by default, and where no plate shows what was asked;
    `extra`: candidates beyond those asked; `gate`: judge score that a candidate needs; `taste_share`: of an empty
    scene's candidates, how many follow what people like; `taste_weight`: what the best liked style adds to a worth."""

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
class GenerateCandidates:
    """Painter, plates and critics around one blob store. Called with a SceneRequest, answers with ranked pictures."""

    painter: Painter
    judge: Judge
    adherence: Adherence
    blobs: BlobStore
    fetcher: ImageFetcher
    plates: tuple[Plate, ...]
    picture_of: Callable[[Plate], Pixels]
    settings: GenerationSettings = GenerationSettings()
    liked: LikedStyles = field(default_factory=LikedStyles)

    def __post_init__(self) -> None:
        self._selecting = PlateSelector(self.plates)
        self.products = PlacedProducts(self.blobs)

    def __call__(self, request: SceneRequest) -> BackgroundGenerated:
        """Make, measure, rank and store the options. Raises Permanent, with words, for a scene that cannot be had.

        Pictures of full size are made one at a time, after all have been painted at the model's size.
        """
        watch, scene = Stopwatch(), request.scene
        with watch("place"):
            placed = self.products.get(request.photo, request.mask, scene)
        with watch("match"):
            queries = self._queries(request, placed)
            reference = self._reference(scene.reference) if scene.reference else None
            candidates = self._matched(request, queries.queries, reference)
        starts = partial(self._init_image, placed=placed, reference=reference)
        with watch("init_image"):
            inputs = [_input(one, rendered(starts(one), placed), placed, scene) for one in candidates]
        with watch("paint"):
            painted = self.painter.paint(inputs)
        del inputs
        files, scores = self._finished(request, placed, zip(candidates, painted, strict=True), starts, watch)
        size, placement_notes = placed.size, placed.notes
        del placed, starts  # 400 MB at 50 megapixels, which the check of the stored bytes needs once more
        prompts = [one.query.prompt for one in candidates]
        liking = [self.settings.taste_weight * self.liked.liking(prompt) for prompt in prompts]
        ranked = ranking.rank(scores, prompts, count=scene.count, gate=self.settings.gate, liking=liking)
        with watch("store"):
            store = partial(self._stored, request, size, candidates, files, scores)
            refused, images = store(ranked.refused, "refused-"), store(ranked.shown, "")
        if not images:
            raise Permanent("judge_rejected", _why_all(scores))
        shown = [candidates[place] for place in ranked.shown]
        notes = (*queries.notes, *placement_notes, *_missing_notes(shown, scene), *_format_notes(scene))
        return BackgroundGenerated(
            product_id=request.product.product_id,
            request_id=request.request_id,
            scene=scene,
            photo=request.photo,
            mask=request.mask,
            images=images,
            refused=refused,
            notes=tuple(dict.fromkeys(notes)),
            timings_s=watch.seconds,
        )

    def learn(self, event: StyleMined) -> Literal["learned", "retired", "outdated"]:
        """From the next scene on, follow what people like now. Plates whose pictures are gone are left out."""
        there = tuple(plate for plate in event.plates if self.blobs.find(plate.image.key) is not None)
        learned = self.liked.learn(event.model_copy(update={"plates": there}))
        self._selecting = PlateSelector(self.plates, self.liked.styles.values())
        return learned

    def _queries(self, request: SceneRequest, placed: Placed) -> PlateQueries:
        count = how_many(request.scene.count, self.settings.extra, placed.size)
        cut = placed.stands.cut
        liked = self.liked.ideas(round(self.settings.taste_share * count), request.seed)
        return plate_queries(
            request.scene,
            request.caption,
            self._selecting.styles,
            cut=cut,
            index=request.index,
            count=count,
            liked=liked,
        )

    def _matched(
        self, request: SceneRequest, queries: Sequence[PlateQuery], reference: Pixels | None
    ) -> list[Candidate]:
        """Each candidate with a plate of its own where there are enough."""
        first, scene = request.seed, request.scene
        seeds = [(first + number) % 2**32 for number in range(len(queries))]
        matches = self._selector(scene, reference).select(queries, seeds)
        return [
            Candidate(query, match, seed, self._strength(scene, match))
            for query, match, seed in zip(queries, matches, seeds, strict=True)
        ]

    def _selector(self, scene: Scene, reference: Pixels | None) -> PlateSelector:
        """The plates; in their place a reference picture, when one came, or nothing where text alone shall decide."""
        if reference is None:
            return self._selecting if scene.strength is None or scene.strength < 1 else PlateSelector(())
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
        lacking = {"surface", "backdrop"} & set(match.missing)
        return self.settings.strength_missing if lacking else self.settings.strength

    def _init_image(self, one: Candidate, placed: Placed, reference: Pixels | None) -> InitImage:
        """What the candidate starts from; made when it is needed, as it is large."""
        stage = one.match is not None and attributes_of(one.match.plate).surface == "podium"  # it stands in the middle
        sideways = 0.5 if stage else 0.2 + 0.6 * float(np.random.default_rng(one.seed).random())
        plates = (one.match.plate, one.match.behind) if one.match else ()
        pictures = {plate.id: self.picture_of(plate) for plate in plates if plate and plate.id != REFERENCE}
        if reference is not None:
            pictures[REFERENCE] = reference
        light_colour = one.query.attributes.light_colour
        return draw(one.match, pictures, placed, view=one.query.view, light_colour=light_colour, sideways=sideways)

    def _reference(self, source: ImageSource) -> Pixels:
        """The picture whose style to follow, no larger than an output needs it."""
        data = read_source(self.blobs, self.fetcher, key=source.key, url=source.url)
        return shrunk(decode_photo(data).rgb, REFERENCE_SIDE)

    def _finished(
        self,
        request: SceneRequest,
        placed: Placed,
        painted: Iterable[tuple[Candidate, InpaintOutput]],
        starts: Callable[[Candidate], InitImage],
        watch: Stopwatch,
    ) -> tuple[list[bytes], list[Scores]]:
        """Each candidate at full size, one after the other: composed, measured, encoded; its file and scores remain."""
        files, scores, store = [], [], self._store(request)
        for one, picture in painted:
            with watch("compose"):
                light = relight(picture.before, picture.after, picture.mask, one.strength, placed.size)
                output = rendered(starts(one), placed, light)
            with watch("measure"):
                scores.append(self._scores(output, placed, one.query.prompt))
            with watch("store"):
                files.append(store.encoded(output, self._origin(one)))
            del output  # before the next one is made: it may be 150 MB
        return files, scores

    def _scores(self, output: Pixels, placed: Placed, prompt: str) -> Scores:
        (judge,) = self.judge.score(placed.photo, placed.mask, [output])
        (adherence,) = self.adherence.score(placed.mask, [output], [prompt])
        found = fidelity(output, placed.photo, placed.mask)
        return Scores(**vars(found), adherence=adherence, judge=judge)

    def _stored(
        self,
        request: SceneRequest,
        size: tuple[int, int],
        candidates: Sequence[Candidate],
        files: Sequence[bytes],
        scores: Sequence[Scores],
        places: Sequence[int],
        prefix: str,
    ) -> tuple[GeneratedImage, ...]:
        """The files at these places, checked against the photo as it is stored, and named by their rank."""
        store = self._store(request)
        if places and request.scene.format != "jpeg":
            original = self.products.anew(request.photo, request.mask, request.scene)
            for place in places:
                check_promise(files[place], original)
        return tuple(
            store.put(files[place], size, self._origin(candidates[place]), scores[place], f"{prefix}{rank}")
            for rank, place in enumerate(places, 1)
        )

    def _store(self, request: SceneRequest) -> OutputStore:
        return OutputStore(self.blobs, request.request_id, request.scene.format, request.photo.sha256)

    def _origin(self, one: Candidate) -> Origin:
        return Origin(
            prompt=one.query.prompt,
            seed=one.seed,
            plate=one.match.name if one.match else None,
            strength=one.strength,
            model=self.painter.name,
        )


def _input(one: Candidate, image: Pixels, placed: Placed, scene: Scene) -> InpaintInput:
    return InpaintInput(
        image=image,
        mask=placed.mask,
        prompt=one.query.prompt,
        negative_prompt=scene.negative_prompt or "",
        seed=one.seed,
        strength=one.strength,
    )


def _format_notes(scene: Scene) -> tuple[str, ...]:
    if scene.format != "jpeg":
        return ()
    return ("jpeg changes pixels a little, the product's too; png and webp keep the product as it is in the photo",)


def _missing_notes(candidates: Sequence[Candidate], scene: Scene) -> tuple[str, ...]:
    """What no plate shows as it was asked; with text alone nothing is missing."""
    chosen = [] if scene.strength == 1 or scene.reference else [one.match for one in candidates if one.match]
    lacking = sorted({thing.replace("_", " ") for match in chosen for thing in match.missing})
    near = sorted({said for match in chosen for said in match.instead})
    notes = [f"no style plate shows the {' and '.join(lacking)} that was asked; what is nearest was used"] * bool(
        lacking
    )
    return (*notes, *near)


def _why_all(scores: Sequence[Scores]) -> str:
    best = max(score.judge for score in scores)
    return f"all {len(scores)} candidates looked defective to the judge (the best scored {best:.2f})"
