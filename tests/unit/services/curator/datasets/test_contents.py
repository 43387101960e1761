"""What a dataset is made of: items read as they are needed, and what cannot be read left out and counted."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from weakref import WeakSet

import pytest

from services.curator.curator import Curator
from services.curator.datasets.contents import DatasetItem, MemberReader, engaged_items, judge_items, product_items
from services.curator.datasets.packing import Portion, Supplies, make, told
from services.curator.datasets.selection import RatedPicture, Splits
from services.curator.key_ranges import EVERY_KEY, KeyRange
from services.curator.records import EngagedPicture, Option, Review, Sample
from shared.contracts.blobs import BlobRef, digest
from shared.contracts.datasets import SampleRecord
from shared.contracts.errors import BadRequest
from shared.contracts.events import Placement, ProductCaptioned
from shared.contracts.manifests import manifest_key
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.catalogue import MemoryCatalogue

from .test_release import keep
from .test_release import review as painted

Captioned = Callable[..., ProductCaptioned]


def ref(name: str) -> BlobRef:
    return BlobRef(bucket="backdrop", key=f"images/{name}", sha256=digest(name.encode()), size=1)


def sample(name: str) -> Sample:
    return Sample(
        product_id=name,
        image=ref(name),
        mask=ref("mask"),
        captions=("a wall",),
        product="mug",
        promoted=True,
        may_train=True,
        reason="kept",
    )


def review(request_id: str, image: str, raters: int = 4, rater: str = "") -> Review:
    return Review(
        rater=rater,
        product_id="mug",
        request_id=request_id,
        image=ref(image),
        raters=raters,
        product_defects=0,
        background_defects=1,
    )


def supplies(blobs: MemoryBlobs) -> Supplies:
    return Supplies(MemoryCatalogue(), MemberReader(blobs=blobs))


def test_liked_samples_come_in_the_order_of_the_catalogue_with_their_scores() -> None:
    met = [EngagedPicture(picture=sample(name), windows=(), promoted=True) for name in "abc"]
    liked = [RatedPicture(met[2].key, 0.9), RatedPicture(met[0].key, 0.5)]
    items = list(engaged_items(liked, met))
    assert [(item.key, item.score) for item in items] == [(met[0].key, 0.5), (met[2].key, 0.9)]


def test_an_option_whose_product_was_moved_has_no_mask_and_is_left_out(
    captioned: Captioned, blobs: MemoryBlobs
) -> None:
    event = captioned("mug")
    painted = Option(
        product_id="mug",
        request_id="r-1",
        image=event.image,
        mask=event.segmentation.mask,
        captions=("on oak",),
        plate="oak-1",
        model="mini @ base",
    )
    met = [
        EngagedPicture(picture=one, windows=(), promoted=True, product="mug")
        for one in (painted, replace(painted, mask=None, request_id="r-2"))
    ]
    items = [DatasetItem(one.product_id, f"key-{n}", one, 0.5) for n, one in enumerate(met)]
    made, (member,) = make(Portion(items=tuple(items)), "engaged", Splits(), supplies(blobs))
    record = SampleRecord.model_validate_json(member.files["json"])
    assert (record.captions, record.kind, record.score) == (("on oak",), "engaged", 0.5)
    assert (record.attributes["painted_by"], record.attributes["plate"]) == ("mini @ base", "oak-1")
    assert made.missing == {"left_out.product_was_moved": 1} and made.sizes == [member.size]


def test_a_picture_is_one_pair_with_the_votes_of_all_its_raters_whichever_request_made_it() -> None:
    said = [review("r-1", "x", rater="ann"), review("r-2", "x", raters=2, rater="bob"), review("r-3", "y")]
    items = list(judge_items(said))  # of 4 and 2 raters each one saw a defect
    assert [item.key for item in items] == [digest(b"x")[:20], digest(b"y")[:20]]
    assert [item.score for item in items] == [pytest.approx(1 - 2 / 6), 0.75]


def test_a_rater_who_saw_one_picture_under_two_requests_votes_once_and_the_unnamed_as_often_as_they_were_told() -> None:
    named = [review("r-1", "x", raters=1, rater="ann"), review("r-2", "x", raters=1, rater="ann")]
    (item,) = judge_items(named)
    assert isinstance(item.source, Review) and item.source.raters == 1
    (item,) = judge_items([review("r-1", "x", raters=1), review("r-2", "x", raters=1)])
    assert isinstance(item.source, Review) and item.source.raters == 2


def test_a_review_whose_request_cannot_be_read_or_is_of_another_product_is_left_out_and_counted() -> None:
    blobs = MemoryBlobs()
    blobs.put(manifest_key("broken"), b"{half", "application/json")
    blobs.put(manifest_key("rejected"), b"{}", "application/json")
    reviews = [review("broken", "x"), review("rejected", "y"), review("gone", "z")]
    made, members = make(*told(judge_items(reviews)), "judge", Splits(), supplies(blobs))
    assert members == made.sizes == [] and len(made.pictures) == 3
    assert made.missing == {
        "left_out.request_unreadable": 1,
        "left_out.request_of_another": 1,
        "left_out.blob_missing": 1,
    }


class Watched(MemoryCatalogue):
    """Remembers how many of the samples it gave out were in memory at once."""

    def __init__(self) -> None:
        super().__init__()
        self.alive: WeakSet[Sample] = WeakSet()
        self.most = 0

    def kept(self, keys: KeyRange = EVERY_KEY) -> Iterator[Sample]:
        """Copies, so that only their reader keeps them alive."""
        for one in super().kept(keys):
            copy = Copy(**vars(one))
            self.alive.add(copy)
            self.most = max(self.most, len(self.alive))
            yield copy
            del copy


class Copy(Sample):
    """Told apart by identity, as a weak set needs it."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__


def test_a_release_has_few_samples_in_memory_however_many_there_are(
    curator: Curator, captioned: Captioned, blobs: MemoryBlobs
) -> None:
    watched = Watched()
    keep(replace(curator, curate=replace(curator.curate, catalogue=watched)), captioned, "mug")
    for number in range(60):  # their photos are gone: counted, and left out
        watched.put_samples([sample(f"product-{number}")])
    release = replace(curator.releases, catalogue=watched).release("product")
    assert release is not None and release.counts["left_out.blob_missing"] == 60
    assert release.samples == 1 and len(watched.members("product")) == 61
    assert 1 <= watched.most <= 4


def test_every_kept_sample_is_an_item() -> None:
    assert [item.product_id for item in product_items([sample("a"), sample("b")])] == ["a", "b"]


def test_a_review_of_a_picture_that_its_request_did_not_make_is_left_out_whatever_it_names(
    captioned: Captioned, curator: Curator, blobs: MemoryBlobs
) -> None:
    event, others = captioned("mug"), captioned("somebody else's mug, without consent").image
    painted(curator, blobs, event, "r-1", 1, Placement())
    foreign = replace(review("r-1", "x"), image=others)
    nowhere = replace(review("r-1", "x"), image=others.model_copy(update={"key": "../out", "sha256": "0" * 64}))
    made, members = make(*told(judge_items([foreign, nowhere])), "judge", Splits(), supplies(blobs))
    assert (members, made.missing) == ([], {"left_out.option_not_known": 2})


def test_a_member_that_can_never_be_read_is_left_out_and_keeps_no_other_back(
    captioned: Captioned, blobs: MemoryBlobs
) -> None:
    class Refusing(MemoryBlobs):
        def get(self, key: str, most: int | None = None) -> bytes:
            if key == refused.image.key:
                raise BadRequest("bad_key", "no key inside the store")
            return super().get(key, most)

    store = Refusing()
    events = [captioned("mug"), captioned("cup")]
    refused, store.stored = events[0], blobs.stored
    items = [DatasetItem(one.product_id, one.product_id, kept_of(one)) for one in events]
    made, (member,) = make(Portion(items=tuple(items)), "product", Splits(), supplies(store))
    assert (member.key, made.missing) == ("cup", {"left_out.bad_key": 1})


def kept_of(event: ProductCaptioned) -> Sample:
    return replace(sample(event.product_id), image=event.image, mask=event.segmentation.mask)
