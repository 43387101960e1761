"""Released datasets, brought from the blob store to a local folder and verified on the way."""

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from shared.contracts.blobs import BlobStore, dataset_prefix, digest, safe
from shared.contracts.datasets import MANIFEST, DatasetManifest, ShardEntry
from shared.contracts.errors import NotKnown
from shared.contracts.local_copies import Use

DATASETS = "datasets"  # folder of local copies


@dataclass(frozen=True)
class ReleasedDatasets:
    """Datasets under `datasets/<name>/<version>/`."""

    blobs: BlobStore

    def find(self, name: str, version: str) -> DatasetManifest:
        """The manifest; raises NotKnown when there is no such dataset or version, or it is not readable."""
        key = dataset_prefix(name, version) + MANIFEST
        try:
            return DatasetManifest.model_validate_json(self.blobs.get(key))
        except NotKnown as error:
            raise NotKnown("dataset_not_known", f"there is no dataset `{name}` in version `{version}`") from error
        except (ValidationError, json.JSONDecodeError) as error:
            raise NotKnown("dataset_broken", f"the manifest of dataset `{name}` {version} is not readable") from error

    def bring(self, name: str, version: str, use: Use) -> Path:
        """A folder with every shard and, last, the manifest; shards that are here already are only checked."""
        manifest = self.find(name, version)
        folder = use(f"{DATASETS}/{safe(name)}/{safe(version)}")
        folder.mkdir(parents=True, exist_ok=True)
        for shard in manifest.shards:
            self._bring_shard(folder, name, version, shard)
        (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1))
        return folder

    def _bring_shard(self, folder: Path, name: str, version: str, shard: ShardEntry) -> None:
        target = (folder / shard.path).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise NotKnown("dataset_broken", f"a shard wants to leave its dataset: {shard.path}")
        if target.exists() and digest(target.read_bytes()) == shard.sha256:
            return
        remedy = f"`backdrop datasets rebuild {name} {version}` makes it again"
        try:
            data = self.blobs.get(dataset_prefix(name, version) + shard.path)
        except NotKnown as error:
            words = f"shard {shard.path} is not in the store, though its manifest names it; {remedy}"
            raise NotKnown("shard_missing", words) from error
        if digest(data) != shard.sha256:
            words = f"shard {shard.path} is not the one its manifest names (sha256 differs); {remedy}"
            raise NotKnown("dataset_changed", words)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
