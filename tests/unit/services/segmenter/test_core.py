"""Whose mask counts, what is stored, what is announced."""

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from services.segmenter.core import SegmentProduct
from shared.contracts.blobs import digest, fetch
from shared.contracts.errors import BadImage, BadRequest, NotKnown
from shared.contracts.events import Box, ImageSource, ProductSubmitted, Scene
from shared.contracts.images import decode_mask, encode_image
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.image_fetcher import FakeImageFetcher
from tests.fakes.segmenter import FakeSegmenter
from tests.fakes.studio import SIDE, blank, disc, iou, with_product, with_shadow

RED = (200, 30, 40)


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def segment(blobs: MemoryBlobs) -> SegmentProduct:
    return SegmentProduct(FakeSegmenter(), FakeImageFetcher(), blobs)


def submitted(blobs: MemoryBlobs, data: bytes, **fields: object) -> ProductSubmitted:
    blobs.put("uploads/photo", data, "application/octet-stream")
    return ProductSubmitted(product_id="p1", image=ImageSource(key="uploads/photo"), **fields)


def png(rgb: np.ndarray) -> bytes:
    return encode_image(rgb, "png")


def stored_mask(blobs: MemoryBlobs, key: str, size: tuple[int, int] = (SIDE, SIDE)) -> np.ndarray:
    return decode_mask(blobs.get(key), size)


def test_a_packshot_is_answered_with_its_products_mask(segment: SegmentProduct, blobs: MemoryBlobs) -> None:
    photo = png(with_product(blank(), disc(), RED))
    answer = segment(submitted(blobs, photo)).segmentation
    assert answer.refusal is None and answer.mask is not None
    assert iou(stored_mask(blobs, answer.mask.key), disc()) > 0.97
    assert (answer.mask.width, answer.mask.height) == (SIDE, SIDE)
    assert answer.backdrop == "plain"
    assert answer.area == pytest.approx((disc() > 0).mean(), rel=0.03)
    assert answer.border_contact == ()
    assert answer.box is not None and abs(answer.box.x - 90) <= 2 and abs(answer.box.width - 141) <= 4


def test_the_stored_mask_is_one_channel_of_only_0_and_255(segment: SegmentProduct, blobs: MemoryBlobs) -> None:
    answer = segment(submitted(blobs, png(with_product(blank(), disc(), RED)))).segmentation
    assert answer.mask is not None
    image = Image.open(io.BytesIO(blobs.get(answer.mask.key)))
    assert image.format == "PNG" and image.mode == "L"
    assert set(np.unique(np.asarray(image))) == {0, 255}


def test_the_submitted_bytes_are_kept_under_their_own_hash(segment: SegmentProduct, blobs: MemoryBlobs) -> None:
    photo = png(with_product(blank(), disc(), RED))
    image = segment(submitted(blobs, photo)).image
    assert image.key == f"images/{digest(photo)}.png"
    assert blobs.get(image.key) == photo
    assert (image.width, image.height, image.size) == (SIDE, SIDE, len(photo))


def test_a_merchants_mask_is_not_touched(segment: SegmentProduct, blobs: MemoryBlobs) -> None:
    odd = np.zeros((SIDE, SIDE), np.uint8)
    odd[10:30, 20:200] = 255
    blobs.put("uploads/mask.png", png(odd), "image/png")
    event = submitted(blobs, png(with_product(blank(), disc(), RED)), mask=ImageSource(key="uploads/mask.png"))
    answer = segment(event).segmentation
    assert answer.mask is not None and answer.segmenter == "merchant" and answer.confidence == 1.0
    assert np.array_equal(stored_mask(blobs, answer.mask.key), odd)
    assert answer.box == Box(x=20, y=10, width=180, height=20)
    assert answer.given_mask == digest(png(odd))
    assert isinstance(segment.segmenter, FakeSegmenter) and segment.segmenter.asked == 0


def test_a_merchants_mask_may_come_from_a_url(blobs: MemoryBlobs) -> None:
    fetcher = FakeImageFetcher({"https://shop.example/mask.png": png(disc())})
    event = submitted(blobs, png(blank()), mask=ImageSource(url="https://shop.example/mask.png"))
    answer = SegmentProduct(FakeSegmenter(), fetcher, blobs)(event).segmentation
    assert answer.mask is not None
    assert np.array_equal(stored_mask(blobs, answer.mask.key), disc())


def test_a_merchants_mask_of_another_size_is_refused_with_a_reason(segment: SegmentProduct, blobs: MemoryBlobs) -> None:
    blobs.put("uploads/mask.png", png(disc(side=100)), "image/png")
    event = submitted(blobs, png(blank()), mask=ImageSource(key="uploads/mask.png"))
    with pytest.raises(BadImage) as caught:
        segment(event)
    assert caught.value.reason == "mask_size"


def test_an_empty_merchants_mask_is_answered_with_no_product(segment: SegmentProduct, blobs: MemoryBlobs) -> None:
    blobs.put("uploads/mask.png", png(np.zeros((SIDE, SIDE), np.uint8)), "image/png")
    event = submitted(blobs, png(blank()), mask=ImageSource(key="uploads/mask.png"))
    answer = segment(event).segmentation
    assert (answer.refusal, answer.mask) == ("no_product", None)
    assert answer.refusal_detail == "the mask given (merchant) is empty"


def test_an_alpha_channel_is_honoured_as_it_is(segment: SegmentProduct, blobs: MemoryBlobs) -> None:
    rgba = np.dstack([with_product(blank(), disc(), RED), disc((100, 200), 50)])
    answer = segment(submitted(blobs, png(rgba))).segmentation
    assert answer.mask is not None and answer.segmenter == "alpha" and answer.confidence == 1.0
    assert np.array_equal(stored_mask(blobs, answer.mask.key), disc((100, 200), 50))
    assert isinstance(segment.segmenter, FakeSegmenter) and segment.segmenter.asked == 0


def test_an_alpha_channel_that_cuts_nothing_out_is_left_to_the_model(
    segment: SegmentProduct, blobs: MemoryBlobs
) -> None:
    alpha = np.full((SIDE, SIDE), 255, np.uint8)
    alpha[0, 0] = 0
    answer = segment(submitted(blobs, png(np.dstack([with_product(blank(), disc(), RED), alpha])))).segmentation
    assert answer.segmenter.startswith("fake-1")


def test_a_photo_at_a_url_is_fetched_and_kept(blobs: MemoryBlobs) -> None:
    photo = png(with_product(blank(), disc(), RED))
    fetcher = FakeImageFetcher({"https://shop.example/p.png": photo})
    event = ProductSubmitted(product_id="p1", image=ImageSource(url="https://shop.example/p.png"))
    answer = SegmentProduct(FakeSegmenter(), fetcher, blobs)(event)
    assert blobs.get(answer.image.key) == photo
    assert answer.segmentation.mask is not None


def test_a_redelivery_re_announces_without_touching_the_model(segment: SegmentProduct, blobs: MemoryBlobs) -> None:
    event = submitted(blobs, png(with_product(blank(), disc(), RED)), scenes=(Scene(prompt="on marble"),))
    first, second = segment(event), segment(event)
    assert first == second and second.scenes == event.scenes
    assert isinstance(segment.segmenter, FakeSegmenter) and segment.segmenter.asked == 1


def test_a_photo_submitted_again_is_not_segmented_again_and_carries_its_new_number(
    segment: SegmentProduct, blobs: MemoryBlobs
) -> None:
    event = submitted(blobs, png(with_product(blank(), disc(), RED)), revision=5)
    first, again = segment(event), segment(event.model_copy(update={"revision": 9}))
    assert (first.revision, again.revision) == (5, 9)
    assert again == first.model_copy(update={"revision": 9})
    assert segment(event) == first  # the redelivery of the older one stays the older one
    assert isinstance(segment.segmenter, FakeSegmenter) and segment.segmenter.asked == 1


def test_an_unnumbered_photo_gets_the_time_it_was_first_seen_however_often_it_comes(blobs: MemoryBlobs) -> None:
    times = iter([1000, 2000, 3000])
    segment = SegmentProduct(FakeSegmenter(), FakeImageFetcher(), blobs, clock=lambda: next(times))
    event = submitted(blobs, png(with_product(blank(), disc(), RED)))
    assert [segment(event).revision for _ in range(3)] == [1000, 1000, 1000]
    other = submitted(blobs, png(with_product(blank(), disc(radius=50), RED)))
    assert segment(other).revision == 2000


def test_a_new_photo_of_a_known_product_is_new_work(segment: SegmentProduct, blobs: MemoryBlobs) -> None:
    first = segment(submitted(blobs, png(with_product(blank(), disc(), RED))))
    second = segment(submitted(blobs, png(with_product(blank(), disc(radius=50), RED))))
    assert first.image.sha256 != second.image.sha256
    assert first.segmentation.area > second.segmentation.area


def test_another_segmenter_is_new_work_and_keeps_its_own_mask(segment: SegmentProduct, blobs: MemoryBlobs) -> None:
    event = submitted(blobs, png(with_product(blank(), disc(), RED)))
    old, new = segment(event), SegmentProduct(FakeSegmenter("fake-2"), FakeImageFetcher(), blobs)(event)
    assert old.segmentation.mask is not None and new.segmentation.mask is not None
    assert old.segmentation.mask.key != new.segmentation.mask.key


URL = "https://shop.example/p.png"


def served(*photos: bytes) -> "ChangingWeb":
    return ChangingWeb(list(photos))


class ChangingWeb:
    """A web on which every visit finds the next picture, and after the last one nothing."""

    def __init__(self, pictures: list[bytes]) -> None:
        self.pictures, self.visits = pictures, 0

    def fetch(self, url: str) -> bytes:
        """The picture of this visit."""
        self.visits += 1
        if self.visits > len(self.pictures):
            raise BadImage("url_refused", f"{url} answers 404 for this image")
        return self.pictures[self.visits - 1]


def at_url(**fields: object) -> ProductSubmitted:
    return ProductSubmitted(product_id="p1", image=ImageSource(url=URL), **fields)


def test_three_deliveries_of_one_event_with_a_url_fetch_once_and_give_one_answer(blobs: MemoryBlobs) -> None:
    one, other = (png(with_product(blank(), disc(radius=radius), RED)) for radius in (70, 50))
    web = served(one, other)
    segment = SegmentProduct(FakeSegmenter(), web, blobs)
    first, second, third = (segment(at_url()) for _ in range(3))
    assert first == second == third and first.image.sha256 == digest(one)
    assert web.visits == 1


def test_a_new_number_or_wish_on_a_known_url_looks_again(blobs: MemoryBlobs) -> None:
    one, other = (png(with_product(blank(), disc(radius=radius), RED)) for radius in (70, 50))
    web = served(one, other, other)
    segment = SegmentProduct(FakeSegmenter(), web, blobs)
    answers = [segment(at_url(revision=1)), segment(at_url(revision=2)), segment(at_url(scenes=(Scene(prompt="x"),)))]
    assert [answer.image.sha256 for answer in answers] == [digest(one), digest(other), digest(other)]
    assert [answer.revision for answer in answers[:2]] == [1, 2]


def test_a_new_number_on_an_unchanged_url_does_not_touch_the_model_again(blobs: MemoryBlobs) -> None:
    photo = png(with_product(blank(), disc(), RED))
    segment = SegmentProduct(FakeSegmenter(), served(photo, photo), blobs)
    first, second = segment(at_url(revision=1)), segment(at_url(revision=2))
    assert second == first.model_copy(update={"revision": 2})
    assert isinstance(segment.segmenter, FakeSegmenter) and segment.segmenter.asked == 1


def test_of_two_workers_that_fetched_different_pictures_the_first_answer_counts(blobs: MemoryBlobs) -> None:
    one, other = (png(with_product(blank(), disc(radius=radius), RED)) for radius in (70, 50))
    first = SegmentProduct(FakeSegmenter(), served(one), blobs)(at_url())
    late = LateBlobs(blobs)
    assert SegmentProduct(FakeSegmenter(), served(other), late)(at_url()) == first


def test_a_mask_at_a_url_is_fetched_once_for_one_event_as_well(blobs: MemoryBlobs) -> None:
    web = served(png(disc()), png(disc(radius=50)))
    segment = SegmentProduct(FakeSegmenter(), web, blobs)
    event = submitted(blobs, png(blank()), mask=ImageSource(url="https://shop.example/mask.png"))
    assert segment(event) == segment(event)
    assert web.visits == 1


def test_a_mask_that_changed_under_its_key_is_new_work(segment: SegmentProduct, blobs: MemoryBlobs) -> None:
    event = submitted(blobs, png(blank()), mask=ImageSource(key="uploads/mask.png"))
    areas = []
    for radius in (70, 50):
        blobs.put("uploads/mask.png", png(disc(radius=radius)), "image/png")
        areas.append(segment(event).segmentation.area)
    assert areas[0] > areas[1]


def test_a_mask_that_was_announced_keeps_its_bytes_when_the_segmenter_changes_its_mind(blobs: MemoryBlobs) -> None:
    ground = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8), (0, 0), 4)
    photo = png(with_product(ground, disc(), RED))
    masks = [
        SegmentProduct(model, FakeImageFetcher(), blobs)(
            submitted(blobs, photo, scenes=(Scene(),) * n)
        ).segmentation.mask
        for n, model in enumerate((FakeSegmenter(), ChangedItsMind()))
    ]
    one, other = [mask for mask in masks if mask is not None]
    assert fetch(blobs, one) != fetch(blobs, other)


class ChangedItsMind(FakeSegmenter):
    """The same version with another answer: another machine, other versions of the libraries."""

    def candidates(self, rgb, prompts):  # type: ignore[no-untyped-def]
        found = super().candidates(rgb, prompts)
        return tuple(replace(one, probability=np.roll(one.probability, 60, 0)) for one in found)


def test_bytes_that_lie_under_anothers_hash_are_put_right(segment: SegmentProduct, blobs: MemoryBlobs) -> None:
    photo = png(with_product(blank(), disc(), RED))
    blobs.put(f"images/{digest(photo)}.png", b"something else", "image/png")
    image = segment(submitted(blobs, photo)).image
    assert fetch(blobs, image) == photo


@pytest.mark.parametrize("where", ["image", "mask"])
def test_a_key_outside_the_submitted_images_is_refused(segment: SegmentProduct, blobs: MemoryBlobs, where: str) -> None:
    blobs.put("datasets/secret.png", png(disc()), "image/png")
    event = submitted(blobs, png(blank()), mask=ImageSource(key="uploads/photo"))
    with pytest.raises(BadRequest) as caught:
        segment(event.model_copy(update={where: ImageSource(key="datasets/secret.png")}))
    assert caught.value.reason == "key_not_allowed"


def test_of_two_workers_the_second_announces_what_the_first_wrote(blobs: MemoryBlobs) -> None:
    event = submitted(blobs, png(with_product(blank(), disc(), RED)))
    first = SegmentProduct(FakeSegmenter(), FakeImageFetcher(), blobs)(event)
    late = LateBlobs(blobs)
    assert SegmentProduct(FakeSegmenter(), FakeImageFetcher(), late)(event) == first


class LateBlobs(MemoryBlobs):
    """The same store as seen by a worker that looked for the manifest just before it was written."""

    def __init__(self, other: MemoryBlobs) -> None:
        super().__init__()
        self.stored, self._looked = other.stored, False

    def find(self, key: str):  # type: ignore[no-untyped-def]
        if key.startswith("products/") and not self._looked:
            self._looked = True
            return None
        return super().find(key)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xd8\xff\xe0 this is no picture", "image_broken"),
        (b"", "not_an_image"),
        (encode_image(np.zeros((1, 1, 3), np.uint8), "png"), "image_too_small"),
        (encode_image(with_product(blank(), disc(), RED), "jpeg")[:2000], "image_broken"),
    ],
)
def test_bytes_that_are_no_usable_photo_are_refused_with_a_reason(
    segment: SegmentProduct, blobs: MemoryBlobs, data: bytes, reason: str
) -> None:
    with pytest.raises(BadImage) as caught:
        segment(submitted(blobs, data))
    assert caught.value.reason == reason


def test_a_picture_of_200_megapixels_is_refused_before_it_is_decoded(
    segment: SegmentProduct, blobs: MemoryBlobs
) -> None:
    buffer = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(buffer, "PNG")
    with pytest.raises(BadImage) as caught:
        segment(submitted(blobs, buffer.getvalue()))
    assert caught.value.reason == "image_too_large"


def test_a_key_with_nothing_behind_it_is_refused(segment: SegmentProduct) -> None:
    with pytest.raises(NotKnown):
        segment(ProductSubmitted(product_id="p1", image=ImageSource(key="uploads/nothing")))


def test_an_empty_studio_is_announced_as_no_product(segment: SegmentProduct, blobs: MemoryBlobs) -> None:
    answer = segment(submitted(blobs, png(with_shadow(blank(), (160, 200), (80, 10), 0.02, 8)))).segmentation
    assert (answer.refusal, answer.mask, answer.confidence) == ("no_product", None, 0.0)
    assert answer.refusal_detail
