"""Kafka's cluster id is one that Kafka's own tools take."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.kafka_server import cluster_id, kafka_jars
from deploy.local.places import Places
from deploy.local.processes import LocalStackError

ZERO = bytes(16)
ONE = bytes(15) + b"\x01"
TAKEN = bytes.fromhex("00112233445566778899aabbccddeeff")
DASHED = bytes.fromhex("fb112233445566778899aabbccddeeff")  # 0xfb = 111110 11…: 62, which base64 for URLs writes as -


def drawing(*drawn: bytes) -> Callable[[], bytes]:
    return iter(drawn).__next__


def test_sixteen_bytes_become_twenty_two_characters() -> None:
    assert cluster_id(drawing(TAKEN)) == "ABEiM0RVZneImaq7zN3u_w"


def test_an_id_that_begins_with_a_dash_is_drawn_again_as_the_tool_takes_it_for_an_option() -> None:
    assert cluster_id(drawing(DASHED, TAKEN)) == "ABEiM0RVZneImaq7zN3u_w"


@pytest.mark.parametrize("reserved", [ZERO, ONE])
def test_ids_that_kafka_keeps_for_itself_are_drawn_again(reserved: bytes) -> None:
    assert cluster_id(drawing(reserved, TAKEN)) == "ABEiM0RVZneImaq7zN3u_w"


def test_of_all_sixty_four_first_characters_only_the_dash_is_drawn_again() -> None:
    firsts = [cluster_id(drawing(bytes([first << 2]) + TAKEN[1:], TAKEN))[0] for first in range(64)]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    assert "".join(firsts) == f"{letters}A_"  # 62 would be the dash; the second draw's A stands there


def test_a_dash_inside_is_no_option() -> None:
    inside = bytes.fromhex("03e0") + TAKEN[2:]  # 000000 111110 …
    assert cluster_id(drawing(inside, TAKEN)).startswith("A-")


MAVEN = """#!/bin/sh
for word in "$@"; do case "$word" in -DoutputDirectory=*) jars="${word#*=}";; esac; done
mkdir -p "$jars" && touch "$jars/kafka_2.13-4.2.0.jar"
test -e "$0.cut" && rm "$0.cut" && kill -9 $$  # between two of its files
touch "$jars/kafka-clients-4.2.0.jar"
"""


def test_a_fetching_that_was_cut_off_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("mvn", "java"):
        (tmp_path / name).write_text(MAVEN)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "mvn.cut").touch()
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    places = Places(servers=tmp_path / "servers")
    (places.servers / "kafka-4.2.0" / "left").mkdir(parents=True)
    with pytest.raises(LocalStackError, match="fetching Kafka with Maven failed"):
        kafka_jars(places)
    names = {path.name for path in kafka_jars(places).iterdir()}
    assert names == {"kafka_2.13-4.2.0.jar", "kafka-clients-4.2.0.jar"}
    assert kafka_jars(places).parent == places.servers and len(list(places.servers.iterdir())) == 1
