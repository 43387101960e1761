"""What the envelope of a foreign producer's event is taken for."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from services.gateway.handlers import told_of
from shared.contracts.events import ProductWithdrawn

GOT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("2026-03-01T12:00:30+00:00", datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)),
        ("2025-03-01T12:00:00", datetime(2025, 3, 1, 12, tzinfo=UTC)),
        ("2999-01-01T00:00:00Z", GOT),
        ("0001-01-01T00:00:00+14:00", GOT),
        ("9999-12-31T23:59:59-14:00", GOT),
        ("noon", GOT),
        (None, GOT),
    ],
)
def test_a_moment_that_cannot_be_is_when_kafka_got_it(said: str | None, time: datetime) -> None:
    """Else it is the newest for ever: no vote after it counts, and its webhooks wait until then."""
    record = SimpleNamespace(timestamp=int(GOT.timestamp() * 1000))
    assert told_of(ProductWithdrawn(product_id="mug"), record, {"ce_time": said} if said else {}).time == time
