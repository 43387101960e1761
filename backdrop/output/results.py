"""A folder of results: photos, masks and backgrounds as files, and `results.jsonl`, one line per requested scene."""

import io
import json
import re
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image
from pydantic import BaseModel, ConfigDict

from backdrop.submitting.progress import Answered, SubmissionProgress
from backdrop.submitting.submissions import AskedScene, SubmittedProduct
from shared.contracts.blobs import BlobRef, BlobStore, digest, fetch, safe
from shared.contracts.errors import BadImage, NotKnown
from shared.contracts.events import BackgroundGenerated, GeneratedImage, Scores
from shared.contracts.images import Photo, decode_photo

RESULTS_FILE = "results.jsonl"
PREVIEW_SIDE = 900  # pixels of the longer side; sharp on a screen, a tenth of the original's bytes
LONGEST_NAME = 120
_HASHED = re.compile(r"~[0-9a-f]{16}$")  # a name that could be taken for one of ours


class ResultImage(BaseModel):
    """One background. Paths are relative to the results folder; `preview` is a small copy for the page."""

    model_config = ConfigDict(frozen=True)

    path: str
    seed: int
    prompt: str
    width: int
    height: int
    model: str
    scores: Scores
    plate: str | None = None
    strength: float = 1.0
    preview: str | None = None


class Result(BaseModel):
    """The answer to one requested scene: a line of `results.jsonl`. `seconds` is from the submission to the answer."""

    model_config = ConfigDict(frozen=True)

    product_id: str
    request_id: str
    prompt: str | None
    status: Literal["generated", "rejected"]
    reason: str | None = None
    detail: str | None = None
    photo: str | None = None
    mask: str | None = None
    images: tuple[ResultImage, ...] = ()
    seconds: float
    refused: tuple[ResultImage, ...] = ()
    notes: tuple[str, ...] = ()
    timings_s: dict[str, float] = {}
    title: str | None = None
    photo_preview: str | None = None


class ResultsFolder:
    """Writes what a submission came to. The same answers give the same files."""

    def __init__(self, root: Path, blobs: BlobStore) -> None:
        self.root = root
        self._blobs = blobs
        self._results: dict[str, Result] = {}
        self._written: set[str] = set()

    def add(self, product: SubmittedProduct, asked: AskedScene, answer: Answered) -> Result:
        """Lay down the files of one answer; its line waits for `write`."""
        photo = self._photo(product)
        event = answer.outcome if isinstance(answer.outcome, BackgroundGenerated) else None
        result = Result(
            product_id=product.product_id,
            request_id=asked.request_id,
            prompt=asked.scene.prompt,
            status="generated" if event else "rejected",
            reason=None if isinstance(answer.outcome, BackgroundGenerated) else answer.outcome.reason,
            detail=None if isinstance(answer.outcome, BackgroundGenerated) else answer.outcome.detail,
            photo=photo,
            mask=self._mask(product, event.mask) if event else None,
            images=self._images(product, asked, event.images, "") if event else (),
            seconds=round(answer.seconds, 2),
            refused=self._images(product, asked, event.refused, "refused-") if event else (),
            notes=event.notes if event else (),
            timings_s=event.timings_s if event else {},
            title=product.facts.title,
            photo_preview=self._preview(photo) if photo else None,
        )
        self._results[asked.request_id] = result
        return result

    def write(self, progress: SubmissionProgress) -> tuple[Result, ...]:
        """Write `results.jsonl`: exactly one line per requested scene that has an answer, in the order of asking."""
        for product, asked in progress.submission.asked:
            if asked.request_id in progress.answers and asked.request_id not in self._results:
                self.add(product, asked, progress.answers[asked.request_id])
        results = tuple(
            self._results[asked.request_id]
            for _, asked in progress.submission.asked
            if asked.request_id in self._results
        )
        self._put(RESULTS_FILE, "".join(f"{result.model_dump_json()}\n" for result in results).encode())
        return results

    def _photo(self, product: SubmittedProduct) -> str | None:
        """A copy of the submitted bytes, whatever they are; None when the photo was never submitted."""
        if product.image_key is None:
            return None
        path = f"photos/{_file_name(product.product_id)}.{product.image_key.rpartition('.')[2]}"
        if path not in self._written:
            try:
                self._put(path, self._blobs.get(product.image_key))
            except NotKnown:
                return None
        return path

    def _mask(self, product: SubmittedProduct, mask: BlobRef) -> str:
        path = f"masks/{_file_name(product.product_id)}.png"
        return self._put(path, fetch(self._blobs, mask))

    def _images(
        self, product: SubmittedProduct, asked: AskedScene, images: tuple[GeneratedImage, ...], prefix: str
    ) -> tuple[ResultImage, ...]:
        folder = f"images/{_file_name(product.product_id)}/{_file_name(asked.request_id)}"
        return tuple(self.image(f"{folder}/{prefix}{rank}", image) for rank, image in enumerate(images, start=1))

    def image(self, stem: str, generated: GeneratedImage) -> ResultImage:
        """Lay down one picture under a name without extension, with its preview."""
        data = fetch(self._blobs, generated.image)
        path = self._put(f"{stem}.{generated.image.key.rpartition('.')[2]}", data)
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
        return ResultImage(
            path=path,
            preview=self._preview(path),
            width=width,
            height=height,
            **generated.model_dump(exclude={"image"}),
        )

    def _preview(self, path: str) -> str | None:
        """A small WebP beside the page; None when the picture cannot be shown."""
        preview = f"previews/{path.replace('/', '-').rpartition('.')[0]}.webp"
        if preview in self._written:
            return preview
        try:
            photo = decode_photo((self.root / path).read_bytes())
        except BadImage:
            return None
        return self._put(preview, _shrunk(photo))

    def _put(self, path: str, data: bytes) -> str:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        self._written.add(path)
        return path


def read_results(root: Path) -> tuple[Result, ...]:
    """The lines of a results folder."""
    lines = (root / RESULTS_FILE).read_text(encoding="utf-8").splitlines()
    return tuple(Result.model_validate(json.loads(line)) for line in lines if line)


def _file_name(name: str) -> str:
    """A product id as a file name that every system takes; those that had to change keep apart by their hash."""
    plain = safe(name).replace("%", "_")
    if plain == name and len(plain) <= LONGEST_NAME and not _HASHED.search(name):
        return plain
    return f"{plain[:100]}~{digest(name.encode('utf-8', 'surrogatepass'))[:16]}"


def _shrunk(photo: Photo) -> bytes:
    pixels = photo.rgb if photo.alpha is None else np.dstack([photo.rgb, photo.alpha])
    picture = Image.fromarray(pixels)
    picture.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=82, method=2)
    return buffer.getvalue()
