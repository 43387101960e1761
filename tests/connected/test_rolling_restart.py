"""Every stage is restarted in order while products arrive; nothing is lost, nothing gets two answers."""

import contextlib

import pytest

from benchmarks.load.rolling import run
from benchmarks.load.servers import servers
from deploy.local.processes import LocalStackError
from tests.missing import missing

# 23 minutes on two cores that twenty other processes wanted
pytestmark = [pytest.mark.connected, pytest.mark.slow, pytest.mark.timeout(3600)]

PRODUCTS = 60


def test_a_rolling_restart_loses_and_doubles_nothing() -> None:
    with contextlib.ExitStack() as standing:
        try:
            field = standing.enter_context(servers())
        except LocalStackError as error:
            missing(str(error))
        rolled = run(field, PRODUCTS, seconds=30)
    assert {stage: (one.lost, one.doubled) for stage, one in rolled.items()} == dict.fromkeys(rolled, (0, 0))
