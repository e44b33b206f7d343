"""Connectors: what loading many of them costs, and what a call costs beside the same flow written by hand."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench import cpu, load, made_up, payloads, peers, tables, tools
from bench.group import Group, Options, Outcome, temporary_folder
from bench.load import Sample, WrongAnswer
from bench.peers import Peer
from bench.processes import free_port

COUNT = 150
TARGET_SECONDS = 5
TARGET_MEGABYTES = 300
TARGET_COST = 1.3
"""The most that a call may cost, as a multiple of the same flow written by hand."""
ROUNDS = 5
SECONDS = 3

_KEYS = ("apiUrl", "accessToken", "organizerKey", "webinarKey")
_PROPERTIES = "".join(f'<property name="{key}" expression="json-eval($.{key})"/>' for key in _KEYS)
_BY_HAND = (
    '<property name="uri.var.apiUrl" expression="$ctx:apiUrl"/>'
    '<property name="uri.var.organizerKey" expression="$ctx:organizerKey"/>'
    '<property name="uri.var.webinarKey" expression="$ctx:webinarKey"/>'
    '<header name="Authorization" scope="transport" expression="fn:concat(\'OAuth oauth_token=\', $ctx:accessToken)"/>'
    '<header name="Accept" scope="transport" value="application/json"/>'
    '<call><endpoint><http method="get" uri-template="{+uri.var.apiUrl}'
    f'{payloads.WEBINAR_TEMPLATE}"/></endpoint></call>'
)
_INIT = (
    "<{0}.init><apiUrl>{{$ctx:apiUrl}}</apiUrl><accessToken>{{$ctx:accessToken}}</accessToken>"
    "<organizerKey>{{$ctx:organizerKey}}</organizerKey></{0}.init>"
)
_CALL = "<{0}.{1}><webinarKey>{{$ctx:webinarKey}}</webinarKey></{0}.{1}>"
_YAML = f"""\
connector: inyaml
summary: Webinars.
base_url: http://127.0.0.1
auth: {{type: bearer}}
connection: [organizerKey]
operations:
  read:
    summary: Read a webinar.
    method: GET
    path: {payloads.WEBINAR_TEMPLATE.replace("uri.var.", "")}
    parameters:
      webinarKey: {{type: key, required: true, doc: The webinar.}}
"""

BY_HAND = "written by hand"
FLOWS = {
    BY_HAND: _BY_HAND,
    "WSO2 connector": (_INIT + _CALL).format("inxml", "read"),
    "YAML connector": (_INIT + _CALL).format("inyaml", "read"),
    "gotowebinar": (_INIT + _CALL).format("gotowebinar", "getWebinarById"),
}
"""The same request, four ways."""


@dataclass(frozen=True, slots=True)
class Loading:
    """Start to ready and resident memory, with no connector besides those that ship and with many."""

    without: tuple[float, float]
    with_all: tuple[float, float]


@dataclass(slots=True)
class Way:
    """One way to make the same request."""

    name: str
    samples: list[Sample] = field(default_factory=list)
    problem: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.problem) or any(sample.errors for sample in self.samples)

    def cost(self, other: Way) -> float:
        """CPU time of a request as a multiple of the other's: the median of the rounds."""
        pairs = zip(self.samples, other.samples, strict=True)
        return statistics.median([mine.cpu_per_request / its.cpu_per_request for mine, its in pairs])


def measure_loading(folder: Path) -> Loading:
    """Raises StartError."""
    alone, uses = folder / "alone", folder / "uses"
    for flows, steps in ((alone, _BY_HAND), (uses, (_INIT + _CALL).format("acme0", "read"))):
        flows.mkdir()
        _write_flow(flows, "Flow", steps)
    connectors = folder / "connectors"
    connectors.mkdir()
    for number in range(COUNT):
        made_up.write_zip(connectors, f"acme{number}", made_up.connector(f"acme{number}"))
    return Loading(_start(folder / "no", alone, ()), _start(folder / "all", uses, (connectors,)))


def _start(folder: Path, flows: Path, connectors: tuple[Path, ...]) -> tuple[float, float]:
    folder.mkdir()
    began = time.perf_counter()
    with peers.myelin(flows, folder, free_port(), connectors=connectors) as child:
        return time.perf_counter() - began, cpu.resident_megabytes(child.pid)


def measure_calls(folder: Path) -> list[Way]:
    """All ways in turn, round by round. Raises StartError."""
    flows = folder / "calls"
    flows.mkdir()
    for number, steps in enumerate(FLOWS.values()):
        _write_flow(flows, f"Way{number}", steps)
    connectors = folder / "called"
    (connectors / "inyaml").mkdir(parents=True)
    (connectors / "inyaml" / "connector.yaml").write_text(_YAML)
    made_up.write_zip(connectors, "inxml", made_up.connector("inxml"))
    port = free_port()
    with (
        peers.back_end(folder) as back_end,
        peers.myelin(flows, folder, port, connectors=(connectors,)) as child,
    ):
        payload = payloads.webinar_request(f"http://127.0.0.1:{back_end}")
        body = folder / "body"
        body.write_bytes(payload.body)
        peer = Peer("myelin", port, child.pid, flows=True)
        ways = [Way(name) for name in FLOWS]
        for round_ in range(ROUNDS + 1):  # the first one warms up
            for number, way in enumerate(ways):
                url = peer.url(f"Way{number}", "")
                try:
                    sample = load.run(peer.pid, url, payload, body, SECONDS, load.check(url, payload))
                except WrongAnswer as error:
                    sys.stderr.write(f"{way.name} {error}\n")
                    way.problem = "wrong answer"
                else:
                    way.samples += [sample] if round_ else []
    return ways


def _write_flow(folder: Path, name: str, steps: str) -> None:
    (folder / f"{name}.xml").write_text(
        f'<proxy xmlns="http://ws.apache.org/ns/synapse" name="{name}"><target><inSequence>{_PROPERTIES}{steps}'
        "<respond/></inSequence></target></proxy>\n"
    )


def report_loading(result: Loading) -> str:
    (seconds, megabytes), (all_seconds, all_megabytes) = result.without, result.with_all
    rows = [
        ("start to ready, s", f"{seconds:.2f}", f"{all_seconds:.2f}", tables.below(all_seconds, TARGET_SECONDS, "s")),
        (
            "resident, MB",
            f"{megabytes:.0f}",
            f"{all_megabytes:.0f}",
            tables.below(all_megabytes, TARGET_MEGABYTES, "MB"),
        ),
    ]
    title = f"{COUNT} connectors of {made_up.OPERATIONS} operations, one of which a flow uses"
    return tables.table(title, ("figure", "without", "with", "target"), rows)


def report_calls(ways: Iterable[Way]) -> str:
    by_hand, *others = ways
    columns = ("one request", "requests/s", "CPU µs/request", "/ by hand", "target")
    lines = [_line(way, by_hand) for way in (by_hand, *others)]
    return tables.table("A connector call beside the same flow written by hand", columns, lines)


def _line(way: Way, by_hand: Way) -> tuple[str, ...]:
    if way.failed or by_hand.failed:
        return (way.name, way.problem or "errors: **invalid**", "", "", "")
    rate = statistics.median([sample.per_second for sample in way.samples])
    cost = statistics.median([sample.cpu_per_request for sample in way.samples])
    ratio = way.cost(by_hand)
    target = "" if way is by_hand else f"≤ {TARGET_COST:g}: {tables.verdict(ratio <= TARGET_COST)}"
    return (way.name, f"{rate:,.0f}", f"{cost * 1e6:.0f}", f"{ratio:.2f}", target)


def run(options: Options) -> Outcome:
    with temporary_folder() as folder:
        loading = measure_loading(folder)
        missing = [program for program in ("nginx", "wrk") if program in tools.missing()]
        ways = [] if missing else measure_calls(folder)
    calls = report_calls(ways) if ways else f"### A connector call\n\nnot measured: {' and '.join(missing)} missing"
    return Outcome(f"{report_loading(loading)}\n\n{calls}", (loading, ways), any(way.failed for way in ways))


GROUP = Group("connectors", "loading 150 connectors; a call beside the same flow written by hand", 80, run)
