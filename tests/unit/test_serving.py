"""A server of the tests ends with its block, however that ends; servers live in sessions of their own."""

import sys
from collections.abc import Iterator

import pytest

from deploy.local.places import Places
from deploy.local.ports import free_ports
from deploy.local.processes import Process, find
from deploy.local.throw_away import places_apart
from tests.conftest import serving

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")


@pytest.fixture
def here() -> Iterator[Places]:
    with places_apart() as places:
        yield places


def server(patience_s: float, missing: str | None) -> Process:
    (port,) = free_ports(1)
    return Process(name="s", command=SLEEP, where="here", port=port, ready=lambda: missing, patience_s=patience_s)


def test_a_server_whose_users_fail_is_stopped(here: Places) -> None:
    with pytest.raises(ZeroDivisionError), serving(lambda _: server(60.0, None), here):
        assert find("s", here) is not None
        raise ZeroDivisionError
    assert find("s", here) is None


def test_a_server_that_is_never_ready_is_stopped(here: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with (
        pytest.raises(pytest.fail.Exception, match="no word of it"),
        serving(lambda _: server(0.0, "no word of it"), here),
    ):
        pass
    assert find("s", here) is None


def test_a_folder_goes_with_its_block() -> None:
    with pytest.raises(ZeroDivisionError), places_apart() as places:
        raise ZeroDivisionError
    assert not places.var.exists()
