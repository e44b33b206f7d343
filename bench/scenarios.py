"""What is measured: the scenarios of WSO2's published results, and the connector.

https://github.com/wso2/performance-ei has WSO2's own flows; those in ``bench/flows`` have the same shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import payloads
from bench.payloads import SIZES, Payload

FLOWS = Path(__file__).parent / "flows"


@dataclass(frozen=True, slots=True)
class Target:
    """The least that Myelin must reach: its requests per CPU second divided by the other's.

    The other is a peer, or Myelin itself in another scenario of the same run.
    """

    size: str
    against: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Latency:
    """Below how many times the peer's p99 that of Myelin must stay."""

    size: str
    against: str
    times: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """A flow with the payloads to send it. It is pending while the engine lacks one of the tags it ``needs``."""

    name: str
    title: str
    service: str
    payloads: Callable[[str], list[Payload]]
    """From the address of the back end."""
    path: str = "/RealService"
    """Where plain proxies send the message."""
    needs: tuple[str, ...] = ()
    targets: tuple[Target | Latency, ...] = ()

    @property
    def flow(self) -> Path:
        return FLOWS / f"{self.service}.xml"


def _json(back_end: str) -> list[Payload]:
    return [payloads.orders("json", size) for size in SIZES]


def _xml(back_end: str) -> list[Payload]:
    return [payloads.orders("xml", size) for size in SIZES]


def _webinar(back_end: str) -> list[Payload]:
    return [payloads.webinar_request(back_end)]


SCENARIOS = (
    Scenario(
        "direct",
        "DirectProxy, JSON",
        "DirectProxy",
        _json,
        targets=(
            Target("500 B", "nginx", 0.45),
            Target("500 B", "node", 3.0),
            Latency("500 B", "nginx", 3.0),
            Target("10 kB", "nginx", 0.6),
            Target("100 kB", "nginx", 0.6),
        ),
    ),
    Scenario("direct-xml", "DirectProxy, SOAP", "DirectProxy", _xml),
    Scenario(
        "cbr",
        "CBRProxy: XPath on the body chooses the way",
        "CBRProxy",
        _xml,
        needs=("filter", "send"),
        targets=(Target("500 B", "direct-xml", 0.8), Target("10 kB", "direct-xml", 0.6)),
    ),
    Scenario(
        "xslt",
        "XSLTProxy: request and answer are transformed",
        "XSLTProxy",
        _xml,
        needs=("xslt",),
        targets=(Target("500 B", "direct-xml", 0.5), Target("10 kB", "direct-xml", 0.25)),
    ),
    Scenario(
        "connector",
        "WebinarProxy: 10 properties, init, getWebinarById",
        "WebinarProxy",
        _webinar,
        path=payloads.WEBINAR_PATH,
        needs=("gotowebinar.init", "gotowebinar.getWebinarById"),
        targets=(Target("sample", "nginx", 0.18),),
    ),
)


def lacking(scenario: Scenario) -> list[str]:
    """The tags it needs that the engine does not have yet."""
    from engine.runtime.catalog import installed

    catalog, _ = installed()
    return [tag for tag in scenario.needs if catalog.get("mediator", tag) is None]
