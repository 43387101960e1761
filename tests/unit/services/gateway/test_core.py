"""What a brand says becomes events: photos, masks, clicks, scenes and withdrawals, without HTTP and without SQL."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from services.gateway.core import (
    CorrectMask,
    NewPhoto,
    NoRefiner,
    SubmitProduct,
    Uploads,
    check_reference,
    extent,
    fingerprint,
    png_of,
    prefix_of,
    request_background,
    withdraw,
)
from services.gateway.pictures.clicking import SmallPhotos
from services.gateway.ports import Click
from services.gateway.records import Product
from shared.contracts.blobs import digest
from shared.contracts.errors import BadImage, BadRequest, NotKnown
from shared.contracts.events import ImageSource, ProductFacts, ProductSegmented, ProductSubmitted, Scene, Segmentation
from shared.contracts.images import decode_mask, decode_photo, encode_image
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.mask_refiner import DiscRefiner

NOW = 1_790_000_000_000  # a clock that stands still, in milliseconds
MUG = ProductFacts(title="Mug")
SEEN = datetime(2026, 1, 1, tzinfo=UTC)


def a_photo(width: int = 48, height: int = 32) -> bytes:
    rgb = np.full((height, width, 3), 200, np.uint8)
    rgb[8:24, 8:24] = 40
    return encode_image(rgb)


def a_mask(width: int = 48, height: int = 32) -> bytes:
    grey = np.zeros((height, width), np.uint8)
    grey[8:24, 8:24] = 255
    return encode_image(grey)


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def submit(blobs: MemoryBlobs) -> SubmitProduct:
    return SubmitProduct(Uploads(blobs), clock=lambda: NOW)


@pytest.fixture
def masks(blobs: MemoryBlobs) -> CorrectMask:
    return CorrectMask(Uploads(blobs), SmallPhotos(blobs), DiscRefiner(), clock=lambda: NOW)


def segmented(blobs: MemoryBlobs, **given: Any) -> Product:
    """A product of the tenant `acme` whose photo was seen."""
    stored = blobs.put("images/mug.png", a_photo(), "image/png").model_copy(update={"width": 48, "height": 32})
    refused = Segmentation(mask=None, refusal="no_product", refusal_detail="nothing stands there", segmenter="sam-1")
    told = ProductSegmented(product_id="acme::mug", image=stored, facts=MUG, segmentation=refused, revision=10)
    said = told.model_copy(update=given)
    return Product(product_id="acme::mug", tenant="acme", stage="segmented", created=SEEN, updated=SEEN, segmented=said)


def test_a_photo_is_stored_under_its_tenant_by_its_content(submit: SubmitProduct, blobs: MemoryBlobs) -> None:
    said = submit("acme", NewPhoto(data=a_photo(), product_id="mug", facts=MUG, scenes=(Scene(prompt="on oak"),)))
    key = f"uploads/acme/{digest(a_photo())}.png"
    assert said == ProductSubmitted(
        product_id="acme::mug", image=ImageSource(key=key), facts=MUG, scenes=(Scene(prompt="on oak"),), revision=NOW
    )
    assert blobs.stored[key] == (a_photo(), "image/png")


def test_urls_are_handed_on_and_nothing_is_stored(submit: SubmitProduct, blobs: MemoryBlobs) -> None:
    said = submit("default", NewPhoto(url="https://a.example/mug.jpg", mask_url="https://a.example/mask.png"))
    assert said.image == ImageSource(url="https://a.example/mug.jpg")
    assert said.mask == ImageSource(url="https://a.example/mask.png") and blobs.stored == {}


def test_a_product_without_a_name_gets_one_of_its_own(submit: SubmitProduct) -> None:
    names = [submit("acme", NewPhoto(url="https://a.example/mug.jpg")).product_id for _ in range(2)]
    assert names[0] != names[1]
    assert all(name.startswith("acme::product-") and len(name) == len("acme::product-") + 16 for name in names)


@pytest.mark.parametrize("photo", [a_photo(), None])
def test_a_mask_is_stored_beside_its_photo(photo: bytes | None, submit: SubmitProduct, blobs: MemoryBlobs) -> None:
    said = submit("acme", NewPhoto(data=photo, url=None if photo else "https://a.example/mug.jpg", mask=a_mask()))
    key = f"uploads/acme/{digest(a_mask())}.png"
    assert said.mask == ImageSource(key=key) and blobs.get(key) == a_mask()


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        (NewPhoto(data=a_photo(), mask=a_mask(32, 48)), "mask_size"),
        (NewPhoto(data=a_photo()[:120]), "image_broken"),
        (NewPhoto(url="https://a.example/mug.jpg", mask=b"GIF89a" + bytes(50)), "not_an_image"),
    ],
)
def test_what_can_be_told_of_the_files_is_told_at_once(photo: NewPhoto, reason: str, submit: SubmitProduct) -> None:
    with pytest.raises(BadImage) as refused:
        submit("acme", photo)
    assert refused.value.reason == reason


def test_a_scene_of_a_photo_may_show_only_what_its_tenant_uploaded(submit: SubmitProduct) -> None:
    ours, theirs = (Scene(reference=ImageSource(key=f"uploads/{name}/a.png")) for name in ("acme", "other"))
    assert submit("acme", NewPhoto(data=a_photo(), scenes=(ours,))).scenes == (ours,)
    with pytest.raises(BadRequest, match="POST /v1/references"):
        submit("acme", NewPhoto(data=a_photo(), scenes=(Scene(), theirs)))


@pytest.mark.parametrize(
    "key",
    [
        "uploads/acme-2/a.png",
        "uploads/acme/../other/a.png",
        "images/a.png",
        "uploads/acme",
    ],
)
def test_no_way_leads_to_the_bytes_of_others(key: str) -> None:
    with pytest.raises(BadRequest) as refused:
        check_reference("acme", Scene(reference=ImageSource(key=key)))
    assert refused.value.reason == "reference_not_yours"
    assert str(refused.value.message) == "upload the picture with POST /v1/references and give the key it names"


def test_ones_own_bytes_and_addresses_may_be_shown() -> None:
    check_reference("acme", Scene(reference=ImageSource(key=prefix_of("acme") + "a.png")))
    check_reference("acme", Scene(reference=ImageSource(url="https://a.example/x.png")))
    check_reference("acme", Scene())


@pytest.mark.parametrize(("revision", "newer"), [(10, NOW), (NOW, NOW + 1), (NOW + 5, NOW + 6)])
def test_a_corrected_mask_tells_the_product_anew_and_wins(
    revision: int, newer: int, masks: CorrectMask, blobs: MemoryBlobs
) -> None:
    said = masks.save(segmented(blobs, revision=revision), a_mask())
    key = f"uploads/acme/{digest(a_mask())}.png"
    assert said == ProductSubmitted(
        product_id="acme::mug",
        image=ImageSource(key="images/mug.png"),
        facts=MUG,
        mask=ImageSource(key=key),
        revision=newer,
    )
    assert blobs.get(key) == a_mask()


def test_a_mask_of_another_size_is_not_saved(masks: CorrectMask, blobs: MemoryBlobs) -> None:
    with pytest.raises(BadImage):
        masks.save(segmented(blobs), a_mask(32, 48))
    assert not list(blobs.keys("uploads/"))


@pytest.mark.parametrize("untold", [("width", "height"), ("height",)])
def test_a_photo_is_read_for_a_mask_only_where_nobody_told_its_size(
    untold: tuple[str, ...], masks: CorrectMask, blobs: MemoryBlobs
) -> None:
    product = segmented(blobs)
    assert product.segmented is not None
    less = segmented(blobs, image=product.segmented.image.model_copy(update=dict.fromkeys(untold)))
    assert masks.save(less, a_mask()).image == ImageSource(key="images/mug.png")
    with pytest.raises(BadImage):
        masks.save(less, a_mask(32, 48))
    blobs.stored.clear()
    assert masks.save(product, a_mask()).image == ImageSource(key="images/mug.png")


def test_clicks_propose_a_mask_and_store_nothing(masks: CorrectMask, blobs: MemoryBlobs) -> None:
    proposed = masks.propose(segmented(blobs), (Click(0.5, 0.5),), None)
    assert proposed.shape == (32, 48) and proposed[16, 24] == 255 and proposed[0, 0] == 0
    assert masks.propose(segmented(blobs), (Click(0.5, 0.5),), None, longest_side=24).shape == (16, 24)
    assert list(blobs.stored) == ["images/mug.png"]


def test_the_model_sees_the_photo_the_clicks_and_the_box(blobs: MemoryBlobs) -> None:
    asked: list[tuple[Any, ...]] = []

    class Listening(DiscRefiner):
        def refine(self, picture: bytes, sha256: str, clicks: Any, box: Any) -> Any:
            rgb = decode_photo(picture).rgb
            asked.append((rgb.shape, int(rgb[16, 16, 0]), clicks, box))
            return super().refine(picture, sha256, clicks, box)

    clicks, box = (Click(0.5, 0.5), Click(0.1, 0.1, keep=False)), (0.1, 0.2, 0.9, 0.8)
    CorrectMask(Uploads(blobs), SmallPhotos(blobs), Listening()).propose(segmented(blobs), clicks, box)
    assert asked == [((32, 48, 3), 40, clicks, box)]


def test_clicks_without_a_model_name_the_setting(blobs: MemoryBlobs) -> None:
    with pytest.raises(NoRefiner) as missing:
        CorrectMask(Uploads(blobs), SmallPhotos(blobs), None).propose(segmented(blobs), (), None)
    assert missing.value.reason == "no_mask_refiner"
    assert str(missing.value.message).startswith("clicks need a segmentation model in reach: set GATEWAY_REFINER")


def test_before_a_stage_has_seen_the_photo_there_is_nothing_to_mask(masks: CorrectMask, blobs: MemoryBlobs) -> None:
    unseen = segmented(blobs).model_copy(update={"segmented": None})
    for ask in (lambda: masks.save(unseen, a_mask()), lambda: masks.propose(unseen, (), None)):
        with pytest.raises(NotKnown) as early:
            ask()
        assert early.value.reason == "photo_not_seen_yet"
        assert str(early.value.message) == "the photo is still being looked at; try again in a moment"


def test_a_proposal_is_a_png_with_its_share_and_its_box() -> None:
    mask = np.zeros((32, 48), np.uint8)
    mask[8:24, 10:40] = 255
    assert extent(mask) == (16 * 30 / (32 * 48), (10, 8, 30, 16))
    assert (decode_mask(png_of(mask), (48, 32)) == mask).all()


def test_a_single_pixel_has_a_box_and_no_pixel_has_none() -> None:
    mask = np.zeros((4, 4), np.uint8)
    assert extent(mask) == (0.0, None)
    mask[2, 1:3] = 128, 127  # the first that counts as inside, the last that does not
    assert extent(mask) == (1 / 16, (1, 2, 1, 1))


def test_one_more_scene_is_asked_for_under_a_name_of_its_own_or_the_given_one() -> None:
    mug = "acme::mug"
    given = request_background(mug, Scene(prompt="on oak"), "r-1")
    assert (given.product_id, given.request_id, given.scene.prompt) == ("acme::mug", "r-1", "on oak")
    ours = Scene(reference=ImageSource(key="uploads/acme/a.png"))
    assert request_background(mug, ours).scene == ours
    names = {request_background(mug, Scene()).request_id for _ in range(2)}
    assert len(names) == 2 and {len(name) for name in names} == {len("request-") + 20}
    assert all(name.startswith("request-") for name in names)
    with pytest.raises(BadRequest):
        request_background(mug, Scene(reference=ImageSource(key="uploads/other/a.png")))


def test_an_opt_out_says_why_and_when(blobs: MemoryBlobs) -> None:
    before = datetime.now(UTC).timestamp()
    said = withdraw(segmented(blobs), "the owner asked")
    after = datetime.now(UTC).timestamp()
    assert (said.product_id, said.reason) == ("acme::mug", "the owner asked")
    assert int(before * 1000) <= said.revision <= int(after * 1000)


def test_requests_are_the_same_when_all_their_parts_are() -> None:
    assert fingerprint("POST", b"abc", 1) == fingerprint("POST", b"abc", "1")
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint(b"abc") != fingerprint(b"abd")
    assert fingerprint(b"abc") != fingerprint("b'abc'")
    assert len(fingerprint()) == 64
