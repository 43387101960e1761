"""What inpainting means here: known products get ranked backgrounds, or an answer why not. No Kafka, MinIO or torch."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.inpainter.candidates import GenerateCandidates
from services.inpainter.known import KnownProducts
from services.inpainter.scene_request import SceneRequest
from shared.contracts.blobs import BlobStore
from shared.contracts.errors import NotYet, Permanent
from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundRejected,
    BackgroundRequested,
    ProductCaptioned,
    StyleMined,
)
from shared.contracts.identity import scene_request_id
from shared.contracts.manifests import RequestManifest, manifest_key

Outcome = BackgroundGenerated | BackgroundRejected


@dataclass(frozen=True)
class PaintBackgrounds:
    """The use case: a captioned product or a request in, one outcome per scene out."""

    generate: GenerateCandidates
    blobs: BlobStore

    def product(self, event: ProductCaptioned) -> Iterator[Outcome]:
        """Remember the product, then answer its scenes one by one."""
        KnownProducts(self.blobs).remember(event)
        given = event.segmentation.given_mask
        for index, scene in enumerate(event.scenes):
            request_id = scene_request_id(event.product_id, event.image.sha256, given, index, scene)
            yield self.outcome(SceneRequest(event, request_id, scene, index))

    def request(self, event: BackgroundRequested) -> Outcome:
        """One more scene for a known product. Raises NotYet for one that the stages before may still be looking at."""
        product = KnownProducts(self.blobs).newest(event.product_id)
        if product is None:
            raise _unknown(event)
        return self.outcome(SceneRequest(product, event.request_id, event.scene))

    def outcome(self, request: SceneRequest) -> Outcome:
        """The outcome of one request: made once, repeated whenever the request is delivered again."""
        said = self._said_before(request)
        if said is not None:
            return said
        outcome = self._refusal(request) or self._made(request)
        manifest = RequestManifest.of(outcome).model_dump_json(exclude_none=True).encode()
        if self.blobs.put_if_absent(manifest_key(request.request_id), manifest, "application/json"):
            return outcome
        return self._said_before(request) or outcome  # another worker was faster: both announce the same

    def _said_before(self, request: SceneRequest) -> Outcome | None:
        key = manifest_key(request.request_id)
        if self.blobs.find(key) is None:
            return None
        outcome = RequestManifest.model_validate_json(self.blobs.get(key)).outcome
        if outcome.product_id == request.product.product_id and outcome.scene == request.scene:
            return outcome
        detail = f"the request id '{request.request_id}' was already used for another product or scene"
        return _rejected(request, "request_id_taken", detail)

    def _refusal(self, request: SceneRequest) -> BackgroundRejected | None:
        """Why this product cannot have a background, as the stages before found."""
        found = request.product.segmentation
        if found.refusal:
            return _rejected(request, found.refusal, found.refusal_detail or "the photo cannot be used")
        if found.mask is None or request.product.caption is None:
            return _rejected(request, "photo_unusable", "no product could be cut out of the photo")
        return None

    def _made(self, request: SceneRequest) -> Outcome:
        try:
            return self.generate(request)
        except Permanent as error:  # an answer for this scene; the product's other scenes go on
            return _rejected(request, error.reason, error.message)


@dataclass(frozen=True)
class LearnStyle:
    """The third: what people like is followed from the next scene on."""

    generate: GenerateCandidates

    def __call__(self, event: StyleMined) -> Literal["learned", "retired", "outdated"]:
        """Told twice or out of order, the newest stays."""
        return self.generate.learn(event)


def _unknown(event: BackgroundRequested) -> NotYet:
    detail = f"no product '{event.product_id}' has been submitted (or it is still being looked at)"
    rejected = BackgroundRejected(
        product_id=event.product_id,
        request_id=event.request_id,
        scene=event.scene,
        reason="unknown_product",
        detail=detail,
    )
    return NotYet("unknown_product", detail, answer=rejected)


def _rejected(request: SceneRequest, reason: str, detail: str) -> BackgroundRejected:
    return BackgroundRejected(
        product_id=request.product.product_id,
        request_id=request.request_id,
        scene=request.scene,
        reason=reason,
        detail=detail,
    )
