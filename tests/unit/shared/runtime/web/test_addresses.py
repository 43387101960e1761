"""Which addresses are on the public web."""

import ipaddress

import pytest

from shared.runtime.web.addresses import carried, is_public


@pytest.mark.parametrize(
    "text",
    [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "192.88.99.1",
        "240.0.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "100::1",
        "2001:db8::1",
        "3fff::1",
        "4000::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::7f00:1",
        "64:ff9b:1::808:808",
        "64:ff9b:1:a9fe:a9:fe00::",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:0:7f00:1::",
        "2606:4700::5efe:a00:1",
        "2606:4700::200:5efe:7f00:1",
    ],
)
def test_what_leads_inside_is_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "93.184.215.14",
        "8.8.8.8",
        "2606:4700:4700::1111",
        "2a00:1450:4001:829::200e",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ],
)
def test_what_anybody_can_reach_is_public_however_it_is_written(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


def test_the_address_inside_another_is_found() -> None:
    inside = {"::ffff:10.0.0.1": "10.0.0.1", "2002:7f00:1::": "127.0.0.1", "64:ff9b::a9fe:a9fe": "169.254.169.254"}
    assert {text: str(carried(ipaddress.IPv6Address(text))) for text in inside} == inside
    assert carried(ipaddress.IPv6Address("2606:4700::1")) is None
