"""What is painted: one scene of one product, and the seed that makes it the same picture each time. Pure."""

import hashlib
from dataclasses import dataclass

from shared.contracts.blobs import BlobRef
from shared.contracts.events import Caption, ProductCaptioned, Scene


@dataclass(frozen=True)
class SceneRequest:
    """One scene of one product; `index` is its place among the scenes that came with the product."""

    product: ProductCaptioned
    request_id: str
    scene: Scene
    index: int = 0

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
        return int(hashlib.sha256(self.request_id.encode()).hexdigest()[:8], 16)
