"""How many operations of public WSO2 connectors reach the back end as their templates say.

    python -m tools.connectors CHECKOUT [--write FILE] [--only NAME]

CHECKOUT is a folder that holds connectors, such as a clone of wso2-attic/esb-connectors. Each connector is driven by
its own test proxies with its own request files (see ``tools.connector_tests``); placeholders in them get made-up
values. The back end is a stub that answers everything. An operation has reached it when a request left whose method
and URL are those of a ``<call>`` in its template, with the body that its payloadFactory makes (see
``tools.connector_bodies``); one that calls nothing, or only under a condition, when it ran without a fault: the table
counts these apart. Operations that no test proxy calls, or no longer calls well, are called directly with a made-up
value for each parameter, after the operations with which most test proxies begin.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from engine.core.http import HttpRequest, HttpResponse
from engine.declare.catalog import Catalog
from engine.declare.spec import SYNAPSE
from engine.deploy import connectors, loader
from engine.deploy.linker import link
from engine.deploy.loader import LoadedFile
from engine.deploy.snapshot import Snapshot
from engine.errors import Fault, Problems
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload
from engine.plugins.wso2_connector import Connector, Operation, is_connector, read_connector
from engine.runtime.catalog import language
from engine.runtime.config import Config
from engine.runtime.services import ProcessServices
from engine.testing.harness import StubClient, StubExchange, response
from tools.connector_calls import Expected, calls_of
from tools.connector_tests import Drive, Request, drives_of, filled, made_up, openers_of

ANSWER = b"""{"access_token": "token", "expires_in": "3600", "id": "1", "status": "ok", "urls": {"apis": {"rest": {
    "standard": "http://api.example.com/rest/", "bulk": "http://api.example.com/bulk/"}}}}"""
"""To everything. ``urls`` is where a login of Eloqua tells the address of what follows."""
TIME = 20.0
"""Seconds for one request."""
_SKIPPED = ("/target/", "/archetype-resources/")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one request to an operation.

    ``why`` is empty when it went as the template says: a request was sent, or there is none that must be.
    """

    why: str
    sent: bool = False
    to_any: bool = False
    """Whether the template leaves the address open, so that any would have been right."""
    body: bool = False
    """Whether the body was compared too."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one operation. ``proxies``: it has test proxies; ``driven``: one of them made the attempt."""

    operation: str
    java: bool
    proxies: bool
    driven: bool
    attempt: Attempt

    @property
    def why(self) -> str:
        return self.attempt.why


@dataclass(slots=True)
class Report:
    """One connector."""

    name: str
    path: str
    problems: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


class Driver:
    """Drives one connector."""

    def __init__(self, connector: Connector, folder: Path, registry: Path) -> None:
        self.connector = connector
        stamps = {connector.path: loader.NO_STAMP}
        self.deployed = connectors.load(stamps, language())
        self.catalog: Catalog = self.deployed.catalog
        self.client = StubClient(_answer)
        self.services = ProcessServices(Config(registry=str(registry)), self.client)
        self.drives = drives_of(folder, connector.name)
        names = openers_of(folder, connector.name) or ["init"]
        self.openers = [connector.operations[name] for name in names if name in connector.operations]
        self._snapshots: dict[Path | str, Snapshot | str] = {}

    async def run(self, operation: Operation) -> Outcome:
        expected, java = calls_of(self.connector, operation)
        drives = self.drives.get(operation.name, [])
        by_proxy = await self._best(drives, expected)
        if by_proxy is not None and not by_proxy.why:
            return Outcome(operation.name, java, True, True, by_proxy)
        # Test proxies have mistakes of their own, and lag behind the connector.
        direct = await self._try(self._direct(operation), made_up(), expected)
        if by_proxy is not None and direct.why:
            return Outcome(operation.name, java, True, True, by_proxy)
        return Outcome(operation.name, java, bool(drives), False, direct)

    async def _best(self, drives: list[Drive], expected: list[Expected]) -> Attempt | None:
        """The first attempt that sent what it should, else one that ran, else the last; None without test proxies."""
        best: Attempt | None = None
        for drive in drives:
            for request in drive.requests:
                attempt = await self._try(drive, request, expected)
                if attempt.sent:
                    return attempt
                if best is None or best.why:
                    best = attempt
        return best

    async def _try(self, drive: Drive, request: Request, expected: list[Expected]) -> Attempt:
        snapshot = self._snapshot(drive)
        if isinstance(snapshot, str):
            return Attempt(snapshot)
        self.client.requests.clear()
        headers = Headers()
        for name, value in request.headers:
            headers.add(name, value)
        headers.set("Content-Type", request.content_type)
        exchange = StubExchange(query=request.query)
        payload = Payload(request.body, request.content_type, origin="client")
        message = MessageContext(snapshot, exchange, payload, headers)
        fault = await _serve(snapshot, drive.proxy, message)
        return judged(self.client.requests, expected, fault)

    def _snapshot(self, drive: Drive) -> Snapshot | str:
        """The deployed proxy, or why it cannot be."""
        if drive.key not in self._snapshots:
            self._snapshots[drive.key] = self._deployed(drive)
        return self._snapshots[drive.key]

    def _deployed(self, drive: Drive) -> Snapshot | str:
        files: list[LoadedFile] = [loader.load_text(str(drive.key), drive.source, self.catalog)]
        files += [*self.deployed.files, self._connection(drive)]
        linked = link(files, {}, self.catalog.connectors, lambda path: False)
        wrong = [problem for problem in linked.problems if problem.severity == "error"]
        if ("proxy", drive.proxy) not in linked.artifacts:
            return f"{wrong[0].code}: {_short(wrong[0].message)}" if wrong else "the proxy does not load"
        return Snapshot(linked.artifacts, self.services, self.catalog)

    def _connection(self, drive: Drive) -> LoadedFile:
        """The local entries that the proxy names as connections, as their users would write them."""
        keys = set(re.findall(rb'configKey="([^"{]+)"', drive.source))
        init = self.connector.operations.get("init")
        entries = "".join(f'<localEntry key="{key.decode()}">{self._call(init)}</localEntry>' for key in keys if init)
        text = f'<definitions xmlns="{SYNAPSE}">{entries}</definitions>'
        return loader.load_text(f"connections of {drive.key}", text.encode(), self.catalog)

    def _call(self, operation: Operation, attributes: str = "") -> str:
        tag = f"{self.connector.name}.{operation.name}"
        inside = "".join(f"<{name}>{filled(name)}</{name}>" for name, _ in operation.parameters or () if name)
        return f"<{tag}{attributes}>{inside}</{tag}>"

    def _direct(self, operation: Operation) -> Drive:
        """A flow that calls an operation with its connection, or after what opens one."""
        if [each.name for each in self.openers] == ["init"] and operation.name != "init":
            calls = self._call(operation, ' configKey="connection"')
        else:
            before = itertools.takewhile(lambda each: each is not operation, self.openers)
            calls = "".join(map(self._call, (*before, operation)))
        flow = f"<target><inSequence>{calls}<respond/></inSequence></target>"
        source = f'<proxy xmlns="{SYNAPSE}" name="direct">{flow}</proxy>'
        return Drive(f"direct:{operation.name}", source.encode(), "direct", ())


def judged(requests: list[HttpRequest], expected: list[Expected], fault: str) -> Attempt:
    """Whether the requests are as expected; ``fault`` is what ended the flow, if anything did."""
    different = ""
    for each, sent in ((each, sent) for each in expected for sent in requests if each.matches(sent)):
        difference = each.body.difference(sent) if each.body is not None else None
        if not difference:
            return Attempt("", True, not each.has_address, difference is not None)
        different = f"sent another body than its payloadFactory makes: {difference}"
    if different or fault:
        return Attempt(different or fault)
    if all(each.conditional for each in expected):
        return Attempt("")
    sent_all = ", ".join(f"{each.method} {each.url}" for each in requests) or "nothing"
    wanted = " or ".join(f"{each.method} {each.url}" for each in expected)
    return Attempt(f"sent {sent_all}; the template calls {wanted}"[:400])


async def _serve(snapshot: Snapshot, proxy: str, message: MessageContext) -> str:
    """Run the proxy's in sequence; the fault, if any."""
    route = snapshot.route("POST", f"/services/{proxy}", "")
    flow = getattr(route, "flow", None)
    if flow is None:
        return "the proxy is not served"
    try:
        async with asyncio.timeout(TIME):
            await flow.in_part.mediate(message)
    except Fault as fault:
        return f"fault: {_short(fault.message)} at {fault.path[0] if fault.path else ''}"
    except TimeoutError:
        return f"it runs longer than {TIME:g} seconds"
    return ""


def _answer(request: HttpRequest) -> HttpResponse:
    return response(body=ANSWER, headers=[(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")])


def _short(text: str) -> str:
    return re.sub(r"\s+", " ", text)[:220]


def connectors_in(checkout: Path) -> Iterator[Path]:
    """The folders of a checkout that hold a connector."""
    for file in sorted(checkout.rglob("connector.xml")):
        if not any(part in f"{file}" for part in _SKIPPED) and is_connector(file.parent):
            yield file.parent


async def measure(folder: Path) -> Report:
    """Drive all operations of the connector in a folder."""
    problems = Problems()
    connector = read_connector(folder, problems)
    report = Report(connector.name if connector is not None else folder.name, str(folder))
    report.problems = [str(problem) for problem in problems if problem.severity == "error"]
    if connector is None:
        return report
    with tempfile.TemporaryDirectory() as registry:
        driver = Driver(connector, folder, Path(registry))
        for operation in (each for each in connector.operations.values() if not each.is_endpoint):
            report.outcomes.append(await driver.run(operation))
    return report


_COMPARED = """\
Compared are the method and the URL of a request with those of a <call> in the template, with anything in the place of
its variables; and the body, where a payloadFactory right before the call fixes its structure, with anything in the
place of its arguments. Headers and the values put in are not compared."""


def table(reports: Iterable[Report]) -> str:
    """The counts, and each operation that failed with the reason."""
    reports = list(reports)
    outcomes = [each for report in reports for each in report.outcomes]
    good = [each for each in outcomes if not each.why]
    sent = [each for each in good if each.attempt.sent]
    with_body = sum(each.attempt.body for each in sent)
    with_proxies = [each for each in outcomes if each.proxies]
    by_proxies = sum(each.driven and not each.why for each in with_proxies)
    lines = [
        f"connectors: {len(reports)}, of which load without an error: {sum(not each.problems for each in reports)}",
        _count("operations that reach the back end", outcomes),
        f"  {len(sent)} sent a request that was compared, {with_body} of them with its body",
        f"    {sum(each.attempt.to_any for each in sent)} of them by a template that leaves the whole address open",
        f"  {len(good) - len(sent)} ran without a fault: their templates call nothing, or only under a condition",
        _count("... without Java classes", [each for each in outcomes if not each.java]),
        _count("... with test proxies of their own", with_proxies),
        f"  {by_proxies} when driven by these, the others when called directly",
        "",
        _COMPARED,
        "",
        "reasons:",
    ]
    reasons = Counter(_reason(each.why) for each in outcomes if each.why)
    lines += [f"  {count:5}  {reason}" for reason, count in reasons.most_common()]
    for report in reports:
        failed = [each for each in report.outcomes if each.why]
        silent = [each.operation for each in report.outcomes if not each.why and not each.attempt.sent]
        lines += ["", f"{report.name}: {len(report.outcomes) - len(failed)} of {len(report.outcomes)}"]
        lines += [f"  without a request to compare: {', '.join(silent)}"] if silent else []
        lines += [f"  {problem}" for problem in report.problems]
        lines += [f"  {each.operation}{' (Java)' if each.java else ''}: {each.why}" for each in failed]
    return "\n".join(lines) + "\n"


def _count(label: str, outcomes: list[Outcome]) -> str:
    reached = sum(not each.why for each in outcomes)
    share = 100 * reached / len(outcomes) if outcomes else 0
    return f"{label}: {reached} of {len(outcomes)} ({share:.1f} %)"


def _reason(why: str) -> str:
    text = re.sub(r"'[^']*'", "'…'", why)
    text = re.sub(r"\S+\.xml:\d+:\d+", "FILE", text)
    return re.sub(r"(sent|the template calls) .*", r"\1 …", text)[:110]


@click.command()
@click.argument("checkout", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the table.")
@click.option("--only", default="", help="Connectors whose path has this text.")
def main(checkout: Path, write: Path | None, only: str) -> None:
    """Drive every connector beneath CHECKOUT."""
    folders = [folder for folder in connectors_in(checkout) if only in str(folder)]
    reports = []
    logging.disable(logging.CRITICAL)  # what the flows say while they run is no part of the table
    try:
        for folder in folders:
            reports.append(asyncio.run(measure(folder)))
            print(f"{len(reports)}/{len(folders)} {reports[-1].name}", file=sys.stderr)
    finally:
        logging.disable(logging.NOTSET)
    text = table(reports).replace(f"{checkout}/", "")
    if write is None:
        click.echo(text)
    else:
        write.write_text(text, "utf-8")
        click.echo("\n".join(text.splitlines()[:4]))


if __name__ == "__main__":
    main()
