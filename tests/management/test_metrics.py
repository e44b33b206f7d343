"""What the page of metrics says, without a socket."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from engine.core.env import ServiceName
from engine.deploy.deployment import Deployment
from engine.management.metrics import Count, Metrics
from engine.runtime.catalog import language
from engine.runtime.config import Config
from engine.runtime.services import ProcessServices
from engine.testing.harness import StubClient

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'
PROXY = {"service_name": "p", "service_type": "proxy"}
API = {"service_name": "a:v1", "service_type": "api", "invocation_url": "/a"}
INBOUND = {"service_name": "i", "service_type": "inbound-endpoint"}


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    (tmp_path / "p.xml").write_text(
        f'<proxy {NAMESPACE} name="p"><target><inSequence><respond/></inSequence></target></proxy>'
    )
    (tmp_path / "s.xml").write_text(f'<sequence {NAMESPACE} name="s"><drop/></sequence>')
    (tmp_path / "broken.xml").write_text("<proxy")
    deployment = Deployment(tmp_path, language(), ProcessServices(Config(registry=str(tmp_path)), StubClient()))
    deployment.deploy()
    return deployment


def values(page: bytes, name: str) -> list[tuple[dict[str, str], float]]:
    """The samples of one name, with their labels."""
    families = text_string_to_metric_families(page.decode())
    return [(each.labels, each.value) for family in families for each in family.samples if each.name == name]


@pytest.mark.parametrize(
    ("service", "prefix", "labels"),
    [
        (ServiceName("proxy", "p"), "wso2_integration_proxy", PROXY),
        (ServiceName("api", "a:v1", "/a"), "wso2_integration_api", API),
        (ServiceName("inbound-endpoint", "i"), "wso2_integration_inbound_endpoint", INBOUND),
    ],
)
def test_each_type_of_service_has_its_metrics(
    deployment: Deployment, service: ServiceName, prefix: str, labels: dict[str, str]
) -> None:
    metrics = Metrics()
    for seconds, failed in ((0.004, False), (0.2, True), (20.0, False)):
        metrics.served(service, seconds, failed=failed)
    page = metrics.page(deployment)
    assert values(page, f"{prefix}_request_count_total") == [(labels, 3)]
    assert values(page, f"{prefix}_request_count_error_total") == [(labels, 1)]
    assert values(page, f"{prefix}_latency_seconds_sum") == [(labels, pytest.approx(20.204))]
    buckets = {each["le"]: count for each, count in values(page, f"{prefix}_latency_seconds_bucket")}
    assert (buckets["0.0025"], buckets["0.005"], buckets["0.25"], buckets["10.0"], buckets["+Inf"]) == (0, 1, 2, 2, 3)


def test_services_are_counted_apart(deployment: Deployment) -> None:
    metrics = Metrics()
    for name in ("p", "q", "p"):
        metrics.served(ServiceName("proxy", name), 0.1, failed=False)
    counts = values(metrics.page(deployment), "wso2_integration_proxy_request_count_total")
    assert {labels["service_name"]: count for labels, count in counts} == {"p": 2, "q": 1}


def test_what_is_deployed(deployment: Deployment) -> None:
    page = Metrics().page(deployment)
    assert values(page, "wso2_integration_service_up") == [(PROXY, 1)]
    assert values(page, "wso2_integration_server_up") == [({}, 1)]
    assert values(page, "myelin_deployment_errors") == [({}, 1)]
    assert values(page, "process_resident_memory_bytes")[0][1] > 10_000_000


def test_counts_for_the_page() -> None:
    metrics = Metrics()
    for seconds, failed in ((0.1, False), (0.3, True)):
        metrics.served(ServiceName("proxy", "p"), seconds, failed=failed)
    metrics.served(ServiceName("api", "p", "/p"), 1.0, failed=False)
    counts = metrics.counts()
    assert counts["proxy", "p"] == Count(2, 1, pytest.approx(0.4))
    assert counts["proxy", "p"].mean == pytest.approx(200)
    assert counts["api", "p"] == Count(1, 0, 1.0)
    assert (counts["proxy", "unknown"], Count().mean) == (Count(), 0.0)
