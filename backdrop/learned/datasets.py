"""Released datasets as a client sees them: what was announced, what a manifest says, who learned from it."""

from collections.abc import Iterable

from rich.table import Table

from backdrop.client import Heard
from backdrop.learned.reading import read_by_now
from shared.contracts.blobs import BlobStore, dataset_prefix, fetch
from shared.contracts.datasets import MANIFEST, DatasetManifest
from shared.contracts.errors import BadRequest, NotKnown
from shared.contracts.events import DatasetReleased, ModelTrained, SampleCurated
from shared.contracts.topics import DATASET_RELEASED, MODEL_TRAINED, SAMPLE_CURATED

RELEASES, VERDICTS, TRAININGS = DATASET_RELEASED.name, SAMPLE_CURATED.name, MODEL_TRAINED.name


def releases(heard: Iterable[Heard | None]) -> list[DatasetReleased]:
    """Every release once, by dataset and version."""
    found = {(one.dataset, one.version): one for one in read_by_now(heard, DatasetReleased)}
    return [found[name] for name in sorted(found)]


def listed(found: Iterable[DatasetReleased]) -> Table:
    """Name, version and how much is in it."""
    shown = Table("dataset", "version", "samples", "train", "held", box=None, pad_edge=False)
    for one in found:
        train, held = (str(one.counts.get(split, "")) for split in ("train", "held"))
        shown.add_row(one.dataset, one.version, str(one.samples), train, held)
    return shown


def manifest(found: Iterable[DatasetReleased], blobs: BlobStore, dataset: str, version: str | None) -> DatasetManifest:
    """The manifest of a version, the newest when None. Raises BadRequest for one that was never announced."""
    mine = [one for one in found if one.dataset == dataset and version in (None, one.version)]
    if not mine:
        wanted = f"{dataset} {version}" if version else dataset
        raise BadRequest("dataset_not_known", f"no release of {wanted} was announced; see: backdrop datasets list")
    return DatasetManifest.model_validate_json(fetch(blobs, mine[-1].manifest))


def told(one: DatasetManifest) -> list[str]:
    """What a manifest says, line by line."""
    size = sum(shard.size for shard in one.shards) / 1e6
    lines = [
        f"{one.name} {one.version}, made {one.created:%Y-%m-%d %H:%M} UTC",
        f"{sum(shard.samples for shard in one.shards)} samples in {len(one.shards)} shards, {size:.1f} MB",
        *(f"  {name}: {count}" for name, count in sorted(one.counts.items())),
        *(f"  rule {name}: {limits}" for name, limits in one.filters.items()),
        f"previous version: {one.lineage.get('previous') or 'none'}",
    ]
    gone = ", ".join(one.withdrawn) or "none"
    return [*lines, f"withdrawn, and left out for good: {gone}"]


def trainings(heard: Iterable[Heard | None]) -> list[ModelTrained]:
    """Every model that was trained, once."""
    return list({(one.model, one.revision): one for one in read_by_now(heard, ModelTrained)}.values())


def differences(old: DatasetManifest, new: DatasetManifest) -> list[str]:
    """What changed from one version to another: counts, rules, removals, and how many shards are the same bytes."""
    same = {shard.sha256 for shard in old.shards} & {shard.sha256 for shard in new.shards}
    names = sorted(old.counts.keys() | new.counts.keys())
    counts = [(name, old.counts.get(name, 0), new.counts.get(name, 0)) for name in names]
    rules = sorted(
        name for name in old.filters.keys() | new.filters.keys() if old.filters.get(name) != new.filters.get(name)
    )
    return [
        f"{len(same)} of {len(new.shards)} shards are the same bytes",
        *(f"  {name}: {before} -> {after}" for name, before, after in counts if before != after),
        *(f"  rule {name}: {old.filters.get(name)} -> {new.filters.get(name)}" for name in rules),
        *(f"  withdrawn since: {product}" for product in sorted(set(new.withdrawn) - set(old.withdrawn))),
    ]


def verified(one: DatasetManifest, blobs: BlobStore) -> list[str]:
    """The shards that are not the bytes their manifest names, in words; none when all is as it was."""
    prefix = dataset_prefix(one.name, one.version)
    broken = []
    for shard in one.shards:
        found = blobs.find(prefix + shard.path)
        if found is None:
            broken.append(f"{shard.path} is not there")
        elif found.size != shard.size or _changed(blobs, prefix + shard.path, shard.sha256):
            broken.append(f"{shard.path} is not the bytes that {MANIFEST} names")
    return broken


def _changed(blobs: BlobStore, key: str, sha256: str) -> bool:
    ref = blobs.find(key)
    try:
        return ref is None or not fetch(blobs, ref.model_copy(update={"sha256": sha256}))
    except NotKnown:
        return True


def verdicts(heard: Iterable[Heard | None]) -> dict[str, int]:
    """How many photos each reason has; of a photo's verdicts the last counts."""
    newest: dict[tuple[str, str], str] = {}
    for event in read_by_now(heard, SampleCurated):
        newest[event.product_id, event.image_sha256] = event.reason
    found: dict[str, int] = {}
    for reason in newest.values():
        found[reason] = found.get(reason, 0) + 1
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
