"""Metrics in the form of Prometheus, under the names that WSO2's servers give them, so that their dashboards go on.

With several workers each writes to files in a folder that they share, and whoever is asked adds them up. The library is
an extra, and takes a while to import: only an engine that counts imports this module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from engine import __version__
from engine.core.env import ServiceName
from engine.deploy.deployment import Deployment

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds. WSO2's begin at 0.19, which is slower than nearly every request here."""

_LABELS = {
    "proxy": ("service_name", "service_type"),
    "api": ("service_name", "service_type", "invocation_url"),
    "inbound-endpoint": ("service_name", "service_type"),
}

Observe = Callable[[float, bool], None]
"""Takes seconds, and whether there was a fault."""


@dataclass(slots=True)
class Count:
    """What was counted of one service. ``seconds`` is the sum over all messages."""

    messages: int = 0
    faults: int = 0
    seconds: float = 0.0

    @property
    def mean(self) -> float:
        """Milliseconds a message."""
        return self.seconds / self.messages * 1000 if self.messages else 0.0


class Metrics:
    """Fulfils ``engine.core.env.Meter``. ``shared`` is the library's folder for several processes, None for one."""

    def __init__(self, shared: Path | None = None) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types for it
        self._shared = shared
        self._registry = CollectorRegistry()
        self._counters = {type_: _counters(self._registry, type_) for type_ in _LABELS}

    def served(self, service: ServiceName, seconds: float, *, failed: bool) -> None:
        self._counters[service.type](service)(seconds, failed)

    def page(self, deployment: Deployment) -> bytes:
        """What all workers have counted, and what is deployed now."""
        now = CollectorRegistry()
        now.register(_Deployed(deployment))
        if self._shared is None:
            ProcessCollector(registry=now)
        return generate_latest(self._counted()) + generate_latest(now)

    def counts(self) -> Mapping[tuple[str, str], Count]:
        """By type and name, those of all workers."""
        counts: dict[tuple[str, str], Count] = defaultdict(Count)
        for sample in (each for family in self._counted().collect() for each in family.samples):
            labels = sample.labels.get("service_type", ""), sample.labels.get("service_name", "")
            if sample.name.endswith("_request_count_total"):
                counts[labels].messages += int(sample.value)
            elif sample.name.endswith("_request_count_error_total"):
                counts[labels].faults += int(sample.value)
            elif sample.name.endswith("_latency_seconds_sum"):
                counts[labels].seconds += sample.value
        return counts

    def _counted(self) -> CollectorRegistry:
        if self._shared is None:
            return self._registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(self._shared))  # type: ignore[no-untyped-call]  # nor for this
        return registry


def _counters(registry: CollectorRegistry, type_: str) -> Callable[[ServiceName], Observe]:
    """What counts for a service of this type; all of them share three metrics."""
    prefix, of, labels = f"wso2_integration_{type_.replace('-', '_')}", type_.replace("-", " "), _LABELS[type_]
    requests = Counter(f"{prefix}_request_count", f"Messages, by {of}.", labels, registry=registry)
    errors = Counter(f"{prefix}_request_count_error", f"Messages that had a fault, by {of}.", labels, registry=registry)
    latency = Histogram(
        f"{prefix}_latency_seconds", f"Time from message to end, by {of}.", labels, registry=registry, buckets=_BUCKETS
    )

    @cache
    def observer(service: ServiceName) -> Observe:
        values = (service.name, service.type, service.url)[: len(labels)]
        count, failures, time = requests.labels(*values), errors.labels(*values), latency.labels(*values)

        def observe(seconds: float, failed: bool) -> None:
            count.inc()
            time.observe(seconds)
            if failed:
                failures.inc()

        return observe

    return observer


class _Deployed(Collector):
    """What is so at the moment somebody asks."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("wso2_integration_server_up", "Whether the engine serves.", value=1)
        version = GaugeMetricFamily("wso2_integration_server_version", "Which engine serves.", labels=["version"])
        version.add_metric([__version__], 1)
        yield version
        up = GaugeMetricFamily("wso2_integration_service_up", "What is deployed.", labels=_LABELS["proxy"])
        for artifact in self._deployment.snapshot.artifacts():
            if artifact.kind in _LABELS:
                up.add_metric([artifact.identity, artifact.kind], 1)
        yield up
        errors = len(self._deployment.errors)
        yield GaugeMetricFamily("myelin_deployment_errors", "Errors in files, as /healthz lists them.", value=errors)
