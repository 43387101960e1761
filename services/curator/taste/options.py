"""Painted options, looked up in the manifest of their request: whose they are, and what is known of their picture."""

from services.curator.records import Option
from shared.contracts.blobs import BlobRef, BlobStore
from shared.contracts.errors import NotKnown
from shared.contracts.events import BackgroundGenerated
from shared.contracts.manifests import RequestManifest, manifest_key


def request_made(blobs: BlobStore, request_id: str, product_id: str) -> BackgroundGenerated:
    """What came of a request. Raises NotKnown when there is no such request of this product."""
    key = manifest_key(request_id)
    try:
        made = RequestManifest.model_validate_json(blobs.get(key)).generated
    except ValueError as error:
        raise NotKnown("request_unreadable", f"the manifest {key} cannot be read") from error
    if made is None or made.product_id != product_id:  # consent is the product's that is named
        raise NotKnown("request_of_another", f"request {request_id} is not of product {product_id}")
    return made


def lies_over_its_photo(made: BackgroundGenerated, image: BlobRef) -> bool:
    """Whether the photo's mask fits the picture: the product is where the photo has it, at the photo's size."""
    sizes = {(image.width, image.height), (made.photo.width, made.photo.height)} - {(None, None)}
    return len(sizes) <= 1 and made.scene.placement.mode == "original"


def option_of(blobs: BlobStore, product_id: str, request_id: str, image_sha256: str) -> Option:
    """An option as its request's manifest has it. Raises NotKnown for a picture that the request did not make."""
    made = request_made(blobs, request_id, product_id)
    one = next((one for one in made.images if one.image.sha256 == image_sha256), None)
    if one is None:
        raise NotKnown("option_not_known", f"request {request_id} has no option {image_sha256[:12]}…")
    return Option(
        product_id=product_id,
        request_id=request_id,
        image=one.image,
        mask=made.mask if lies_over_its_photo(made, one.image) else None,
        captions=(one.prompt,),
        plate=one.plate or "",
        model=one.model,
    )
