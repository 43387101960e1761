"""What was asked for, remembered: the photos of one submission, each scene's request id, and where that is kept."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from backdrop.submitting.photos import ProductPhoto, RefusedPhoto
from shared.contracts.blobs import Sha256, digest, image_key
from shared.contracts.errors import BadRequest
from shared.contracts.events import Identifier, ImageSource, ProductFacts, ProductSubmitted, Revision, Scene
from shared.contracts.identity import scene_request_id


class Remembered(BaseModel):
    """A frozen part of a submission's file."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Refusal(Remembered):
    """Why something gets no background: a stable word, and the same for people."""

    reason: str
    detail: str


class AskedScene(Remembered):
    """One wish, with the id its answer will carry."""

    request_id: Identifier
    scene: Scene


class SubmittedProduct(Remembered):
    """A photo as it was submitted. `refusal` is set when it never left the client.

    `revision`: milliseconds since 1970 when it was handed over; of two submissions of a product the newer one counts.
    """

    product_id: str
    facts: ProductFacts = ProductFacts()
    image_sha256: Sha256 | None = None
    image_key: str | None = None
    mask_key: str | None = None
    file: str | None = None
    asked: tuple[AskedScene, ...]
    refusal: Refusal | None = None
    revision: Revision = 0

    def event(self) -> ProductSubmitted:
        """The event that submits it; requests made later are not part of it."""
        return ProductSubmitted(
            product_id=self.product_id,
            image=ImageSource(key=self.image_key),
            facts=self.facts,
            mask=ImageSource(key=self.mask_key) if self.mask_key else None,
            scenes=tuple(asked.scene for asked in self.asked),
            revision=self.revision,
        )


class Submission(Remembered):
    """Everything asked for in one go, in order."""

    id: str
    created: datetime
    products: tuple[SubmittedProduct, ...]

    @property
    def asked(self) -> Iterator[tuple[SubmittedProduct, AskedScene]]:
        """Each scene that needs an answer, in the order of asking."""
        return ((product, asked) for product in self.products for asked in product.asked)


def new_submission(products: tuple[SubmittedProduct, ...], *, now: datetime | None = None) -> Submission:
    """A submission named by its moment."""
    moment = now or datetime.now(UTC)
    return Submission(id=f"{moment:%Y%m%d-%H%M%S-%f}", created=moment, products=products)


def submitted(
    photo: ProductPhoto, data: bytes, scenes: tuple[Scene, ...], *, mask: bytes | None, now: datetime
) -> SubmittedProduct:
    """A photo and its scenes under the names the system gives them: the same photo and mask always get the same."""
    sha256, given = digest(data), digest(mask) if mask is not None else None
    return SubmittedProduct(
        product_id=photo.product_id,
        facts=photo.facts,
        image_sha256=sha256,
        image_key=image_key(sha256, photo.extension),
        mask_key=image_key(given, "png") if given else None,
        file=photo.path.name,
        asked=tuple(
            AskedScene(request_id=scene_request_id(photo.product_id, sha256, given, index, scene), scene=scene)
            for index, scene in enumerate(scenes)
        ),
        revision=int(now.timestamp() * 1000),
    )


def refused(photo: RefusedPhoto, scenes: tuple[Scene, ...]) -> SubmittedProduct:
    """A photo that never left the client; each of its scenes is still answered, with the reason."""
    return SubmittedProduct(
        product_id=photo.product_id,
        file=photo.path.name if photo.path else None,
        asked=tuple(
            AskedScene(request_id=scene_request_id(photo.product_id, photo.reason, None, index, scene), scene=scene)
            for index, scene in enumerate(scenes)
        ),
        refusal=Refusal(reason=photo.reason, detail=photo.detail),
    )


class Submissions:
    """Submissions of this machine, one JSON file each, the newest last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, submission: Submission) -> Path:
        """Write it down, replacing an earlier state of the same submission."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{submission.id}.json"
        draft = path.with_suffix(".writing")  # the last one is read by every command: all of it or none
        draft.write_text(submission.model_dump_json(indent=1), encoding="utf-8")
        draft.replace(path)
        return path

    def load(self, submission_id: str | None = None) -> Submission:
        """One by its id, or the last. Raises BadRequest `nothing_submitted` or `submission_unknown`."""
        saved = sorted(self._folder.glob("*.json")) if self._folder.is_dir() else []
        if not saved:
            raise BadRequest("nothing_submitted", "nothing was submitted from here yet: backdrop submit FOLDER")
        path = self._folder / f"{submission_id}.json" if submission_id else saved[-1]
        if path not in saved:
            raise BadRequest("submission_unknown", f"no submission {submission_id}; the last one is {saved[-1].stem}")
        return Submission.model_validate_json(path.read_text(encoding="utf-8"))
