"""Opt-outs reach the trainings that run by now, through the store."""

from services.curator.core import WithdrawProduct
from services.trainer.store.withdrawals import Withdrawals
from shared.contracts.events import ProductWithdrawn
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.catalogue import MemoryCatalogue


def test_what_the_curator_hears_the_trainer_knows_at_its_next_look() -> None:
    blobs, now = MemoryBlobs(), [0.0]
    withdrawals = Withdrawals(blobs, every_s=15.0, clock=lambda: now[0])
    assert withdrawals.newest() == frozenset()
    withdraw = WithdrawProduct(MemoryCatalogue(), blobs)
    for product in ("mug", "mug", "x" * 300):
        withdraw(ProductWithdrawn(product_id=product[:200]))
    assert withdrawals.newest() == frozenset()  # not yet
    now[0] = 15.0
    assert withdrawals.newest() == {"mug", "x" * 200}
