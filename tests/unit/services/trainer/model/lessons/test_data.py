"""Which pictures of a dataset are learnt, and how they are cut."""

from pathlib import Path

from services.trainer.model.lessons import data


def test_mirroring_changes_sides_in_the_words_too():
    assert data.swap_sides("bright light from the left, not right") == "bright light from the right, not left"
    assert data.swap_sides("Bright wall") == "Bright wall"


def test_held_out_samples_are_never_learnt(samples: Path):
    assert len(list(data.read_shards(samples))) == 8
    assert len(list(data.read_shards(samples, split="held"))) == 2


def test_a_shard_that_the_manifest_does_not_list_is_not_read(samples: Path):
    (samples / "shard-00001.tar").write_bytes(b"half written")
    assert len(list(data.read_shards(samples))) == 8
