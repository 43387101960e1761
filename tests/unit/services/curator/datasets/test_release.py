"""Datasets: the same samples make the same version, and who withdraws is gone from the next."""

import io
import json
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.curator.curator import Curator
from services.curator.migrations import upgrade
from services.curator.store.catalogue import SqlCatalogue
from shared.contracts.blobs import digest
from shared.contracts.datasets import DatasetManifest, SampleRecord
from shared.contracts.errors import NotKnown
from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundReviewed,
    DatasetReleased,
    GeneratedImage,
    Placement,
    ProductCaptioned,
    ProductEngaged,
    ProductWithdrawn,
    Scene,
    Scores,
    TrainingRequested,
)
from shared.contracts.images import decode_mask, decode_photo, encode_image
from shared.contracts.manifests import RequestManifest, manifest_key
from shared.database.sessions import open_engine
from tests.fakes.blobs import MemoryBlobs

from ..conftest import curator_over, product_mask, scene

Captioned = Callable[..., ProductCaptioned]
NAMES = ("mug", "lamp", "chair", "vase")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def keep(curator: Curator, captioned: Captioned, *names: str) -> None:
    for name in names:
        assert [one.verdict for one in curator.curate([captioned(name)])] == ["kept"]


def members(blobs: MemoryBlobs, manifest: DatasetManifest) -> dict[str, bytes]:
    found = {}
    for shard in manifest.shards:
        data = blobs.get(f"datasets/{manifest.name}/{manifest.version}/{shard.path}")
        assert digest(data) == shard.sha256
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for info in tar:
                assert (info.mtime, info.uid, info.uname) == (0, 0, "")
                found[info.name] = tar.extractfile(info).read()  # type: ignore[union-attr]
    return found


def manifest_of(blobs: MemoryBlobs, curator: Curator, name: str = "product") -> DatasetManifest:
    release = curator.catalogue.latest(name)
    assert release is not None
    return DatasetManifest.model_validate_json(blobs.get(release.manifest.key))


def test_a_release_holds_pictures_masks_and_captions(
    curator: Curator, captioned: Captioned, blobs: MemoryBlobs
) -> None:
    keep(curator, captioned, *NAMES)
    curator.curate([captioned("shy", may_train=False)])
    release = curator.release("product")
    assert release is not None and release.version.startswith("0001-") and release.samples == 4
    manifest = manifest_of(blobs, curator)
    assert manifest.counts == {"train": 3, "held": 1, "dropped.no_consent": 1}
    assert manifest.filters["Sharpness"] == {"min_variance": 40.0} and manifest.lineage["previous"] is None
    files = members(blobs, manifest)
    assert len(files) == 12 and list(files) == sorted(files)
    records = [SampleRecord.model_validate_json(data) for name, data in files.items() if name.endswith(".json")]
    assert sorted(str(record.product_id) for record in records) == sorted(NAMES)
    assert records[0].captions == ("wooden table, brick wall", "on a wooden table with a brick wall")
    assert decode_photo(files[f"{records[0].key}.jpg"]).size == (320, 320)
    assert (decode_mask(files[f"{records[0].key}.mask.png"], (320, 320)) == product_mask()).all()


def test_nothing_new_makes_no_new_version(curator: Curator, captioned: Captioned, blobs: MemoryBlobs) -> None:
    keep(curator, captioned, *NAMES)
    first, second = curator.release("product"), curator.release("product")
    assert first == second and len(list(blobs.keys("datasets/product/"))) == 3  # manifest, shard, recipe


def test_the_same_samples_in_another_order_make_the_same_version(
    captioned: Captioned, blobs: MemoryBlobs, tmp_path: Path
) -> None:
    photos, versions = [captioned(name) for name in NAMES], []
    for number, arrived in enumerate((photos, photos[::-1])):
        # a real database, whose rows lie in the order they came, and a store that holds no verdicts yet
        database = f"sqlite:///{tmp_path / str(number)}.sqlite"
        upgrade(database)
        store = MemoryBlobs()
        store.stored.update(blobs.stored)
        curator = curator_over(SqlCatalogue(open_engine(database)), store)
        assert [one.verdict for photo in arrived for one in curator.curate([photo])] == ["kept"] * 4
        versions.append(curator.release("product"))
    assert versions[0] is not None and versions[0] == versions[1]


def test_a_withdrawn_product_is_gone_from_the_next_version_which_names_it(
    curator: Curator, captioned: Captioned, blobs: MemoryBlobs
) -> None:
    keep(curator, captioned, *NAMES)
    first = curator.release("product")
    curator.withdraw(ProductWithdrawn(product_id="lamp"))
    assert curator.releases.due() == ["product"]
    second = curator.release("product")
    assert first is not None and second is not None and second.version.startswith("0002-")
    manifest = manifest_of(blobs, curator)
    assert manifest.withdrawn == ("lamp",) and manifest.lineage["previous"] == first.version
    assert b"lamp" not in b"".join(members(blobs, manifest).values())
    assert curator.releases.due() == []


def test_a_product_whose_owner_refuses_later_is_gone_from_the_next_version_which_is_due_at_once(
    curator: Curator, captioned: Captioned, blobs: MemoryBlobs
) -> None:
    keep(curator, captioned, *NAMES)
    curator.release("product")
    refused = captioned("lamp", may_train=False).model_copy(update={"revision": 1})
    assert [one.reason for one in curator.curate([refused])] == ["no_consent"]
    assert curator.releases.due() == ["product"]
    curator.release("product")
    manifest = manifest_of(blobs, curator)
    assert manifest.withdrawn == ("lamp",) and manifest.counts["dropped.no_consent"] == 1
    assert b"lamp" not in b"".join(members(blobs, manifest).values())
    assert curator.releases.due() == []


def test_due_means_enough_new_products(curator: Curator, captioned: Captioned) -> None:
    keep(curator, captioned, "mug", "lamp")
    assert curator.releases.due() == [] and curator.release_due() == []
    keep(curator, captioned, "chair")
    assert [release.dataset for release in curator.release_due()] == ["product"]
    assert curator.release_due() == []


def test_without_samples_there_is_nothing_to_release(curator: Curator) -> None:
    assert curator.release("product") is None
    with pytest.raises(NotKnown, match="none of product, engaged, judge"):
        curator.release("everything")  # type: ignore[arg-type]


def test_a_photo_that_is_gone_is_left_out_and_counted(
    curator: Curator, captioned: Captioned, blobs: MemoryBlobs
) -> None:
    keep(curator, captioned, *NAMES)
    del blobs.stored[captioned("mug").image.key]
    release = curator.release("product")
    assert release is not None and release.samples == 3
    assert release.counts["left_out.blob_missing"] == 1


def test_large_photos_are_made_smaller_and_shards_split(
    curator: Curator, captioned: Captioned, blobs: MemoryBlobs
) -> None:
    from dataclasses import replace

    keep(curator, captioned, *NAMES)
    small = replace(curator, releases=replace(curator.releases, side=64, shard_bytes=1))
    release = small.release("product")
    manifest = manifest_of(blobs, small)
    assert release is not None and [shard.samples for shard in manifest.shards] == [1, 1, 1, 1]
    pictures = [data for name, data in members(blobs, manifest).items() if name.endswith(".jpg")]
    assert {decode_photo(data).size for data in pictures} == {(64, 64)}


def test_the_engaged_dataset_is_the_liked_half(curator: Curator, captioned: Captioned, blobs: MemoryBlobs) -> None:
    keep(curator, captioned, *NAMES)
    curator.engage(
        [
            ProductEngaged(
                product_id=name,
                impressions=1000,
                clicks=10 + 100 * rank,
                window_start=NOON,
                window_end=NOON + timedelta(hours=1),
            )
            for rank, name in enumerate(NAMES)
        ]
    )
    release = curator.release("engaged")
    assert release is not None and curator.catalogue.members("engaged") == {"chair", "vase"}
    records = [
        json.loads(data)
        for name, data in members(blobs, manifest_of(blobs, curator, "engaged")).items()
        if name.endswith("json")
    ]
    assert all(record["kind"] == "engaged" and record["score"] > 0.1 for record in records)


def test_reviews_of_outputs_make_the_judge_dataset(curator: Curator, captioned: Captioned, blobs: MemoryBlobs) -> None:
    event = captioned("mug")
    plain = event.model_copy(update={"segmentation": event.segmentation.model_copy(update={"backdrop": "plain"})})
    assert [one.reason for one in curator.curate([plain])] == ["plain_backdrop"]
    for number, placement in enumerate((Placement(), Placement(mode="custom", scale=0.5))):
        review(curator, blobs, event, f"request-{number}", number, placement)
    release = curator.release("judge")
    assert release is not None and release.samples == 1
    manifest = manifest_of(blobs, curator, "judge")
    assert manifest.counts["left_out.pair_differs_in_size"] == 1
    files = members(blobs, manifest)
    (record,) = [SampleRecord.model_validate_json(data) for name, data in files.items() if name.endswith(".json")]
    assert (record.score, record.defect, record.captions) == (0.25, "background", ("on oak",))
    assert {name.split(".", 1)[1] for name in files} == {"json", "mask.png", "original.webp", "webp"}


def review(
    curator: Curator, blobs: MemoryBlobs, event: ProductCaptioned, request_id: str, seed: int, placement: Placement
) -> None:
    output = blobs.put(f"backgrounds/{request_id}/0.png", encode_image(scene(100 + seed)), "image/png")
    scores = Scores(expansion=0, shrinkage=0, seam=0, adherence=1, judge=1)
    assert event.segmentation.mask is not None
    made = BackgroundGenerated(
        product_id=event.product_id,
        request_id=request_id,
        scene=Scene(placement=placement),
        photo=event.image,
        mask=event.segmentation.mask,
        images=(GeneratedImage(image=output, seed=1, prompt="on oak", scores=scores, model="m"),),
    )
    blobs.put(
        manifest_key(request_id),
        RequestManifest.of(made).model_dump_json().encode(),
        "application/json",
    )
    curator.review(
        BackgroundReviewed(
            product_id=event.product_id,
            request_id=request_id,
            image=output,
            raters=4,
            product_defects=1,
            background_defects=3,
        )
    )


def test_the_news_is_the_release_and_the_training_it_asks_for(curator: Curator, captioned: Captioned) -> None:
    keep(curator, captioned, *NAMES)
    release = curator.release("product")
    assert release is not None
    ((announced, (released, request)),) = curator.unannounced()
    assert announced == release and curator.unannounced() == [(announced, (released, request))]
    assert isinstance(released, DatasetReleased) and released.samples == 4
    assert isinstance(request, TrainingRequested)
    assert (request.job_id, request.stage, request.base) == (f"product-{release.version}", "product", None)
    curator.mark_announced(release)
    assert curator.unannounced() == []
