"""Where no Kafka listens, whoever asks it is told of an outage, and soon."""

import pytest

from shared.contracts.errors import DependencyDown
from shared.runtime.history import history
from shared.runtime.lags import lags
from shared.runtime.settings import KafkaSettings

NOWHERE = KafkaSettings(bootstrap_servers="127.0.0.1:9", request_timeout_ms=1000)


async def test_how_far_groups_are_behind_cannot_be_said() -> None:
    with pytest.raises(DependencyDown, match="Kafka does not say how far services are behind"):
        await lags(NOWHERE)


async def test_what_topics_hold_cannot_be_said() -> None:
    with pytest.raises(DependencyDown, match="Kafka does not answer"):
        await history(NOWHERE, ["product.withdrawn.v1"], service="test")
