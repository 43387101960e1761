"""What a dataset of each kind is made of: samples read from the blob store, as members of shards."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from itertools import groupby
from typing import Any

from services.curator.datasets.recipes import DatasetItem, line_of
from services.curator.datasets.selection import RatedPicture, Split
from services.curator.datasets.shards import Member, fitted
from services.curator.records import EngagedPicture, Option, Review, Sample
from services.curator.taste.options import lies_over_its_photo, request_made
from shared.contracts.blobs import BlobRef, BlobStore, fetch
from shared.contracts.datasets import DatasetKind, SampleRecord
from shared.contracts.errors import NotKnown
from shared.contracts.images import Pixels, decode_mask, decode_photo, encode_image


@dataclass(frozen=True, kw_only=True)
class MemberReader:
    """Turns items into members. `side`: longest side of pictures, pixels."""

    blobs: BlobStore
    side: int = 1024

    def member(self, item: DatasetItem, kind: DatasetKind, split: Split) -> Member:
        """One member, with its recipe. Raises NotKnown or BadImage when its bytes are gone or changed."""
        return replace(self._member(item, kind, split), recipe=line_of(item, split))

    def _member(self, item: DatasetItem, kind: DatasetKind, split: Split) -> Member:
        if isinstance(item.source, Review):
            return self._pair(item, item.source, split)
        if isinstance(item.source, Sample):
            return self._photo(item, item.source, kind, split, _facts_of_sample(item.source))
        return self._photo(item, item.source.picture, kind, split, _facts_of_engaged(item.source))

    def _photo(
        self, item: DatasetItem, picture: Sample | Option, kind: DatasetKind, split: Split, facts: dict[str, Any]
    ) -> Member:
        photo = decode_photo(fetch(self.blobs, picture.image)).rgb
        if picture.mask is None:  # of a sample that is kept there is one
            raise NotKnown("product_was_moved", f"no mask lies over {picture.image.key}")
        mask = self._mask(picture.mask, photo)
        record = SampleRecord(
            key=item.key,
            captions=picture.captions,
            kind=kind,
            split=split,
            product_id=picture.product_id,
            score=item.score,
            attributes=facts,
        )
        return Member(item.key, {"jpg": self._jpeg(photo), "mask.png": mask, "json": _json(record)})

    def _pair(self, item: DatasetItem, review: Review, split: Split) -> Member:
        """Original and output, lossless, as the judge sees them; the mask fits only an unmoved product."""
        made = request_made(self.blobs, review.request_id, review.product_id)
        image = next((one for one in (*made.images, *made.refused) if one.image.sha256 == review.image.sha256), None)
        if image is None:  # whoever votes names a picture; it may be somebody's who never consented
            raise NotKnown("option_not_known", f"request {review.request_id} made no {review.image.sha256[:12]}…")
        photo, output = (decode_photo(fetch(self.blobs, ref)).rgb for ref in (made.photo, image.image))
        if photo.shape != output.shape or not lies_over_its_photo(made, image.image):
            raise NotKnown("pair_differs_in_size", f"output {image.image.key} does not lie over its photo")
        record = _reviewed(item, review, split, captions=(image.prompt,))
        files = {
            "webp": self._webp(output),
            "original.webp": self._webp(photo),
            "mask.png": self._mask(made.mask, photo),
        }
        return Member(item.key, files | {"json": _json(record)})

    def _mask(self, ref: BlobRef, photo: Pixels) -> bytes:
        mask = decode_mask(fetch(self.blobs, ref), (photo.shape[1], photo.shape[0]))
        return encode_image(fitted(mask, self.side))

    def _jpeg(self, pixels: Pixels) -> bytes:
        return encode_image(fitted(pixels, self.side), "jpeg")

    def _webp(self, pixels: Pixels) -> bytes:
        return encode_image(fitted(pixels, self.side), "webp")


def _reviewed(item: DatasetItem, review: Review, split: Split, captions: tuple[str, ...]) -> SampleRecord:
    return SampleRecord(
        key=item.key,
        captions=captions,
        kind="judge",
        split=split,
        product_id=review.product_id,
        score=review.score,
        defect=review.defect,
        attributes={
            "raters": review.raters,
            "product_defects": review.product_defects,
            "background_defects": review.background_defects,
            "request_id": review.request_id,
        },
    )


def _json(record: SampleRecord) -> bytes:
    return record.model_dump_json().encode()


def product_items(kept: Iterable[Sample]) -> Iterator[DatasetItem]:
    """Every kept sample."""
    return (DatasetItem(sample.product_id, sample.key, sample) for sample in kept)


def engaged_items(liked: Iterable[RatedPicture], met: Iterable[EngagedPicture]) -> Iterator[DatasetItem]:
    """The best liked, photos before options, each in the order of their keys."""
    scores = {one.key: one.score for one in liked}
    return (DatasetItem(one.product_id, one.key, one, round(scores[one.key], 6)) for one in met if one.key in scores)


def _facts_of_sample(sample: Sample) -> dict[str, Any]:
    return {
        "product": sample.product,
        "promoted": sample.promoted,
        "image_sha256": sample.image.sha256,
        "scores": sample.scores,
    }


def _facts_of_engaged(engaged: EngagedPicture) -> dict[str, Any]:
    """An option also says who painted it, from what: a model must not learn unknowingly from itself."""
    picture = engaged.picture
    if isinstance(picture, Sample):
        return _facts_of_sample(picture)
    return {
        "product": engaged.product,
        "promoted": engaged.promoted,
        "image_sha256": picture.image.sha256,
        "request_id": picture.request_id,
        "plate": picture.plate,
        "painted_by": picture.model,
    }


def judge_items(reviews: Iterable[Review]) -> Iterator[DatasetItem]:
    """Every reviewed output, once, with the votes of all raters: who disagrees is heard.

    Two requests may have made one picture: a rater who is named votes on it once, as he did under the last of them.
    """
    for key, same in groupby(reviews, key=lambda review: review.image.sha256[:20]):
        votes = {(one.rater, "" if one.rater else one.request_id): one for one in same}
        review = replace(reduce(Review.__add__, votes.values()), rater="")
        yield DatasetItem(review.product_id, key, review, review.score)
