"""What a dataset of each kind is made of: samples read from the blob store, as members of shards."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from services.curator.datasets.selection import Split, Splits
from services.curator.datasets.shards import Member, fitted
from services.curator.records import EngagedSample, Review, Sample
from shared.contracts.blobs import BlobRef, BlobStore, fetch
from shared.contracts.datasets import DatasetKind, SampleRecord
from shared.contracts.errors import BadImage, NotKnown
from shared.contracts.events import BackgroundGenerated
from shared.contracts.images import Pixels, decode_mask, decode_photo, encode_image
from shared.contracts.manifests import RequestManifest, manifest_key


@dataclass(frozen=True)
class Item:
    """One member to be: whose it is, and what to read."""

    product_id: str
    key: str
    source: Sample | Review
    score: float | None = None


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Turns items into members. `side`: longest side of pictures, pixels. What cannot be read is counted."""

    blobs: BlobStore
    side: int = 1024
    missing: Counter[str] = field(default_factory=Counter)

    def members(self, items: Iterable[Item], kind: DatasetKind, split: Splits) -> Iterator[Member]:
        """Members in the order of the items; those whose bytes are gone or changed are left out and counted."""
        for item in items:
            try:
                yield self._member(item, kind, split[item.product_id])
            except (NotKnown, BadImage) as error:
                self.missing[f"left_out.{error.reason}"] += 1

    def _member(self, item: Item, kind: DatasetKind, split: Split) -> Member:
        if isinstance(item.source, Sample):
            return self._photo(item, item.source, kind, split)
        return self._pair(item, item.source, split)

    def _photo(self, item: Item, sample: Sample, kind: DatasetKind, split: Split) -> Member:
        photo = decode_photo(fetch(self.blobs, sample.image)).rgb
        assert sample.mask is not None  # no sample is kept without
        mask = self._mask(sample.mask, photo)
        record = SampleRecord(
            key=item.key, captions=sample.captions, kind=kind, split=split, product_id=sample.product_id,
            score=item.score,
            attributes={"product": sample.product, "promoted": sample.promoted, "image_sha256": sample.image.sha256,
                        "scores": sample.scores},
        )  # fmt: skip
        return Member(item.key, {"jpg": self._jpeg(photo), "mask.png": mask, "json": _json(record)})

    def _pair(self, item: Item, review: Review, split: Split) -> Member:
        """Original and output, lossless, as the judge sees them; the mask fits only an unmoved product."""
        made = self._made(review)
        photo, output = (decode_photo(fetch(self.blobs, ref)).rgb for ref in (made.photo, review.image))
        if photo.shape != output.shape or made.scene.placement.mode != "original":
            raise NotKnown("pair_differs_in_size", f"output {review.image.key} does not lie over its photo")
        image = next((one for one in (*made.images, *made.refused) if one.image.sha256 == review.image.sha256), None)
        record = SampleRecord(
            key=item.key, captions=(image.prompt,) if image else (), kind="judge", split=split,
            product_id=review.product_id, score=review.score, defect=review.defect,
            attributes={"raters": review.raters, "product_defects": review.product_defects,
                        "background_defects": review.background_defects, "request_id": review.request_id},
        )  # fmt: skip
        files = {
            "webp": self._webp(output),
            "original.webp": self._webp(photo),
            "mask.png": self._mask(made.mask, photo),
        }
        return Member(item.key, files | {"json": _json(record)})

    def _made(self, review: Review) -> BackgroundGenerated:
        key = manifest_key(review.request_id)
        try:
            made = RequestManifest.model_validate_json(self.blobs.get(key)).generated
        except ValueError as error:
            raise NotKnown("request_unreadable", f"the manifest {key} cannot be read") from error
        if made is None or made.product_id != review.product_id:  # consent is the product's that the review names
            raise NotKnown("request_of_another", f"request {review.request_id} is not of product {review.product_id}")
        return made

    def _mask(self, ref: BlobRef, photo: Pixels) -> bytes:
        mask = decode_mask(fetch(self.blobs, ref), (photo.shape[1], photo.shape[0]))
        return encode_image(fitted(mask, self.side))

    def _jpeg(self, pixels: Pixels) -> bytes:
        return encode_image(fitted(pixels, self.side), "jpeg")

    def _webp(self, pixels: Pixels) -> bytes:
        return encode_image(fitted(pixels, self.side), "webp")


def _json(record: SampleRecord) -> bytes:
    return record.model_dump_json().encode()


def product_items(kept: Iterable[Sample]) -> Iterator[Item]:
    """Every kept sample."""
    return (Item(sample.product_id, sample.key, sample) for sample in kept)


def engaged_items(liked: Iterable[tuple[EngagedSample, float]], kept: Iterable[Sample]) -> Iterator[Item]:
    """The best liked, in the order of their keys."""
    scores = {sample.key: score for sample, score in liked}
    return (Item(sample.product_id, sample.key, sample, scores[sample.key]) for sample in kept if sample.key in scores)


def judge_items(reviews: Iterable[Review]) -> Iterator[Item]:
    """Every reviewed output, once: of several requests that made the same picture the last counts."""
    for key, same in groupby(reviews, key=lambda review: review.image.sha256[:20]):
        *_, review = same
        yield Item(review.product_id, key, review, review.score)
