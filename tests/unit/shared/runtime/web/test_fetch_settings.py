"""Which doors to the web the environment opens."""

import pytest
from pydantic import ValidationError

from shared.runtime.settings import FetchSettings
from shared.runtime.web.fetching import GuardedFetcher, make_fetcher

NAMES = ("PRIVATE_HOSTS", "HOSTS", "HTTP", "PORTS", "TIMEOUT_S")


def test_without_any_variable_pictures_come_from_the_public_web_by_https_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(f"FETCH_{name}", raising=False)
    expected = GuardedFetcher(private_hosts=(), plain_http=False, ports=(), hosts=(), timeout_s=20.0)
    assert make_fetcher(FetchSettings()) == expected


def test_every_door_opens_by_its_own_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    values = ('["10.0.0.0/8"]', '[".shop.example"]', "true", "[8443]", "3")
    for name, value in zip(NAMES, values, strict=True):
        monkeypatch.setenv(f"FETCH_{name}", value)
    expected = GuardedFetcher(
        private_hosts=("10.0.0.0/8",), plain_http=True, ports=(8443,), hosts=(".shop.example",), timeout_s=3.0
    )
    assert make_fetcher(FetchSettings()) == expected


def test_a_time_limit_of_none_at_all_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETCH_TIMEOUT_S", "0")
    with pytest.raises(ValidationError, match="timeout_s"):
        FetchSettings()
