"""Wiring: the settings reach the rules and the policy."""

import dataclasses
import sys
from pathlib import Path

import pytest

from services.curator import rules
from services.curator.app import _metadata_rules, _pixel_rules, assemble, release_now
from services.curator.settings import CuratorSettings, RuleSettings
from shared.contracts.errors import BadRequest
from tests.fakes.blobs import MemoryBlobs


def test_the_dials_reach_the_rules(tmp_path: Path) -> None:
    settings = CuratorSettings(database=f"sqlite:///{tmp_path / 'new' / 'a.sqlite'}", min_side=512, max_distance=2)
    curator = assemble(settings, MemoryBlobs())
    judged = {type(rule): rule for rule in curator.releases.rules}
    assert judged[rules.Resolution] == rules.Resolution(min_side=512)
    assert judged[rules.Novelty] == rules.Novelty(max_distance=2)
    assert set(judged.values()) >= {*curator.curate.metadata_rules, *curator.curate.pixel_rules}


def test_every_limit_of_every_rule_is_a_setting_with_the_rules_own_default() -> None:
    limits = {
        value.default
        for rule in (*rules.METADATA_RULES, *rules.PIXEL_RULES, rules.Novelty())
        for value in dataclasses.fields(rule)  # type: ignore[arg-type]
    }
    settings = RuleSettings()
    assert limits == set(settings.model_dump().values())
    built = (*_metadata_rules(settings), *_pixel_rules(settings))
    assert built == (*rules.METADATA_RULES, *rules.PIXEL_RULES)


def test_words_are_read_where_a_setting_says_so(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'a.sqlite'}"
    assert assemble(CuratorSettings(database=database), MemoryBlobs()).curate.reads is None
    assert assemble(CuratorSettings(database=database, read_words=True), MemoryBlobs()).curate.reads is not None


@pytest.fixture
def seeing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a curator with models, which are not there."""
    monkeypatch.setenv("CURATOR_DATABASE", f"sqlite:///{tmp_path / 'a.sqlite'}")
    monkeypatch.setenv("CURATOR_READ_WORDS", "true")
    monkeypatch.setenv("CURATOR_EMBEDDER", str(tmp_path / "nothing"))


@pytest.mark.usefixtures("seeing")
def test_a_release_by_hand_loads_none_of_the_models_that_look_at_new_photos() -> None:
    assert release_now("product") == "nothing to release: `product` has no samples yet"


@pytest.mark.usefixtures("seeing")
def test_a_release_by_ray_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "services.curator.datasets.on_ray", raising=False)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(BadRequest, match=r"^--on ray wants ray: pip install 'backdrop\[ray\]'$"):
        release_now("product", on="ray")


def test_the_policy_and_the_releases_follow_their_settings(tmp_path: Path) -> None:
    settings = CuratorSettings(
        database=f"sqlite:///{tmp_path / 'a.sqlite'}",
        train=("engaged",),
        model="m",
        steps=7,
        min_impressions=3,
        top_share=0.5,
        release_every=9,
        sample_side=128,
    )
    curator = assemble(settings, MemoryBlobs())
    assert (curator.policy.train, curator.policy.model, curator.policy.steps) == (frozenset({"engaged"}), "m", 7)
    releases = curator.releases
    assert (releases.every, releases.side, releases.liked.min_impressions, releases.liked.top_share) == (9, 128, 3, 0.5)
    assert curator.release("product") is None  # migrated, and empty
