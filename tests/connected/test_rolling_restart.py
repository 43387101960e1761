"""Every stage is restarted in order while products arrive; nothing is lost, nothing gets two answers."""

import pytest

from benchmarks.load.rolling import run
from benchmarks.load.servers import servers
from deploy.local.processes import LocalStackError

pytestmark = [pytest.mark.connected, pytest.mark.slow, pytest.mark.timeout(1800)]

PRODUCTS = 60


def test_a_rolling_restart_loses_and_doubles_nothing() -> None:
    try:
        with servers() as field:
            rolled = run(field, PRODUCTS, seconds=30)
    except LocalStackError as error:
        pytest.skip(str(error).splitlines()[0])
    assert {stage: (one.lost, one.doubled) for stage, one in rolled.items()} == dict.fromkeys(rolled, (0, 0))
