"""Connectors: what loading many of them costs, and what a call costs beside the same flow written by hand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from bench import cpu, made_up, payloads, peers, tables, tools, ways
from bench.group import Group, Options, Outcome, temporary_folder
from bench.peers import Peer
from bench.processes import free_port
from bench.ways import Way

COUNT = 150
TARGET_SECONDS = 5
TARGET_MEGABYTES = 300
TARGET_COST = 1.3
"""The most that a call may cost, as a multiple of the same flow written by hand."""

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
        peer = Peer("myelin", port, child.pid, flows=True)
        found = [Way(name, peer.url(f"Way{number}", ""), child.pid) for number, name in enumerate(FLOWS)]
        ways.take_turns(found, payloads.webinar_request(f"http://127.0.0.1:{back_end}"), folder)
    return found


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


def run(options: Options) -> Outcome:
    with temporary_folder() as folder:
        loading = measure_loading(folder)
        missing = [program for program in ("nginx", "wrk") if program in tools.missing()]
        found = [] if missing else measure_calls(folder)
    if found:
        calls = ways.report("A connector call beside the same flow written by hand", found, TARGET_COST)
    else:
        calls = f"### A connector call\n\nnot measured: {' and '.join(missing)} missing"
    return Outcome(f"{report_loading(loading)}\n\n{calls}", (loading, found), any(way.failed for way in found))


GROUP = Group("connectors", "loading 150 connectors; a call beside the same flow written by hand", 80, run)
