"""Which samples teach the right taste: ordered pure rules, each with its reason; thresholds are named, sources cited.

What is known without the pixels is judged first (`MetadataRule`), so that a photo without consent is never even opened.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from services.curator.verdicts import Measured, Metadata, Reason, Verdict
from services.curator.words import unsafe_word

MetadataRule = Callable[[Metadata], Reason | None]
"""Says why a photo must not be used, or None."""

PixelRule = Callable[[Measured], Reason | None]
"""Says why a picture must not be used, or None."""


@dataclass(frozen=True)
class Rights:
    """The owner consents, and has not withdrawn or refused since (Canvas 2026, section 3.1.4: respect opt-outs)."""

    def __call__(self, metadata: Metadata) -> Reason | None:
        if metadata.withdrawn:
            return "withdrawn"
        return None if metadata.facts.may_train and not metadata.outweighed else "no_consent"


@dataclass(frozen=True)
class Usable:
    """The segmenter accepted the photo and found a product in it."""

    def __call__(self, metadata: Metadata) -> Reason | None:
        refused = metadata.segmentation.refusal is not None or metadata.segmentation.mask is None
        return "photo_refused" if refused else None


@dataclass(frozen=True)
class RealScene:
    """A plain studio ground teaches a painter of backgrounds to paint nothing."""

    def __call__(self, metadata: Metadata) -> Reason | None:
        return "plain_backdrop" if metadata.segmentation.backdrop == "plain" else None


@dataclass(frozen=True, kw_only=True)
class TrustedMask:
    """A mask that can be trusted, of a product that leaves room for a background and is not cut off.

    `min_confidence` as SAM's own filter of predicted quality, rounded down (Kirillov et al. 2023 use 0.88); areas as
    shares of the photo: below 2 % a 512 px picture shows the product in under 73 x 73 px, above 80 % there is no scene.
    """

    min_confidence: float = 0.8
    min_area: float = 0.02
    max_area: float = 0.8
    max_sides: int = 1

    def __call__(self, metadata: Metadata) -> Reason | None:
        found = metadata.segmentation
        if found.confidence < self.min_confidence:
            return "unsure_mask"
        if found.area < self.min_area:
            return "product_too_small"
        if found.area > self.max_area:
            return "product_too_large"
        return "product_cut_off" if len(found.border_contact) > self.max_sides else None


@dataclass(frozen=True, kw_only=True)
class Described:
    """The caption speaks of the background; captions of the product alone are why Canvas recaptions its data."""

    min_words: int = 2

    def __call__(self, metadata: Metadata) -> Reason | None:
        text = metadata.caption.background_long or metadata.caption.background_short if metadata.caption else ""
        return None if len(text.split()) >= self.min_words else "background_not_described"


@dataclass(frozen=True)
class Safe:
    """No word of the list in what people or models wrote about it."""

    def __call__(self, metadata: Metadata) -> Reason | None:
        facts, caption = metadata.facts, metadata.caption
        texts = [facts.title, facts.description, facts.category]
        if caption is not None:
            texts += [caption.product_long, caption.product_short, caption.background_long, caption.background_short]
        return "unsafe_words" if unsafe_word(texts) else None


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """Both sides in pixels: nothing is ever enlarged for training; 256 is the bundled model's size."""

    min_side: int = 256

    def __call__(self, measured: Measured) -> Reason | None:
        return "too_small" if min(measured.looks.width, measured.looks.height) < self.min_side else None


@dataclass(frozen=True, kw_only=True)
class Sharpness:
    """Variance of the Laplacian in the sharpest tenth of the picture, at 512 px (Pech-Pacheco et al. 2000).

    The usual 100 is for whole pictures at full size. Measured on 55 shop photos: 195 and more as they are, 4 to 17
    after a Gaussian blur of 4 px at 1024.
    """

    min_variance: float = 40.0

    def __call__(self, measured: Measured) -> Reason | None:
        return "blurred" if measured.looks.sharpness < self.min_variance else None


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """Mean brightness and the spread from the 2nd to the 98th percentile, 0..1; wide, since dark scenes are a style."""

    min_brightness: float = 0.06
    max_brightness: float = 0.96
    min_contrast: float = 0.12

    def __call__(self, measured: Measured) -> Reason | None:
        if measured.looks.brightness < self.min_brightness:
            return "too_dark"
        if measured.looks.brightness > self.max_brightness:
            return "too_bright"
        return "flat" if measured.looks.contrast < self.min_contrast else None


@dataclass(frozen=True, kw_only=True)
class TextOverlay:
    """Lines of drawn letters outside the product: adverts and price tags. 0 on each of 60 rendered scenes, 9 plates."""

    max_share: float = 0.01

    def __call__(self, measured: Measured) -> Reason | None:
        return "text_overlay" if measured.looks.text > self.max_share else None


@dataclass(frozen=True, kw_only=True)
class WordsOverlay:
    """Lines outside the product that a text recogniser has read, where there is one. Asked last: reading is dear.

    Measured: 0 on each of our photos, lessons and plates; a web address in the smallest print covers 0.003, a line of
    small print 0.012, a headline 0.06.
    """

    max_share: float = 0.002

    def __call__(self, measured: Measured) -> Reason | None:
        words = measured.looks.words
        return "text_overlay" if words is not None and words > self.max_share else None


@dataclass(frozen=True, kw_only=True)
class OnePicture:
    """Not several photos side by side (Canvas 2026, section 3.1: collages are dropped). 0 dividers in each of our own
    lessons, sample photos and plates.
    """

    max_dividers: int = 0

    def __call__(self, measured: Measured) -> Reason | None:
        return "collage" if measured.looks.dividers > self.max_dividers else None


@dataclass(frozen=True, kw_only=True)
class OneProduct:
    """A pair of shoes and a handle count as one product; more pieces are a group, or a torn mask."""

    max_parts: int = 3

    def __call__(self, measured: Measured) -> Reason | None:
        return "several_parts" if measured.looks.parts > self.max_parts else None


@dataclass(frozen=True, kw_only=True)
class Novelty:
    """Not the same bytes, and no perceptual hash within `max_distance` bits of 64 (Zauner 2010); one picture, one vote.

    Asked by the catalogue, of what goes before a sample there, so that the order of arrival decides nothing.
    Measured: a smaller JPEG of the same photo is 0 to 2 bits away, a slight crop 2 to 6, different scenes 20 and more.
    Where an embedding model sees the pictures, hashes decide between two cosines alone: from `same_cosine` on they are
    one, however they are cut (NeMo Curator takes 0.99 with CLIP for one), below `other_cosine` two, however alike in
    light and dark. What a cosine means depends on the model.
    """

    max_distance: int = 5
    same_cosine: float = 0.98
    other_cosine: float = 0.7

    def __call__(self, *, twin: bool, distance: int | None, cosine: float | None = None) -> Reason | None:
        if twin:
            return "duplicate"
        if cosine is not None and not self.other_cosine <= cosine < self.same_cosine:
            return "near_duplicate" if cosine >= self.same_cosine else None
        return "near_duplicate" if distance is not None and distance <= self.max_distance else None


METADATA_RULES: tuple[MetadataRule, ...] = (Rights(), Usable(), RealScene(), TrustedMask(), Described(), Safe())
PIXEL_RULES: tuple[PixelRule, ...] = (
    Resolution(),
    Sharpness(),
    Exposure(),
    TextOverlay(),
    OnePicture(),
    OneProduct(),
    WordsOverlay(),
)


def judge_metadata(metadata: Metadata, rules: Iterable[MetadataRule] = METADATA_RULES) -> Verdict:
    """The first rule that objects decides; `kept` means that the pixels may be looked at."""
    scores = {"confidence": metadata.segmentation.confidence, "area": metadata.segmentation.area}
    return _verdict((rule(metadata) for rule in rules), scores)


def judge_pixels(measured: Measured, scores: dict[str, float], rules: Sequence[PixelRule] = PIXEL_RULES) -> Verdict:
    """The first rule that objects decides; the measured scores join the given ones."""
    looks = measured.looks
    numbers = {
        "sharpness": looks.sharpness,
        "brightness": looks.brightness,
        "contrast": looks.contrast,
        "clipped": looks.clipped,
        "text": looks.text,
        "parts": float(looks.parts),
        "dividers": float(looks.dividers),
        **({} if looks.words is None else {"words": looks.words}),
    }
    return _verdict((rule(measured) for rule in rules), scores | numbers)


def _verdict(objections: Iterable[Reason | None], scores: dict[str, float]) -> Verdict:
    reason = next((objection for objection in objections if objection is not None), None)
    rounded = {name: round(value, 4) for name, value in scores.items()}
    return Verdict(reason is None, reason or "kept", rounded)
