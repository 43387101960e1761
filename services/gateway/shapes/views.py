"""Records to replies: what is known, with links that work for some minutes. Pure."""

import weakref
from collections.abc import Mapping
from typing import Protocol

from services.gateway import records as r
from services.gateway.pictures.links import SIZES
from services.gateway.shapes import overviews as o
from services.gateway.shapes import replies as a
from shared.contracts.blobs import BlobRef
from shared.contracts.events import Caption, GeneratedImage, Segmentation

NOBODY = r.Tally()


class Links(Protocol):
    """Makes links to stored bytes."""

    def url(self, key: str, size: int | None = None) -> str:
        """A link to the bytes at a key, or to a thumbnail."""
        ...

    @property
    def until(self) -> int:
        """When links that are made now end."""
        ...


class Views:
    """Replies with the links of one gateway."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._replies: dict[int, tuple[int, a.ProductReply]] = {}

    def picture(self, ref: BlobRef) -> a.Picture:
        """Stored pixels."""
        return a.Picture(
            url=self._links.url(ref.key),
            thumbnails={str(size): self._links.url(ref.key, size) for size in SIZES},
            sha256=ref.sha256,
            width=ref.width,
            height=ref.height,
            content_type=ref.content_type,
            size=ref.size,
        )

    def product(self, product: r.Product) -> a.ProductReply:
        """A product as it stands. Many pages look at the same one: its reply is kept while it and its links last."""
        until, name, kept = self._links.until, id(product), self._replies.get(id(product))
        if kept is not None and kept[0] == until:
            return kept[1]
        if kept is None:
            weakref.finalize(product, self._replies.pop, name, None).atexit = False
        made = self._product(product)
        self._replies[name] = (until, made)
        return made

    def _product(self, product: r.Product) -> a.ProductReply:
        newest, found = product.newest, product.segmentation
        caption = product.captioned.caption if product.captioned else None
        facts = newest.facts
        return a.ProductReply(
            product_id=product.product_id,
            revision=newest.revision,
            stage=product.stage,
            title=facts.title,
            description=facts.description,
            category=facts.category,
            promoted=facts.promoted,
            may_train=facts.may_train,
            withdrawn=product.withdrawn,
            image=None if product.image is None else self.picture(product.image),
            mask=None if found is None else self._mask(found),
            refusal=_refusal(product),
            caption=None if caption is None else _caption(caption),
            ideas=caption.ideas if caption else (),
            backgrounds=a.Counts(**product.backgrounds),
            created_at=product.created,
            updated_at=product.updated,
        )

    def background(self, background: r.Background) -> a.BackgroundReply:
        """A request and its answer."""
        made, tallies = background.generated, background.tallies
        return a.BackgroundReply(
            request_id=background.request_id,
            product_id=background.product_id,
            status=background.status,
            scene=background.scene.model_dump(mode="json", exclude_none=True),
            read_as=made.images[0].prompt if made else None,
            notes=made.notes if made else (),
            options=self._options(made.images, tallies) if made else (),
            refused=self._options(made.refused, tallies) if made else (),
            rejection=background.rejection,
            timings_s=made.timings_s if made else {},
            requested_at=background.requested,
            answered_at=background.answered,
        )

    def verdict(self, verdict: r.SampleVerdict) -> o.VerdictReply:
        """The curator's verdict."""
        return o.VerdictReply(
            product_id=verdict.product_id,
            image_sha256=verdict.image_sha256,
            verdict=verdict.verdict,
            reason=verdict.reason,
            scores=dict(verdict.scores),
            at=verdict.told,
            picture=None if verdict.image is None else self.picture(verdict.image),
        )

    def _mask(self, found: Segmentation) -> a.MaskReply | None:
        if found.mask is None:
            return None
        return a.MaskReply(
            picture=self.picture(found.mask),
            confidence=found.confidence,
            backdrop=found.backdrop,
            box=found.box,
            area=found.area,
            border_contact=found.border_contact,
            made_by=found.segmenter,
        )

    def _options(self, images: tuple[GeneratedImage, ...], tallies: Mapping[str, r.Tally]) -> tuple[a.OptionReply, ...]:
        return tuple(
            self._option(rank, image, tallies.get(image.image.sha256, NOBODY)) for rank, image in enumerate(images, 1)
        )

    def _option(self, rank: int, made: GeneratedImage, tally: r.Tally) -> a.OptionReply:
        return a.OptionReply(
            rank=rank,
            picture=self.picture(made.image),
            seed=made.seed,
            prompt=made.prompt,
            plate=made.plate,
            strength=made.strength,
            model=made.model,
            scores=made.scores,
            votes=_votes(tally),
            engagement=a.Met(
                impressions=tally.impressions, clicks=tally.clicks, saves=tally.saves, downloads=tally.long_clicks
            ),
            picked=tally.saves > 0,
        )


def _caption(said: Caption) -> a.CaptionReply:
    return a.CaptionReply(
        product_short=said.product_short,
        product_long=said.product_long,
        background_short=said.background_short,
        background_long=said.background_long,
    )


def _votes(tally: r.Tally) -> a.Votes:
    return a.Votes(
        raters=tally.raters, product_defects=tally.product_defects, background_defects=tally.background_defects
    )


def model(revision: r.ModelRevision) -> o.ModelReply:
    """A revision of a model."""
    said = revision.promoted or revision.trained
    assert said is not None, "a revision was heard of by one of the two"
    return o.ModelReply(
        model=revision.model,
        revision=revision.revision,
        stage=said.stage,
        base=said.base,
        promoted=revision.in_use,
        sequence=revision.promoted.sequence if revision.promoted else 0,
        metrics=said.metrics,
        job_id=revision.trained.job_id if revision.trained else None,
        at=revision.told,
    )


def dataset(dataset: r.Dataset) -> o.DatasetReply:
    """A version of a dataset."""
    event = dataset.event
    return o.DatasetReply(
        dataset=event.dataset, version=event.version, samples=event.samples, counts=event.counts, at=dataset.told
    )


def letter(letter: r.DeadLetter) -> o.LetterReply:
    """A dead letter; its bytes stay inside."""
    return o.LetterReply(
        id=letter.place,
        topic=letter.topic,
        reason=letter.reason,
        detail=letter.detail,
        service=letter.service,
        key=letter.key,
        attempts=letter.attempts,
        failed_at=letter.failed,
        replayed=letter.replayed,
    )


def training(training: r.Training) -> o.TrainingReply:
    """A training job."""
    return o.TrainingReply(
        job_id=training.job_id,
        stage=training.stage,
        step=training.step,
        steps=training.steps,
        loss=training.loss,
        at=training.told,
        failure=training.failure,
    )


def _refusal(product: r.Product) -> r.Refusal | None:
    if product.stage != "refused":
        return None
    found = product.segmentation
    if found is not None and found.refusal and product.refusal is None:
        return r.Refusal(reason=found.refusal, detail=found.refusal_detail or "the photo cannot be used")
    return product.refusal
