"""One scene of one product becomes ranked, stored options: the picture-making itself, step by step. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import numpy as np

from services.inpainter.choosing import REFERENCE, Candidate, ChooseCandidates, GenerationSettings
from services.inpainter.compose.init_image import InitImage, draw
from services.inpainter.compose.placement import Placed, shrunk
from services.inpainter.compose.relighting import relight
from services.inpainter.compose.rendering import rendered
from services.inpainter.placed_products import PlacedProducts
from services.inpainter.plates.attributes import attributes_of
from services.inpainter.plates.liked import LikedStyles
from services.inpainter.plates.matching import PlateMatch
from services.inpainter.plates.notes import asks_of_plates
from services.inpainter.plates.white import is_sheet, sheet
from services.inpainter.ports import Adherence, InpaintInput, InpaintOutput, Judge, Painter
from services.inpainter.prompt.contrary import led_away_from
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
from shared.contracts.styles import Plate
from shared.measures.fidelity import fidelity

REFERENCE_SIDE = 4096  # pixels of the long side; no output shows more of it


@dataclass(frozen=True)
class PaintedOption:
    """A candidate at full size: its file, and what the critics say of it."""

    origin: Origin
    match: PlateMatch | None
    size: tuple[int, int]
    file: bytes
    scores: Scores

    @property
    def look(self) -> frozenset[str]:
        """What it shows, in words: two options are as alike as what they have in common."""
        return self.match.look if self.match else frozenset({self.origin["prompt"]})


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
    settings: GenerationSettings = field(default_factory=GenerationSettings)
    liked: LikedStyles = field(default_factory=LikedStyles)

    def __post_init__(self) -> None:
        self._choosing = ChooseCandidates(self.plates, self.settings, self.liked)
        self.products = PlacedProducts(self.blobs)

    def __call__(self, request: SceneRequest) -> BackgroundGenerated:
        """Make, measure, rank and store the options. Raises Permanent, with words, for a scene that cannot be had.

        Pictures of full size are made one at a time, after all have been painted at the model's size.
        """
        watch = Stopwatch()
        options, notes = self._options(request, watch)
        ranked = self._ranked(options, request)
        shown = [options[place] for place in ranked.shown]
        with watch("store"):
            refused = self._stored(request, [options[place] for place in ranked.refused], "refused-")
            images = self._stored(request, shown, "")
        if not images:
            raise Permanent("judge_rejected", _why_all(options))
        notes = (*notes, *_missing_notes(shown, request.scene), *_format_notes(request.scene))
        return BackgroundGenerated(
            product_id=request.product.product_id,
            request_id=request.request_id,
            scene=request.scene,
            photo=request.photo,
            mask=request.mask,
            images=images,
            refused=refused,
            notes=tuple(dict.fromkeys(notes)),
            timings_s=watch.seconds,
        )

    def _options(self, request: SceneRequest, watch: Stopwatch) -> tuple[list[PaintedOption], tuple[str, ...]]:
        """All that the scene may get, with what brands should know of how it was read.

        Of the placed product, 400 MB at 50 megapixels, nothing stays: the check of the stored bytes needs as much.
        """
        with watch("place"):
            placed = self.products.get(request.photo, request.mask, request.scene)
        with watch("match"):
            queries = self._choosing.queries(request, placed)
            reference = self._reference(request.scene.reference) if request.scene.reference else None
            candidates = self._choosing.matched(request, queries.queries, reference)
        starts = partial(self._init_image, placed=placed, reference=reference)
        with watch("init_image"):
            inputs = [_input(one, rendered(starts(one), placed), placed, request.scene) for one in candidates]
        with watch("paint"):
            painted = self.painter.paint(inputs)
        del inputs
        finish = partial(self._finished, request, placed, starts, watch)
        options = [finish(one, picture) for one, picture in zip(candidates, painted, strict=True)]
        return options, (*queries.notes, *placed.notes)

    def _ranked(self, options: Sequence[PaintedOption], request: SceneRequest) -> ranking.Ranked:
        prompts = [one.origin["prompt"] for one in options]
        return ranking.rank(
            [one.scores for one in options],
            prompts,
            count=request.scene.count,
            gate=self.settings.gate,
            seed=request.seed,
            looks=[one.look for one in options],
            liking=[self.settings.taste_weight * self.liked.liking(prompt) for prompt in prompts],
        )

    def learn(self, event: StyleMined) -> Literal["learned", "retired", "outdated"]:
        """From the next scene on, follow what people like now. Plates whose pictures are gone are left out."""
        there = tuple(plate for plate in event.plates if self.blobs.find(plate.image.key) is not None)
        return self._choosing.learn(event.model_copy(update={"plates": there}))

    def _init_image(self, one: Candidate, placed: Placed, reference: Pixels | None) -> InitImage:
        """What the candidate starts from; made when it is needed, as it is large."""
        stage = one.match is not None and attributes_of(one.match.plate).surface == "podium"  # it stands in the middle
        sideways = 0.5 if stage else 0.2 + 0.6 * float(np.random.default_rng(one.seed).random())
        plates = (one.match.plate, one.match.behind) if one.match else ()
        shown = [plate for plate in plates if plate and plate.id != REFERENCE]
        pictures = {plate.id: sheet() if is_sheet(plate) else self.picture_of(plate) for plate in shown}
        if reference is not None:
            pictures[REFERENCE] = reference
        asked = one.query.attributes
        return draw(
            one.match,
            pictures,
            placed,
            view=one.query.view,
            light_colour=asked.light_colour,
            tone=asked.tone,
            sideways=sideways,
        )

    def _reference(self, source: ImageSource) -> Pixels:
        """The picture whose style to follow, no larger than an output needs it."""
        data = read_source(self.blobs, self.fetcher, key=source.key, url=source.url)
        return shrunk(decode_photo(data).rgb, REFERENCE_SIDE)

    def _finished(
        self,
        request: SceneRequest,
        placed: Placed,
        starts: Callable[[Candidate], InitImage],
        watch: Stopwatch,
        one: Candidate,
        painted: InpaintOutput,
    ) -> PaintedOption:
        """A candidate composed at full size, measured and encoded; of its pixels, up to 150 MB, the file stays."""
        origin = self._origin(one)
        with watch("compose"):
            light = relight(painted.before, painted.after, painted.mask, one.strength, placed.size)
            output = rendered(starts(one), placed, light)
        with watch("measure"):
            scores = self._scores(output, placed, one.query.prompt)
        with watch("store"):
            file = self._store(request).encoded(output, origin)
        return PaintedOption(origin, one.match, placed.size, file, scores)

    def _scores(self, output: Pixels, placed: Placed, prompt: str) -> Scores:
        (judge,) = self.judge.score(placed.photo, placed.mask, [output])
        (adherence,) = self.adherence.score(placed.mask, [output], [prompt])
        found = fidelity(output, placed.photo, placed.mask)
        return Scores(**vars(found), adherence=adherence, judge=judge)

    def _stored(
        self, request: SceneRequest, options: Sequence[PaintedOption], prefix: str
    ) -> tuple[GeneratedImage, ...]:
        """Their files, checked against the photo as it is stored, and named by their rank."""
        store = self._store(request)
        if options and request.scene.format != "jpeg":
            original = self.products.anew(request.photo, request.mask, request.scene)
            for one in options:
                check_promise(one.file, original)
        return tuple(
            store.put(one.file, one.size, one.origin, one.scores, f"{prefix}{rank}")
            for rank, one in enumerate(options, 1)
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
    prompt, own = one.query.prompt, scene.negative_prompt or ""
    return InpaintInput(
        image=image,
        mask=placed.mask,
        prompt=prompt,
        # where there is a plate, the light is the plate's, which was chosen for it
        negative_prompt=led_away_from(prompt, own) if one.strength == 1 else own,
        seed=one.seed,
        strength=one.strength,
    )


def _format_notes(scene: Scene) -> tuple[str, ...]:
    if scene.format != "jpeg":
        return ()
    return ("jpeg changes pixels a little, the product's too; png and webp keep the product as it is in the photo",)


def _missing_notes(options: Sequence[PaintedOption], scene: Scene) -> tuple[str, ...]:
    """What no plate shows as it was asked."""
    chosen = [one.match for one in options if one.match] if asks_of_plates(scene) else []
    lacking = sorted({thing.replace("_", " ") for match in chosen for thing in match.missing})
    near = sorted({said for match in chosen for said in match.instead})
    notes = [f"no style plate shows the {' and '.join(lacking)} that was asked; what is nearest was used"] * bool(
        lacking
    )
    return (*notes, *near)


def _why_all(options: Sequence[PaintedOption]) -> str:
    best = max(one.scores.judge for one in options)
    return f"all {len(options)} candidates looked defective to the judge (the best scored {best:.2f})"
