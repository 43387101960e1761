"""Packing by Ray: the version that one process makes, to the byte; and its errors are ours."""

import functools
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.curator.curator import Curator
from services.curator.datasets.contents import MemberReader
from services.curator.datasets.packing import Supplies
from services.curator.migrations import upgrade
from services.curator.store.catalogue import SqlCatalogue
from shared.contracts.errors import DependencyDown
from shared.contracts.events import Placement, ProductCaptioned
from shared.database.sessions import open_engine
from shared.runtime.folder_blobs import FolderBlobs
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.noise_photos import noise_photo

from ..conftest import curator_over
from .test_release import review

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'backdrop[ray]'")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PHOTOS, SIDE = 230, 64  # three portions and a bit


@pytest.fixture(scope="module", autouse=True)
def one_ray() -> Iterator[None]:
    """It takes half a minute to start; every test joins it."""
    from services.curator.datasets.on_ray import RayHands

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # a worker cannot import a test
    with RayHands(functools.partial(opened, Path()), cores=2):
        yield


def opened(folder: Path) -> Supplies:
    """What a process of Ray opens."""
    engine = open_engine(f"sqlite:///{folder}/catalogue.sqlite")
    return Supplies(SqlCatalogue(engine), MemberReader(blobs=FolderBlobs(folder, "backdrop"), side=SIDE))


def filled(folder: Path, event: ProductCaptioned, blobs: MemoryBlobs) -> Curator:
    """A catalogue of many photos, one of which is gone, and votes on two outputs."""
    folder.mkdir()
    upgrade(f"sqlite:///{folder}/catalogue.sqlite")
    supplies = opened(folder)
    store = supplies.reader.blobs
    for key, (data, kind) in blobs.stored.items():
        store.put(key, data, kind)
    samples = [noise_photo(store, number, side=SIDE) for number in range(PHOTOS)]
    curator = curator_over(supplies.book, store)  # type: ignore[arg-type]
    curator.catalogue.put_samples(samples)
    curator.curate([event])
    for number in range(2):
        review(curator, store, event, f"request-{number}", number, Placement())  # type: ignore[arg-type]
    return replace(curator, releases=replace(curator.releases, side=SIDE, shard_bytes=300_000))


def released(folder: Path) -> dict[str, bytes]:
    return {key: FolderBlobs(folder, "backdrop").get(key) for key in FolderBlobs(folder, "backdrop").keys("datasets/")}


def test_it_makes_the_versions_that_one_process_makes_of_photos_and_of_votes_to_the_byte(
    captioned: Callable[..., ProductCaptioned], blobs: MemoryBlobs, tmp_path: Path
) -> None:
    from services.curator.datasets.on_ray import RayHands

    event, counts = captioned("mug"), {}
    for name in ("here", "ray"):
        curator = filled(tmp_path / name, event, blobs)
        hands = RayHands(functools.partial(opened, tmp_path / name)) if name == "ray" else None
        curator = replace(curator, releases=replace(curator.releases, hands=hands))
        product, judge = curator.release("product"), curator.release("judge")
        assert product is not None and judge is not None
        counts[name] = (product.samples, judge.samples, product.counts["left_out.blob_changed"])
    assert counts["here"] == counts["ray"] == (PHOTOS, 2, 1)
    here, there = released(tmp_path / "here"), released(tmp_path / "ray")
    assert here == there and sum(key.endswith(".tar") for key in here) >= 5


def test_what_stops_a_process_of_it_is_told_as_if_it_had_happened_here(tmp_path: Path) -> None:
    from services.curator.datasets.on_ray import RayHands
    from services.curator.datasets.packing import ranges

    hands = RayHands(functools.partial(opened, tmp_path))
    with pytest.raises(DependencyDown, match="the catalogue's tables are missing or of an older version") as told:
        list(hands.products(ranges(1)))
    assert told.value.reason == "catalogue_not_ready"


def test_a_cluster_that_is_not_there_is_named() -> None:
    from services.curator.datasets.on_ray import RayHands

    with pytest.raises(DependencyDown, match=r"no Ray answers at 127\.0\.0\.1:1"):
        RayHands(functools.partial(opened, Path()), address="127.0.0.1:1")
