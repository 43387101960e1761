"""An earlier revision goes back into use, and the numbers only grow."""

import itertools
from collections.abc import Callable

import pytest

from services.trainer.rollback import rolled_back
from services.trainer.store.registry import ModelRegistry
from shared.contracts.errors import BadRequest, NotKnown
from shared.contracts.events import ModelPromoted, RollbackRequested
from tests.fakes.blobs import MemoryBlobs

Promote = Callable[..., ModelPromoted]


@pytest.fixture
def registry() -> ModelRegistry:
    ticks = itertools.count(1)
    return ModelRegistry(MemoryBlobs(), clock=lambda: float(next(ticks)))


@pytest.fixture
def promote(registry: ModelRegistry) -> Promote:
    def made(revision: str, stage: str = "product", base: str = "b") -> ModelPromoted:
        weights = registry.blobs.put(f"models/m/{revision}/lora.safetensors", revision.encode(), "x/x")
        one = ModelPromoted(model="m", revision=revision, stage=stage, base=base, weights=weights)  # type: ignore[arg-type]
        return registry.put_into_use(registry.promotion(one))

    return made


def asked(number: int = 1, revision: str | None = None) -> RollbackRequested:
    return RollbackRequested(request_id=f"r-{number}", model="m", revision=revision)


def test_the_one_before_goes_back_into_use_with_a_higher_number(registry: ModelRegistry, promote: Promote) -> None:
    promote("one")
    promote("two", "engaged")
    newest = promote("three", "engaged")
    back = rolled_back(registry, asked())
    assert back.revision == "two" and back.sequence > newest.sequence
    used = registry.in_use("m", "product", "b")
    assert used is not None and used.revision == "two"
    assert rolled_back(registry, asked(2)).revision == "one"  # not three again: that was taken back


def test_the_same_request_twice_is_one_rollback(registry: ModelRegistry, promote: Promote) -> None:
    for revision in ("one", "two", "three"):
        promote(revision)
    assert rolled_back(registry, asked()) == rolled_back(registry, asked())
    assert len(registry.promotions("m")) == 4


def test_a_revision_may_be_named(registry: ModelRegistry, promote: Promote) -> None:
    for revision in ("one", "two", "three"):
        promote(revision)
    assert rolled_back(registry, asked(revision="one")).revision == "one"
    with pytest.raises(NotKnown, match="nine of m was never in use; these were: one, three, two"):
        rolled_back(registry, asked(2, revision="nine"))


def test_before_the_first_lora_was_the_bare_base(registry: ModelRegistry, promote: Promote) -> None:
    promote("one")
    back = rolled_back(registry, asked())
    assert registry.blobs.get(back.weights.key)[8:].strip() == b"{}"  # a LoRA without layers
    assert back.base == "b" and back.revision not in ("one", "b")


def test_before_the_first_judge_was_nothing_that_an_event_can_name(registry: ModelRegistry, promote: Promote) -> None:
    promote("one", "judge")
    with pytest.raises(BadRequest, match="one is the first judge of m"):
        rolled_back(registry, asked())
    with pytest.raises(NotKnown, match="no revision of other was ever in use"):
        rolled_back(registry, RollbackRequested(request_id="r", model="other"))


def test_lines_do_not_mix(registry: ModelRegistry, promote: Promote) -> None:
    promote("a1", base="a")
    promote("a2", base="a")
    promote("b1", base="b")
    promote("b2", base="b")
    assert rolled_back(registry, asked()).revision == "b1"
    used = registry.in_use("m", "engaged", "a")
    assert used is not None and used.revision == "a2"
    assert len({one.key for one in registry.promotions("m")}) == 2  # kept apart by the compacted topic, too
