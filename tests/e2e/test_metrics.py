"""``server.metrics``: what a real engine has counted, with one process and with several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.conftest import DEFINITIONS, PATIENCE, eventually

FLOWS = f"""{DEFINITIONS}
  <proxy name="good"><target><inSequence><respond/></inSequence></target></proxy>
  <proxy name="bad"><target><inSequence><throwError type="x" errorMessage="no"/></inSequence></target></proxy>
  <proxy name="mended"><target>
    <inSequence><throwError type="x" errorMessage="no"/></inSequence><faultSequence><respond/></faultSequence>
  </target></proxy>
  <api name="orders" context="/orders"><resource methods="GET"><inSequence><respond/></inSequence></resource></api>
</definitions>"""


def counted(engine: Any, path: str = "/metrics") -> dict[str, dict[str, float]]:
    """The counters, by metric and service."""
    answer = requests.get(engine.admin_url + path, timeout=PATIENCE)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    counts: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            if sample.name.endswith("_total") and "service_name" in sample.labels:
                counts.setdefault(sample.name, {})[sample.labels["service_name"]] = sample.value
    return counts


@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one process", "two workers"])
def test_messages_and_faults_are_counted(start: Callable[..., Any], options: tuple[str, ...]) -> None:
    engine = start({"a.xml": FLOWS}, "server: {metrics: true}", *options)
    for _ in range(20):  # each on a connection of its own, so that both workers get some
        assert engine.post("/services/good", {}).status_code == 200
    for name, status in (("bad", 500), ("mended", 200)):
        assert engine.post(f"/services/{name}", {}).status_code == status
    assert engine.call("GET", "/orders").status_code == 200
    assert engine.call("PUT", "/orders").status_code == 405  # no resource, and no conversation
    assert engine.call("GET", "/nothing").status_code == 404
    expected = {
        "wso2_integration_proxy_request_count_total": {"good": 20, "bad": 1, "mended": 1},
        "wso2_integration_proxy_request_count_error_total": {"good": 0, "bad": 1, "mended": 1},
        "wso2_integration_api_request_count_total": {"orders": 1},
        "wso2_integration_api_request_count_error_total": {"orders": 0},
    }
    # A conversation is counted when it is over, which may be a moment after its client has the answer.
    eventually(lambda: counted(engine) == expected)
    assert counted(engine, "/metric-service/metrics") == expected


def test_without_the_setting_nothing_is_counted(start: Callable[..., Any]) -> None:
    engine = start({"a.xml": FLOWS})
    answer = requests.get(f"{engine.admin_url}/metrics", timeout=PATIENCE)
    assert (answer.status_code, answer.json()) == (
        404,
        {"error": "nothing is counted: set server.metrics to true in myelin.yaml"},
    )
