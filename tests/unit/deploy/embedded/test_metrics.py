"""Several services' metrics as one page."""

import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from deploy.embedded.metrics import HOST, served, together
from deploy.local.ports import free_ports
from shared.contracts.errors import BadRequest
from shared.runtime.telemetry.metrics import Metrics


@pytest.fixture
def registry() -> CollectorRegistry:
    registries = []
    for number, service in enumerate(("segmenter", "captioner"), 1):
        registries.append(CollectorRegistry())
        Metrics(registries[-1], service=service).published.labels(service, "product.segmented.v1").inc(number)
    return together(registries)


def test_each_family_is_there_once_with_the_samples_of_every_service(registry: CollectorRegistry) -> None:
    text = generate_latest(registry).decode()
    assert text.count("# TYPE backdrop_published_total") == 1
    (family,) = [one for one in text_string_to_metric_families(text) if one.name == "backdrop_published"]
    assert {sample.labels["service"]: sample.value for sample in family.samples} == {"segmenter": 1, "captioner": 2}


def test_what_is_read_twice_is_the_same(registry: CollectorRegistry) -> None:
    ours = [
        [line for line in generate_latest(registry).decode().splitlines() if line.startswith("backdrop_")]
        for _ in range(2)
    ]
    assert ours[0] == ours[1]


def test_it_is_answered_on_loopback_and_only_meanwhile(registry: CollectorRegistry) -> None:
    (port,) = free_ports(1)
    url = f"http://{HOST}:{port}/metrics"
    with served(registry, port):
        assert 'backdrop_published_total{service="captioner"' in httpx.get(url, trust_env=False, timeout=60).text
        with pytest.raises(BadRequest, match=f"EMBEDDED_METRICS_PORT={port}"), served(registry, port):
            pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False, timeout=60)


def test_without_a_port_nothing_listens(registry: CollectorRegistry) -> None:
    with served(registry, None):
        pass
