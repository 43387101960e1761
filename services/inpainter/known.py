"""The products that can be asked for: a note for each revision, of which the newest counts. Pure."""

from dataclasses import dataclass

from shared.contracts.blobs import BlobStore, product_prefix, stage_key
from shared.contracts.events import ProductCaptioned

UNNUMBERED = "known"  # the one note of a product from before there were revisions


@dataclass(frozen=True)
class KnownProducts:
    """Notes `products/<id>/known-<revision>.json`. No note is compared with another before it is written.

    So two workers cannot undo each other, in whatever order they write; of one revision told twice the last note stays.
    """

    blobs: BlobStore

    def remember(self, event: ProductCaptioned) -> None:
        """Write the note of this revision."""
        key = stage_key(event.product_id, f"{UNNUMBERED}-{event.revision:016d}")
        self.blobs.put(key, event.model_dump_json().encode(), "application/json")

    def newest(self, product_id: str) -> ProductCaptioned | None:
        """The product as its newest revision tells it; None for one that nobody captioned yet."""
        numbered = list(self.blobs.keys(f"{product_prefix(product_id)}{UNNUMBERED}-"))
        unnumbered = stage_key(product_id, UNNUMBERED)
        if not numbered and self.blobs.find(unnumbered) is None:
            return None
        return ProductCaptioned.model_validate_json(self.blobs.get(numbered[-1] if numbered else unnumbered))
