"""Who learned from what was removed: yes and no where the lists are there, which one is missing where they are not."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from backdrop.learned.removed import learned_from_removed
from shared.contracts.blobs import BlobRef, dataset_prefix, digest, model_prefix
from shared.contracts.datasets import DatasetManifest, ShardEntry
from shared.contracts.events import ModelTrained
from shared.contracts.models import LEARNT, LINEAGE
from tests.fakes.blobs import MemoryBlobs

NONE = ["learned from by none of the models that were announced"]


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


def released(
    blobs: MemoryBlobs, version: str, members: dict[str, str], withdrawn: tuple[str, ...] = (), recipe: bool = True
) -> DatasetManifest:
    """A version with these keys and whose they are."""
    prefix = dataset_prefix("product", version)
    lines = [
        {"item": {"product_id": whose, "key": key, "source": {}}, "split": "train"} for key, whose in members.items()
    ]
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    if recipe:
        blobs.put(prefix + "recipes/shard-00000.jsonl", data, "application/jsonl")
    shard = ShardEntry(path="shard-00000.tar", sha256="0" * 64, size=1, samples=2, recipe=digest(data))
    made = datetime(2026, 3, 1, tzinfo=UTC)
    one = DatasetManifest(
        name="product", version=version, kind="product", created=made, shards=(shard,), withdrawn=withdrawn
    )
    blobs.put(prefix + "manifest.json", one.model_dump_json().encode(), "application/json")
    return one


def trained(
    blobs: MemoryBlobs,
    revision: str,
    version: str,
    learnt: str | None,
    in_training: tuple[str, ...] = (),
    start: str | None = None,
) -> ModelTrained:
    """A model of these samples; None: that names none."""
    dataset = {"name": "product", "version": version}
    lineage = {"base": "b", "start": start, "dataset": dataset, "withdrawn_in_training": in_training}
    prefix = model_prefix("mini", revision)
    if learnt is not None:
        blobs.put(prefix + "learnt.txt", "\n".join(learnt.split()).encode(), "text/plain")
    blobs.put(prefix + "metrics.json", json.dumps(lineage).encode(), "application/json")
    return ModelTrained(
        model="mini", revision=revision, job_id="j", stage="product", base="b", dataset="product",
        dataset_version=version, weights=blobs.put(prefix + "lora.safetensors", b"w", "x/x"),
    )  # fmt: skip


def test_a_model_whose_list_names_a_sample_of_it_learned_from_it(blobs: MemoryBlobs) -> None:
    released(blobs, "0001-a", {"k1": "mug", "k2": "cup"})
    newest = released(blobs, "0002-b", {"k2": "cup"}, withdrawn=("mug",))
    models = [trained(blobs, "r1", "0001-a", "k1 k2"), trained(blobs, "r2", "0002-b", "k2")]
    assert learned_from_removed(newest, models, blobs) == ["mini r1 learned from mug (trained on product 0001-a)"]


def test_a_model_that_only_compared_itself_on_it_did_not(blobs: MemoryBlobs) -> None:
    """Held-out samples are in the release and not in the model's list."""
    released(blobs, "0001-a", {"k1": "mug", "k2": "cup"})
    newest = released(blobs, "0002-b", {"k2": "cup"}, withdrawn=("mug",))
    assert learned_from_removed(newest, [trained(blobs, "r1", "0001-a", "k2")], blobs) == NONE
    nothing_removed = released(blobs, "0003-c", {"k2": "cup"})
    assert learned_from_removed(nothing_removed, [trained(blobs, "r1", "0001-a", "k2")], blobs) == []


def test_what_a_model_went_on_from_counts_and_a_scene_without_the_product_too(blobs: MemoryBlobs) -> None:
    """The second goes on from the first: its list has the samples of both, its own release leaves the mug out."""
    released(blobs, "0001-a", {"k1": "mug", "k2": "cup"})
    newest = released(blobs, "0002-b", {"k2": "cup"}, withdrawn=("mug",))
    first = trained(blobs, "r1", "0001-a", "k2 k1-plate")
    second = trained(blobs, "r2", "0002-b", "k1 k2", start="r1")
    assert learned_from_removed(newest, [first, second], blobs) == [
        "mini r1 learned from mug (trained on product 0001-a)",
        "mini r2 learned from mug (trained on product 0002-b)",
    ]
    assert len(learned_from_removed(newest, [second], blobs)) == 1  # though nobody announces the first any more
    third = trained(blobs, "r3", "0002-b", "k2", start="r0")
    assert learned_from_removed(newest, [third], blobs) == [
        "mini r3 may have learned from mug, as the metrics.json of r0, which is in it, is not in the store"
        " (trained on product 0002-b)"
    ]


class CountedBlobs(MemoryBlobs):
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def get(self, key: str, most: int | None = None) -> bytes:
        self.asked.append(key)
        return super().get(key, most)

    def find(self, key: str) -> BlobRef | None:
        self.asked.append(key)
        return super().find(key)


def test_however_many_models_go_on_from_one_what_is_told_of_it_is_read_once() -> None:
    blobs = CountedBlobs()
    released(blobs, "0001-a", {"k1": "mug", "k2": "cup"})
    newest = released(blobs, "0002-b", {"k2": "cup"}, withdrawn=("mug",))
    models = [trained(blobs, "r1", "0001-a", "k2")]
    models += [trained(blobs, f"r{n}", "0002-b", "k1 k2", start=f"r{n - 1}") for n in (2, 3, 4)]
    assert len(learned_from_removed(newest, models, blobs)) == 3
    read = Counter(key for key in blobs.asked if key.endswith((LINEAGE, LEARNT, "manifest.json")))
    assert set(read.values()) == {1} and len(read) == 10  # two files of each model and one of each release


def test_a_product_that_was_withdrawn_while_it_was_trained_on_is_told_so(blobs: MemoryBlobs) -> None:
    released(blobs, "0001-a", {"k1": "mug", "k2": "cup"})
    newest = released(blobs, "0002-b", {}, withdrawn=("cup", "mug"))
    model = trained(blobs, "r1", "0001-a", "k1 k2", in_training=("mug",))
    assert learned_from_removed(newest, [model], blobs) == [
        "mini r1 learned from cup, mug until it was withdrawn (trained on product 0001-a)"
    ]


def test_where_a_list_is_missing_the_answer_says_which(blobs: MemoryBlobs) -> None:
    released(blobs, "0001-a", {"k1": "mug", "k2": "cup"})
    released(blobs, "0001-b", {"k1": "mug"}, withdrawn=("cup",), recipe=False)
    newest = released(blobs, "0002-b", {}, withdrawn=("mug", "cup"))
    models = [
        trained(blobs, "judge", "0001-a", None),
        trained(blobs, "old", "0001-b", "k1 k2"),
        trained(blobs, "older", "0001-b", "k3"),
        trained(blobs, "lost", "0000-z", "k3"),
    ]
    assert learned_from_removed(newest, models, blobs) == [
        "mini judge may have learned from cup, mug, as its learnt.txt names no samples (trained on product 0001-a)",
        "mini old learned from cup, mug (trained on product 0001-b)",  # another release's recipe knows whose they are
        "mini older may have learned from mug, as datasets/product/0001-b/recipes/shard-00000.jsonl is not in the store"
        " (trained on product 0001-b)",
        "mini lost may have learned from cup, mug, as the manifest.json of product 0000-z is not in the store"
        " (trained on product 0000-z)",
    ]
