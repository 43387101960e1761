"""What is painted: one scene of one product, and the seed that makes it the same picture each time. Pure."""

import hashlib
from dataclasses import dataclass

from shared.contracts.blobs import BlobRef
from shared.contracts.events import Caption, ProductCaptioned, Scene


@dataclass(frozen=True)
class SceneRequest:
    """One scene of one product; `index`: its place among those that came with the product, None for a later one."""

    product: ProductCaptioned
    request_id: str
    scene: Scene
    index: int | None = None

    @property
    def photo(self) -> BlobRef:
        """The submitted photo."""
        return self.product.image

    @property
    def mask(self) -> BlobRef:
        """The product's mask; only products that have one are asked for pictures."""
        assert self.product.segmentation.mask is not None, "a refused photo is answered before it is painted"
        return self.product.segmentation.mask

    @property
    def caption(self) -> Caption:
        """What the captioner said; the same holds."""
        assert self.product.caption is not None, "a photo without a caption is answered before it is painted"
        return self.product.caption

    @property
    def seed(self) -> int:
        """The scene's own, or one that follows from the request: the same request is the same picture."""
        if self.scene.seed is not None:
            return self.scene.seed
        return _number(self.request_id)

    @property
    def first_idea(self) -> int:
        """Where in the product's ideas its scenes begin: elsewhere for each product, each seed and each later request.

        Else all products of a catalogue would begin with the same kind of idea. Scenes that came together begin
        alike: each goes on where the one before it ended.
        """
        return _number(self.product.product_id) + (self.seed if self.index is None else self.scene.seed or 0)


def _number(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)
