"""One scene of one product becomes ranked, stored options: the picture-making itself, step by step. Pure."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from services.inpainter import storage
from services.inpainter.compose import compositing, placement, relighting
from services.inpainter.compose.init_image import InitImage, draw
from services.inpainter.plates.attributes import attributes_of
from services.inpainter.plates.matching import PlateMatch
from services.inpainter.plates.query import PlateQueries, PlateQuery, plate_queries
from services.inpainter.plates.selection import PlateSelector
from services.inpainter.ports import Adherence, InpaintInput, InpaintOutput, Judge, Painter
from services.inpainter.scoring import ranking
from services.inpainter.scoring.fidelity import fidelity
from services.inpainter.stopwatch import Stopwatch
from shared.contracts.blobs import BlobRef, BlobStore, fetch
from shared.contracts.errors import BadRequest
from shared.contracts.events import Caption, GeneratedImage, ImageSource, ProductCaptioned, Scene, Scores
from shared.contracts.images import Pixels, decode_mask, decode_photo
from shared.contracts.styles import Light, Plate
from shared.contracts.vocabulary import View

REFERENCE = "reference"


@dataclass(frozen=True)
class SceneRequest:
    """One scene of one product; `index` is its place among the scenes that came with the product."""

    product: ProductCaptioned
    request_id: str
    scene: Scene
    index: int = 0

    @property
    def photo(self) -> BlobRef:
        """The submitted photo."""
        return self.product.image

    @property
    def mask(self) -> BlobRef:
        """The product's mask; only products that have one are asked for pictures."""
        assert self.product.segmentation.mask is not None, "a refused photo is answered before it is painted"
        return self.product.segmentation.mask

    @property
    def caption(self) -> Caption:
        """What the captioner said; the same holds."""
        assert self.product.caption is not None, "a photo without a caption is answered before it is painted"
        return self.product.caption


@dataclass(frozen=True)
class Made:
    """What came of it; without images there is a reason."""

    images: tuple[GeneratedImage, ...] = ()
    refused: tuple[GeneratedImage, ...] = ()
    notes: tuple[str, ...] = ()
    timings_s: dict[str, float] = field(default_factory=dict)
    reason: str | None = None
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class GenerationSettings:
    """The few that matter. `strength`: how far plates are left by default, and where no plate shows what was asked;
    `extra`: candidates beyond those asked; `gate`: judge score that a candidate needs."""

    strength: float = 0.3
    strength_missing: float = 0.45
    extra: int = 1
    gate: float = 0.15


@dataclass(frozen=True)
class Candidate:
    """One option on its way: what was wanted, its init image, how far the painter may leave it, the finished pixels."""

    query: PlateQuery
    match: PlateMatch | None
    start: InitImage
    seed: int
    strength: float
    output: Pixels | None = None

    @property
    def finished(self) -> storage.Finished:
        """What is stored of it."""
        assert self.output is not None
        plate = self.match.name if self.match else None
        return storage.Finished(self.output, self.query.prompt, self.seed, plate, self.strength)


@dataclass(frozen=True)
class GenerateCandidates:
    """Painter, plates and critics around one blob store. Called with a SceneRequest, answers with what it made."""

    painter: Painter
    judge: Judge
    adherence: Adherence
    blobs: BlobStore
    plates: PlateSelector
    picture_of: Callable[[Plate], Pixels]
    settings: GenerationSettings = GenerationSettings()
    fetch_url: Callable[[str], bytes] | None = None

    def __call__(self, request: SceneRequest) -> Made:
        """Make, measure, rank and store the options of one request."""
        watch = Stopwatch()
        with watch("decode"):
            photo = decode_photo(fetch(self.blobs, request.photo))
            mask = decode_mask(fetch(self.blobs, request.mask), photo.size)
        with watch("place"):
            placed = placement.place(photo.rgb, mask, request.scene)
            stands = placement.stance(placed.mask)
        asked = self._queries(request, stands.cut)
        with watch("sketch"):
            candidates = self._started(request, asked.queries, placed, stands)
        with watch("paint"):
            painted = self.painter.paint([_canvas(one, placed, request) for one in candidates])
        with watch("compose"):
            candidates = _composed(candidates, painted, placed)
        with watch("measure"):
            scores = self._scores(candidates, placed)
        prompts = [one.query.prompt for one in candidates]
        ranked = ranking.rank(scores, prompts, count=request.scene.count, gate=self.settings.gate)
        with watch("store"):
            images = self._stored(request, candidates, scores, ranked.shown, "")
            refused = self._stored(request, candidates, scores, ranked.refused, "refused-")
        notes = (
            *asked.notes,
            *placed.notes,
            *_missing_notes([candidates[place] for place in ranked.shown], request.scene),
        )
        if not images:
            return Made(reason="judge_rejected", detail=_why_all(scores), refused=refused, notes=notes)
        return Made(images, refused, tuple(dict.fromkeys(notes)), watch.seconds)

    def _queries(self, request: SceneRequest, cut: frozenset[str]) -> PlateQueries:
        count = request.scene.count + self.settings.extra
        return plate_queries(
            request.scene, request.caption, self.plates.styles, cut=cut, index=request.index, count=count
        )

    def _started(
        self, request: SceneRequest, queries: Sequence[PlateQuery], placed: placement.Placed, stands: placement.Stance
    ) -> list[Candidate]:
        """One init image per candidate, each from a plate of its own where there are enough."""
        first = _first_seed(request)
        seeds = [(first + number) % 2**32 for number in range(len(queries))]
        matches = self._selector(request.scene).select(queries, seeds)
        return [
            self._candidate(request.scene, query, match, placed, stands, seed)
            for query, match, seed in zip(queries, matches, seeds, strict=True)
        ]

    def _candidate(
        self,
        scene: Scene,
        query: PlateQuery,
        match: PlateMatch | None,
        placed: placement.Placed,
        stands: placement.Stance,
        seed: int,
    ) -> Candidate:
        pictures = self._pictures(scene, match)
        stage = match is not None and attributes_of(match.plate).surface == "podium"  # in the middle, under the product
        sideways = 0.5 if stage else 0.2 + 0.6 * float(np.random.default_rng(seed).random())
        start = draw(
            match,
            pictures,
            placed,
            stands,
            view=query.view,
            light_colour=query.attributes.light_colour,
            sideways=sideways,
        )
        return Candidate(query, match, start, seed, self._strength(scene, match))

    def _strength(self, scene: Scene, match: PlateMatch | None) -> float:
        if match is None:
            return 1.0
        if scene.strength is not None:
            return scene.strength
        return (
            self.settings.strength_missing if {"surface", "backdrop"} & set(match.missing) else self.settings.strength
        )

    def _selector(self, scene: Scene) -> PlateSelector:
        """The plates; in their place a reference picture, when one came, or nothing where text alone shall decide."""
        if scene.reference is None:
            return self.plates if scene.strength is None or scene.strength < 1 else PlateSelector(())
        width, height = self._reference(scene.reference).shape[1::-1]
        views: tuple[View, ...] = ("standing", "flatlay", "backdrop")
        return PlateSelector(
            Plate(id=REFERENCE, style=REFERENCE, file="", width=width, height=height, view=view, light=Light())
            for view in views
        )

    def _pictures(self, scene: Scene, match: PlateMatch | None) -> Mapping[str, Pixels]:
        if match is None:
            return {}
        if match.plate.id == REFERENCE and scene.reference is not None:
            return {REFERENCE: self._reference(scene.reference)}
        return {plate.id: self.picture_of(plate) for plate in (match.plate, match.behind) if plate is not None}

    def _reference(self, source: ImageSource) -> Pixels:
        if source.key is not None:
            return decode_photo(self.blobs.get(source.key)).rgb
        if self.fetch_url is None:
            raise BadRequest("reference_url", "this service takes reference pictures by object key, not by URL")
        return decode_photo(self.fetch_url(str(source.url))).rgb

    def _scores(self, candidates: Sequence[Candidate], placed: placement.Placed) -> list[Scores]:
        outputs = [one.output for one in candidates if one.output is not None]
        judged = self.judge.score(placed.photo, placed.mask, outputs)
        agreed = self.adherence.score(placed.mask, outputs, [one.query.prompt for one in candidates])
        scored = []
        for output, judge, agreement in zip(outputs, judged, agreed, strict=True):
            found = fidelity(output, placed.photo, placed.mask)
            scored.append(Scores(**vars(found), adherence=agreement, judge=judge))
        return scored

    def _stored(
        self,
        request: SceneRequest,
        candidates: Sequence[Candidate],
        scores: Sequence[Scores],
        places: Sequence[int],
        prefix: str,
    ) -> tuple[GeneratedImage, ...]:
        shelf = storage.OutputStore(
            self.blobs, request.request_id, request.scene.format, request.photo.sha256, self.painter.name
        )
        return tuple(
            shelf.put(candidates[place].finished, scores[place], f"{prefix}{rank}")
            for rank, place in enumerate(places, 1)
        )


def _canvas(one: Candidate, placed: placement.Placed, request: SceneRequest) -> InpaintInput:
    start = compositing.composite(one.start.background, placed.photo, placed.mask, placed.soft)
    return InpaintInput(
        image=start, mask=placed.mask, prompt=one.query.prompt, negative_prompt=request.scene.negative_prompt or "",
        seed=one.seed, strength=one.strength,
    )  # fmt: skip


def _composed(
    candidates: Sequence[Candidate], painted: Sequence[InpaintOutput], placed: placement.Placed
) -> list[Candidate]:
    """Each candidate at full size: the painter's light on the plate's detail, the product's own pixels on top."""
    finished = []
    for one, picture in zip(candidates, painted, strict=True):
        background = relighting.relight(one.start.background, picture.before, picture.after, picture.mask, one.strength)
        background = one.start.shaded(background, relighting.own_share(one.strength))
        output = compositing.composite(background, placed.photo, placed.mask, placed.soft)
        compositing.check_promise(output, placed.photo, placed.mask)
        finished.append(replace(one, output=output))
    return finished


def _first_seed(request: SceneRequest) -> int:
    """The scene's own seed, or one that follows from the request, so that the same request is the same picture."""
    if request.scene.seed is not None:
        return request.scene.seed
    return int(hashlib.sha256(request.request_id.encode()).hexdigest()[:8], 16)


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
