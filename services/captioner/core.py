"""What captioning means here: facts of the merchant, colours that are measured, and a background that is read."""

import hashlib
from dataclasses import dataclass
from typing import Literal, Protocol

from services.captioner import colours, ideas, kinds, pictures, replies, wording
from shared.contracts.blobs import BlobStore, fetch, stage_key
from shared.contracts.events import Caption, ProductCaptioned, ProductSegmented, SceneIdea
from shared.contracts.images import Pixels, decode_mask, decode_photo

Question = Literal["product_short", "product_long", "background_short", "background_long", "ideas"]

VERSION = "1"  # of the words; a new one captions everything anew


class VisionLanguageModel(Protocol):
    """A model that looks at a picture and answers."""

    name: str  # name and version, as it goes into the caption

    def answer(self, picture_HWC: Pixels, question: Question, hint: str) -> str | None:
        """The answer in words; None for a question this model never learned. `hint`: the merchant's title."""
        ...


@dataclass(frozen=True)
class CaptionProduct:
    """The use case: one segmented product in, the same product with its caption out."""

    model: VisionLanguageModel
    blobs: BlobStore

    def __call__(self, event: ProductSegmented) -> ProductCaptioned:
        """Caption it, or repeat what was said the first time. Raises BadImage or NotKnown for unusable bytes."""
        key = self._manifest(event)
        if self.blobs.find(key):
            return self._said_before(key, event)
        captioned = ProductCaptioned(**dict(event), caption=self._caption(event))
        if self.blobs.put_if_absent(key, captioned.model_dump_json().encode(), "application/json"):
            return captioned
        return self._said_before(key, event)  # another worker was faster: both announce the same words

    def _said_before(self, key: str, event: ProductSegmented) -> ProductCaptioned:
        """The first words under the number of this event."""
        said = ProductCaptioned.model_validate_json(self.blobs.get(key))
        return said.model_copy(update={"revision": event.revision})

    def _manifest(self, event: ProductSegmented) -> str:
        """A new photo, mask, fact, wish or captioner is new work; a new number alone is not."""
        made_from = f"{event.model_dump_json(exclude={'revision'})}\n{self.model.name}\n{VERSION}"
        stage = f"captioned-{event.image.sha256[:16]}-{hashlib.sha256(made_from.encode()).hexdigest()[:16]}"
        return stage_key(event.product_id, stage)

    def _caption(self, event: ProductSegmented) -> Caption | None:
        found = event.segmentation
        if found.refusal or found.mask is None:
            return None
        photo = decode_photo(fetch(self.blobs, event.image))
        mask = decode_mask(fetch(self.blobs, found.mask), photo.size)
        seen = Seen.of(event, photo.rgb, mask)
        behind = self._background(event, seen)
        return Caption(
            product_short=self._ask(seen, "product_short")
            or wording.product_short(seen.kind, event.facts, seen.product),
            product_long=self._ask(seen, "product_long") or wording.product_long(seen.kind, event.facts, seen.product),
            background_short=behind[0],
            background_long=behind[1],
            ideas=self._ideas(event, seen),
            captioner=f"{self.model.name}+words-{VERSION}",
        )

    def _ask(self, seen: "Seen", question: Question) -> str | None:
        answer = self.model.answer(seen.photo if "background" not in question else seen.behind, question, seen.title)
        return replies.sentence(answer) if answer else None

    def _background(self, event: ProductSegmented, seen: "Seen") -> tuple[str, str]:
        """Short and long. A plain backdrop is measured: a colour is a fact, and no model should guess it."""
        if event.segmentation.backdrop == "plain":
            return wording.plain_backdrop(seen.backdrop)
        long = self._ask(seen, "background_long") or wording.plain_backdrop(seen.backdrop)[1]
        return self._ask(seen, "background_short") or wording.shortened(long), long

    def _ideas(self, event: ProductSegmented, seen: "Seen") -> tuple[SceneIdea, ...]:
        """The model's own ideas where it has any that can be read, else the rules'."""
        answer = self.model.answer(seen.photo, "ideas", seen.title)
        proposed = replies.scene_ideas(answer) if answer else ()
        if len(proposed) >= ideas.FEWEST:
            return proposed
        return ideas.ideas_for(event.product_id, seen.kind, seen.product[0].word)


@dataclass(frozen=True)
class Seen:
    """What is known of a product before any model is asked."""

    photo: Pixels
    behind: Pixels
    title: str
    kind: kinds.ProductKind
    product: tuple[colours.Share, ...]
    backdrop: colours.Share

    @classmethod
    def of(cls, event: ProductSegmented, photo: Pixels, mask: Pixels) -> "Seen":
        """Colours under and around the mask, and the kind of product that the facts and the frame speak of."""
        kind = kinds.kind_of(event.facts, frozenset(event.segmentation.border_contact))
        return cls(
            photo=photo,
            behind=pictures.without_product(photo, mask),
            title=wording.title(event.facts),
            kind=kind,
            product=colours.product_colours(photo, mask, worn=kind.worn),
            backdrop=colours.backdrop_colour(photo, mask),
        )
