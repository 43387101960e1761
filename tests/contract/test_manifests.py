"""The golden manifests: what a request once came to is understood for ever, by whoever reads it."""

from pathlib import Path

import pytest

from shared.contracts.events import BackgroundGenerated, BackgroundRejected
from shared.contracts.manifests import RequestManifest, manifest_key

GOLDEN = Path(__file__).parents[1] / "golden" / "manifests"


@pytest.mark.parametrize(("name", "kind"), [("generated", BackgroundGenerated), ("rejected", BackgroundRejected)])
def test_a_golden_manifest_is_read_and_written_again_as_the_same_outcome(name: str, kind: type) -> None:
    manifest = RequestManifest.model_validate_json((GOLDEN / f"{name}.json").read_text())
    assert isinstance(manifest.outcome, kind)
    assert RequestManifest.model_validate_json(RequestManifest.of(manifest.outcome).model_dump_json()) == manifest


def test_a_field_from_the_future_is_ignored() -> None:
    text = (GOLDEN / "generated.json").read_text()
    later = text.replace("{", '{"a_field_of_2031": {"x": 1},', 1)
    assert RequestManifest.model_validate_json(later) == RequestManifest.model_validate_json(text)


def test_the_manifest_lies_beside_the_pictures_of_its_request() -> None:
    assert manifest_key("r-1") == "backgrounds/r-1/manifest.json"
