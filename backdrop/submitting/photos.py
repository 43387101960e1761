"""Product photos as a brand hands them over: a folder of pictures, or a `products.jsonl` that lists them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from backdrop.submitting.catalogue import CATALOGUE_FILE, CatalogueEntry, ShopEngagement, Unreadable, read_catalogue
from shared.contracts.errors import BadRequest
from shared.contracts.events import ProductFacts
from shared.contracts.picture_files.limits import MAX_BYTES

PHOTO_SUFFIXES = {".jpg": "jpg", ".jpeg": "jpg", ".png": "png", ".webp": "webp"}
OTHER_PICTURES = {".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif", ".svg", ".psd", ".jp2"}


@dataclass(frozen=True, kw_only=True)
class ProductPhoto:
    """One photo to submit. `mask` is the merchant's own, `engagement` what the shop knows of how people met it."""

    product_id: str
    path: Path
    facts: ProductFacts = field(default_factory=ProductFacts)
    mask: Path | None = None
    engagement: ShopEngagement | None = None

    @property
    def extension(self) -> str:
        """The object key's extension; what the bytes really are is for the segmenter to say."""
        return PHOTO_SUFFIXES.get(self.path.suffix.lower(), "jpg")


@dataclass(frozen=True, kw_only=True)
class RefusedPhoto:
    """A photo that cannot even be submitted: a stable `reason` and the same in words a person understands."""

    product_id: str
    reason: str
    detail: str
    path: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Photos:
    """What a source holds, in its own order: photos to submit, and those refused with the reason."""

    submitted: tuple[ProductPhoto, ...]
    refused: tuple[RefusedPhoto, ...] = ()


def read_photos(source: Path) -> Photos:
    """Read a folder of photos, or the `products.jsonl` in it, or such a file itself; only names and sizes, no pixels.

    Raises BadRequest when there is nothing to read: `source_missing`, `no_photos`.
    """
    if not source.exists():
        raise BadRequest("source_missing", f"there is no folder or file {source}")
    if source.is_file():
        return _one_file(source)
    listed = source / CATALOGUE_FILE
    if listed.is_file():
        return _listed(listed)
    return _from_folder(source)


def _one_file(path: Path) -> Photos:
    """A list of products, or a single photo."""
    if path.suffix.lower() in PHOTO_SUFFIXES:
        return _checked([ProductPhoto(product_id=path.stem, path=path)])
    return _listed(path)


def _from_folder(folder: Path) -> Photos:
    """Every photo of the folder by name; subfolders are not read, and other kinds of files are not photos."""
    photos: list[ProductPhoto | RefusedPhoto] = []
    for path in sorted(entry for entry in folder.iterdir() if not entry.name.startswith(".")):
        suffix = path.suffix.lower()
        if suffix in PHOTO_SUFFIXES and path.is_file():
            photos.append(ProductPhoto(product_id=path.stem, path=path))
        elif suffix in OTHER_PICTURES:
            detail = f"{path.name} is a {suffix[1:].upper()} file; submit a JPEG, PNG or WebP picture"
            photos.append(RefusedPhoto(product_id=path.stem, reason="format_not_taken", detail=detail, path=path))
    if not photos:
        raise BadRequest(
            "no_photos", f"no photos in {folder}: put JPEG, PNG or WebP pictures or a {CATALOGUE_FILE} there"
        )
    return _checked(photos)


def _listed(path: Path) -> Photos:
    """The photos a products file names, relative to the file."""
    photos = [_photo_of(entry, path.parent) for entry in read_catalogue(path)]
    if not photos:
        raise BadRequest(
            "no_photos", f"{path} lists no products: one JSON object a line, with `product_id` and `image`"
        )
    return _checked(photos)


def _photo_of(entry: CatalogueEntry | Unreadable, folder: Path) -> ProductPhoto | RefusedPhoto:
    if isinstance(entry, Unreadable):
        return RefusedPhoto(product_id=entry.where, reason=entry.reason, detail=entry.detail)
    if entry.image.startswith(("http://", "https://")):
        detail = "`image` is a web address; download the picture beside the list and name the file"
        return RefusedPhoto(product_id=entry.product_id, reason="image_is_a_url", detail=detail)
    return ProductPhoto(
        product_id=entry.product_id,
        path=folder / entry.image,
        facts=entry.facts,
        mask=folder / entry.mask if entry.mask else None,
        engagement=entry.engagement,
    )


def _checked(photos: Iterable[ProductPhoto | RefusedPhoto]) -> Photos:
    """Set apart what cannot be submitted; the rest keeps its order."""
    submitted: dict[str, ProductPhoto] = {}
    refused: list[RefusedPhoto] = []
    for photo in photos:
        refusal = photo if isinstance(photo, RefusedPhoto) else _refusal(photo, submitted)
        if refusal is not None:
            refused.append(refusal)
        elif isinstance(photo, ProductPhoto):
            submitted[photo.product_id] = photo
    return Photos(submitted=tuple(submitted.values()), refused=tuple(refused))


def _refusal(photo: ProductPhoto, earlier: dict[str, ProductPhoto]) -> RefusedPhoto | None:
    """Why a photo cannot be submitted, from its name and size alone."""
    reason = detail = ""
    if not photo.path.is_file():
        reason, detail = "image_missing", f"there is no file {photo.path}"
    elif photo.mask is not None and not photo.mask.is_file():
        reason, detail = "mask_missing", f"there is no mask file {photo.mask}"
    elif photo.path.stat().st_size > MAX_BYTES:
        megabytes = photo.path.stat().st_size / 1e6
        reason, detail = (
            "image_too_heavy",
            f"the file has {megabytes:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are taken",
        )
    elif photo.product_id in earlier:
        other = earlier[photo.product_id].path.name
        reason, detail = "duplicate_product_id", f"{other} already has the product id {photo.product_id!r}; rename one"
    if not reason:
        return None
    return RefusedPhoto(product_id=photo.product_id, reason=reason, detail=detail, path=photo.path)
