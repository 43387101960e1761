"""How patient a service is."""

from shared.runtime.settings import KafkaSettings


def test_a_pause_doubles_with_every_outage_in_a_row_up_to_a_cap() -> None:
    settings = KafkaSettings(wait_first_s=0.5, wait_cap_s=30.0)
    assert [settings.pause_s(times) for times in range(8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_an_outage_may_last_for_years() -> None:
    assert KafkaSettings(wait_first_s=0.5, wait_cap_s=30.0).pause_s(10**9) == 30.0
    assert KafkaSettings(wait_first_s=1.0, wait_cap_s=1e9).pause_s(5000) == 65536.0
