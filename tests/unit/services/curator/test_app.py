"""Wiring: the settings reach the rules and the policy."""

from pathlib import Path

from services.curator import rules
from services.curator.app import assemble
from services.curator.settings import CuratorSettings
from tests.fakes.blobs import MemoryBlobs


def test_the_dials_reach_the_rules_and_the_policy(tmp_path: Path) -> None:
    settings = CuratorSettings(
        database=f"sqlite:///{tmp_path / 'new' / 'a.sqlite'}", min_side=512, max_distance=2, train=("engaged",),
        model="m", steps=7, min_impressions=3, top_share=0.5, release_every=9, sample_side=128,
    )  # fmt: skip
    curator = assemble(settings, MemoryBlobs())
    judged = {type(rule): rule for rule in curator.curate.pixel_rules}
    assert judged[rules.Resolution] == rules.Resolution(min_side=512)
    assert judged[rules.Novelty] == rules.Novelty(max_distance=2)
    assert (curator.policy.train, curator.policy.model, curator.policy.steps) == (frozenset({"engaged"}), "m", 7)
    releases = curator.releases
    assert (releases.every, releases.side, releases.liked.min_impressions, releases.liked.top_share) == (9, 128, 3, 0.5)
    assert curator.release("product") is None  # migrated, and empty
