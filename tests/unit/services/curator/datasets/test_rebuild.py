"""A version comes out of its manifest again as it was, byte for byte; who was withdrawn since does not come back."""

from collections.abc import Callable

import pytest

from services.curator.curator import Curator
from services.curator.datasets.rebuild import RebuildDataset
from services.curator.datasets.recipes import DatasetItem, line_of, steps_of
from services.curator.records import EngagedPicture, Option, Release, Review, Sample
from shared.contracts.blobs import BlobRef, digest
from shared.contracts.errors import BadRequest, NotKnown, PromiseBroken
from shared.contracts.events import ProductCaptioned, ProductWithdrawn
from tests.fakes.blobs import MemoryBlobs

from ..conftest import scene
from .test_release import NAMES, keep

Captioned = Callable[..., ProductCaptioned]
REF = BlobRef(bucket="backdrop", key="images/one.png", sha256=digest(b"one"), size=3, width=8, height=8)
SAMPLE = Sample(
    product_id="mug",
    image=REF,
    mask=REF,
    captions=("a wall",),
    product="mug",
    promoted=True,
    may_train=True,
    reason="kept",
    scores={"sharpness": 0.1},
)
OPTION = Option(product_id="mug", request_id="r", image=REF, mask=None, captions=("oak",), plate="oak-1", model="m")
REVIEW = Review(product_id="mug", request_id="r", image=REF, raters=3, product_defects=1, background_defects=0)


@pytest.fixture
def release(curator: Curator, captioned: Captioned) -> Release:
    keep(curator, captioned, *NAMES)
    found = curator.release("product")
    assert found is not None
    return found


@pytest.fixture
def rebuild(curator: Curator, blobs: MemoryBlobs) -> RebuildDataset:
    return RebuildDataset(catalogue=curator.catalogue, blobs=blobs)


def shard_key(release: Release) -> str:
    return f"datasets/product/{release.version}/shard-00000.tar"


def test_a_lost_and_a_changed_shard_come_back_byte_for_byte_whatever_the_catalogue_says_by_now(
    curator: Curator, captioned: Captioned, rebuild: RebuildDataset, release: Release, blobs: MemoryBlobs
) -> None:
    curator.curate([captioned(NAMES[0], title="another title").model_copy(update={"revision": 5})])
    before = blobs.stored[shard_key(release)]
    for found in ("as it was", "changed", "missing"):
        if found == "changed":
            blobs.stored[shard_key(release)] = (b"broken", "application/x-tar")
        elif found == "missing":
            del blobs.stored[shard_key(release)]
        assert [one.found for one in rebuild("product", release.version)] == [found]
        assert blobs.stored[shard_key(release)] == before


def test_looking_writes_nothing(rebuild: RebuildDataset, release: Release, blobs: MemoryBlobs) -> None:
    del blobs.stored[shard_key(release)]
    assert [one.found for one in rebuild("product", release.version, write=False)] == ["missing"]
    assert shard_key(release) not in blobs.stored


def test_who_was_withdrawn_since_does_not_come_back(
    curator: Curator, rebuild: RebuildDataset, release: Release, blobs: MemoryBlobs
) -> None:
    curator.withdraw(ProductWithdrawn(product_id=NAMES[1]))
    del blobs.stored[shard_key(release)]
    with pytest.raises(BadRequest, match=rf"{NAMES[1]}: withdrawn since {release.version}"):
        list(rebuild("product", release.version))
    assert shard_key(release) not in blobs.stored


def test_a_photo_of_which_the_yes_was_taken_back_does_not_come_back_though_another_of_its_product_has_one(
    curator: Curator, captioned: Captioned, rebuild: RebuildDataset, release: Release, blobs: MemoryBlobs
) -> None:
    old, new = captioned(NAMES[1]), captioned(NAMES[1], scene(7))
    curator.curate([captioned(NAMES[1], may_train=False).model_copy(update={"revision": 5})])
    assert [one.verdict for one in curator.curate([new.model_copy(update={"revision": 6})])] == ["kept"]
    del blobs.stored[shard_key(release)]
    with pytest.raises(BadRequest, match=rf"{NAMES[1]}: withdrawn since {release.version}"):
        list(rebuild("product", release.version))
    assert shard_key(release) not in blobs.stored
    curator.curate([old.model_copy(update={"revision": 7})])
    assert [one.found for one in rebuild("product", release.version)] == ["missing"]


def test_what_cannot_come_out_as_it_was_is_refused_by_name(
    rebuild: RebuildDataset, release: Release, blobs: MemoryBlobs
) -> None:
    prefix = f"datasets/product/{release.version}/"
    manifest, _ = blobs.stored[prefix + "manifest.json"]
    blobs.stored[prefix + "manifest.json"] = (manifest.replace(b'"longest_side": 1024', b'"longest_side": 64'), "")
    with pytest.raises(PromiseBroken, match="comes out other"):
        list(rebuild("product", release.version))
    del blobs.stored[prefix + "recipes/shard-00000.jsonl"]
    with pytest.raises(NotKnown) as caught:
        list(rebuild("product", release.version))
    assert caught.value.reason == "no_recipe"


@pytest.mark.parametrize(
    "source",
    [
        SAMPLE,
        EngagedPicture(picture=SAMPLE, windows=(), promoted=True),
        EngagedPicture(picture=OPTION, windows=(), promoted=False),
        REVIEW,
    ],
)
def test_a_line_of_a_recipe_says_all_that_a_member_is_made_of(source: Sample | EngagedPicture | Review) -> None:
    item = DatasetItem("mug", "key", source, score=0.1)
    (step,) = steps_of(line_of(item, "held"))
    assert (step.item, step.split) == (item, "held")
