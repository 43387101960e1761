"""What curating means here: judge a photo once, remember engagement, reviews, opt-outs. No Kafka or SQL here."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from services.curator.books import SampleBook
from services.curator.pixels.embedding import Embedding
from services.curator.pixels.looks import Looks, looks
from services.curator.records import Consent, Known, Review, Sample
from services.curator.rules import (
    METADATA_RULES,
    PIXEL_RULES,
    MetadataRule,
    PixelRule,
    judge_metadata,
    judge_pixels,
)
from services.curator.verdicts import Measured, Metadata, Verdict
from shared.contracts.blobs import BlobStore, fetch, withdrawn_key
from shared.contracts.errors import Permanent
from shared.contracts.events import (
    BackgroundReviewed,
    ProductCaptioned,
    ProductWithdrawn,
    SampleCurated,
)
from shared.contracts.images import Pixels, decode_mask, decode_photo

ReadsWords = Callable[[Pixels, Pixels], float]
"""Share of a photo (H, W, 3) outside its product (mask: H, W) that lines of words cover."""

Embeds = Callable[[Pixels], Embedding]
"""What a model sees in a photo (H, W, 3)."""


@dataclass(frozen=True, kw_only=True)
class CurateSamples:
    """Judges captioned photos, a batch at once. A redelivery announces the same verdict.

    Only a picture like it that comes later and goes before it can change it afterwards, in the catalogue.
    """

    catalogue: SampleBook
    blobs: BlobStore
    metadata_rules: tuple[MetadataRule, ...] = METADATA_RULES
    pixel_rules: tuple[PixelRule, ...] = PIXEL_RULES
    reads: ReadsWords | None = None
    embeds: Embeds | None = None

    def __call__(self, events: Sequence[ProductCaptioned]) -> list[SampleCurated]:
        """The verdicts on the events' photos. Raises BadImage for bytes that are no photo, NotKnown without them.

        The others of the batch are judged and remembered before that, so that they find their verdicts later.
        """
        ids = [_known(event) for event in events]
        asked = dict(zip(ids, events, strict=True))
        consents = self._consents(asked.values())
        told = self.catalogue.verdicts([one for one in asked if not consents[one[0]].withdrawn])
        fresh = {known: event for known, event in asked.items() if known not in told}
        samples, refused = self._samples(fresh, consents)
        standing = self.catalogue.put_samples(list(samples.values()))
        told |= self.catalogue.put_verdicts(dict(zip(samples, map(_curated, standing), strict=True)))
        if refused is not None:
            raise refused
        return [told[one] for one in ids]

    def _consents(self, events: Collection[ProductCaptioned]) -> dict[str, Consent]:
        """What owners have said, the noes of this batch among it: no photo is opened that one of them refuses."""
        said = self.catalogue.consents({event.product_id for event in events})
        for event in events:
            if not event.facts.may_train:
                before = said[event.product_id]
                said[event.product_id] = replace(before, refused=max(before.refused, event.revision))
        return said

    def _samples(
        self, events: Mapping[Known, ProductCaptioned], consents: Mapping[str, Consent]
    ) -> tuple[dict[Known, Sample], Permanent | None]:
        """The samples of those that can be judged, and why the last of the others cannot."""
        found, refused = dict[Known, Sample](), None
        for known, event in events.items():
            try:
                found[known] = self._judged(event, consents[event.product_id])
            except Permanent as error:
                refused = error
        return found, refused

    def _judged(self, event: ProductCaptioned, consent: Consent) -> Sample:
        metadata = Metadata(
            facts=event.facts,
            segmentation=event.segmentation,
            caption=event.caption,
            withdrawn=consent.withdrawn,
            outweighed=not consent.covers(event.revision),
        )
        verdict = judge_metadata(metadata, self.metadata_rules)
        if not verdict.kept:
            return sample_of(event, verdict, None)
        return self._seen(event, verdict.scores)

    def _seen(self, event: ProductCaptioned, scores: dict[str, float]) -> Sample:
        """Judged by its pixels; only what nothing else speaks against is read."""
        rgb, mask = self._opened(event)
        seen = looks(rgb, mask)
        verdict = judge_pixels(Measured(seen), scores, self.pixel_rules)
        if verdict.kept and self.reads is not None:
            seen = replace(seen, words=self.reads(rgb, mask))
            verdict = judge_pixels(Measured(seen), scores, self.pixel_rules)
        if verdict.kept and self.embeds is not None:
            seen = replace(seen, embedding=self.embeds(rgb))
        return sample_of(event, verdict, seen)

    def _opened(self, event: ProductCaptioned) -> tuple[Pixels, Pixels]:
        photo = decode_photo(fetch(self.blobs, event.image))
        mask = event.segmentation.mask
        assert mask is not None  # the rule Usable has seen to it
        return photo.rgb, decode_mask(fetch(self.blobs, mask), photo.size)


def sample_of(event: ProductCaptioned, verdict: Verdict, seen: Looks | None) -> Sample:
    """What is remembered of a photo that was judged."""
    caption = event.caption
    return Sample(
        product_id=event.product_id,
        image=event.image,
        mask=event.segmentation.mask,
        captions=_captions(caption.background_short, caption.background_long) if caption else (),
        product=caption.product_short if caption else "",
        promoted=event.facts.promoted,
        may_train=event.facts.may_train,
        reason=verdict.reason,
        scores=verdict.scores,
        phash=seen.phash if seen else None,
        embedding=seen.embedding if seen else None,
        revision=event.revision,
        category=event.facts.category or "",
        merchant=event.facts.merchant or "",
    )


def _captions(*texts: str) -> tuple[str, ...]:
    """Without empty ones and repetitions."""
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _curated(sample: Sample) -> SampleCurated:
    return SampleCurated(
        product_id=sample.product_id,
        image_sha256=sample.image.sha256,
        verdict="kept" if sample.kept else "dropped",
        reason=sample.reason,
        scores=sample.scores,
    )


def _known(event: ProductCaptioned) -> Known:
    """A hash over photo, revision and all that was known of it; what a brand wants painted does not matter."""
    known = event.model_dump_json(exclude={"scenes"})
    return event.product_id, hashlib.sha256(known.encode()).hexdigest()[:24]


@dataclass(frozen=True)
class RecordReview:
    """Adds raters' votes; the votes are stored, not a label made of them."""

    catalogue: SampleBook

    def __call__(self, event: BackgroundReviewed) -> None:
        """Idempotent: the same rater of the same output again replaces his votes, and nobody else's."""
        review = Review(
            product_id=event.product_id,
            request_id=event.request_id,
            image=event.image,
            raters=event.raters,
            product_defects=event.product_defects,
            background_defects=event.background_defects,
            rater=event.rater or "",
        )
        self.catalogue.put_review(review)


@dataclass(frozen=True)
class WithdrawProduct:
    """Honours an opt-out."""

    catalogue: SampleBook
    blobs: BlobStore

    def __call__(self, event: ProductWithdrawn) -> None:
        """The product's samples are forgotten; datasets released from now on do without it and name it.

        Trainings that run by now find the note.
        """
        self.catalogue.withdraw(event.product_id, event.reason, event.revision)
        note = json.dumps({"product_id": event.product_id}).encode()
        self.blobs.put_if_absent(withdrawn_key(event.product_id), note, "application/json")
