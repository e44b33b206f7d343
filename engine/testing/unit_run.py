"""Run unit tests of flows in this process: through routing and the HTTP edge, against the mock services of the test."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

from engine.core.artifact import Artifact
from engine.core.branches import Branches
from engine.declare.catalog import Catalog
from engine.deploy import connectors, loader
from engine.deploy.layered_registry import LayeredRegistry
from engine.deploy.linker import link
from engine.deploy.loader import LoadedFile
from engine.deploy.references import References
from engine.deploy.snapshot import Snapshot
from engine.errors import Fault, Problem, Where
from engine.expressions.base import ExpressionError
from engine.expressions.compile import compile_expression
from engine.message.codecs import json, xml
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload
from engine.runtime.config import Config
from engine.runtime.services import ProcessServices
from engine.testing.harness import Answer, StubExchange, request
from engine.testing.unit_compare import same
from engine.testing.unit_mocks import MockServices, type_of
from engine.testing.unit_suite import Assertion, Case, Property, Suite

_TESTED = ("sequence", "proxy", "api")
_ENVELOPE = re.compile(r"\s*<(\w+:)?Envelope[\s>]")
_MOST_SHOWN = 400
_TIME_TO_END = 5.0
"""Seconds for what a flow still does after its answer."""

Read = Callable[[Assertion], str | None]
"""What an assertion looks at; None when it is not there."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a case failed, and where it says so."""

    where: Where
    text: str


@dataclass(slots=True)
class Result:
    """What became of a case."""

    case: Case
    failures: list[Failure] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """What became of the tests of one artifact. With ``problems`` none of them ran."""

    file: str
    artifact: Artifact | None = None
    problems: list[Problem] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return bool(self.problems) or any(result.failures for result in self.results)


async def run(suite: Suite, known: Catalog, settings: Config) -> Report:
    """Deploy what a suite names, and run its cases one after the other. ``known`` are the language and connectors.

    Registry and message stores are empty ones of the suite's own, whatever the settings say.
    """
    with tempfile.TemporaryDirectory(prefix="myelin-test-") as folder:
        mocks = MockServices(suite.mocks)
        own = replace(settings, registry=f"{folder}/registry", message_stores=f"{folder}/message-stores")
        services = ProcessServices(own, mocks)
        try:
            report, snapshot = _deployed(suite, known, services, Path(folder, "connectors"))
            if report.artifact is not None and not report.problems:
                for case in suite.cases:
                    report.results.append(await _ran(case, report.artifact, snapshot, mocks))
        finally:
            await services.drain(_TIME_TO_END)
            services.close()
    return report


def _deployed(suite: Suite, known: Catalog, services: ProcessServices, folder: Path) -> tuple[Report, Snapshot]:
    """What is wrong becomes the problems of the report. ``folder`` is for the connectors."""
    folder.mkdir()
    for name, content in suite.connectors.items():
        (folder / name).write_bytes(content)
    libraries = connectors.load(connectors.find([folder]), known)
    references = References(services.secret, services.settings)
    files = []
    for element in suite.artifacts:
        loaded = LoadedFile(element.source.file, loader.NO_STAMP)
        references.resolve(element, loaded.problems)
        loader.build_all(element, libraries.catalog, loaded)
        files.append(loaded)
    registry = LayeredRegistry(services.registry, suite.resources)
    linked = link(
        [*files, *libraries.files], {}, libraries.catalog.connectors, lambda path: registry.get(path) is not None
    )
    found = (*libraries.problems, *linked.problems)
    report = Report(suite.file, files[0].artifacts[0].artifact if files[0].artifacts else None)
    report.problems = [problem for problem in found if problem.severity == "error"]
    if not report.problems and (report.artifact is None or report.artifact.kind not in _TESTED):
        message = "Unit tests are of a <sequence>, a <proxy> or an <api>."
        report.problems.append(Problem("bad-unit-test", suite.artifacts[0].where, message))
    return report, Snapshot(linked.artifacts, services, libraries.catalog, suite.resources)


async def _ran(case: Case, artifact: Artifact, snapshot: Snapshot, mocks: MockServices) -> Result:
    result = Result(case)
    mocks.unanswered.clear()
    try:
        if artifact.kind == "sequence":
            read = await _mediated(case, artifact, snapshot)
        else:
            read = await _called(case, artifact, snapshot)
    except Fault as fault:
        result.failures.append(Failure(case.where, f"it ended with a fault: {fault} at {fault.at()}"))
        return result
    result.failures += [failure for each in case.assertions if (failure := _failure(each, read)) is not None]
    if result.failures:
        told = dict.fromkeys(mocks.unanswered)
        result.failures += [Failure(case.where, f"no mock service answers {each}") for each in told]
    return result


# ---------------------------------------------------------------- messages


async def _mediated(case: Case, sequence: Artifact, snapshot: Snapshot) -> Read:
    """A message through a sequence. Raises the Fault that the sequence ends with."""
    content = case.payload or ""
    payload = Payload(content.encode(), type_of(content) if content else "", origin="client")
    message = MessageContext(snapshot, StubExchange(), payload, Headers())
    for each in case.properties:
        _set(message, each)
    message.branches = Branches()
    try:
        await snapshot.sequence(sequence.identity).mediate(message)
        await message.branches.over()
    finally:
        await message.ending.come()
    if message.payload.pending:
        await message.payload.load(snapshot.limits.buffered_body)
    return lambda assertion: _of_message(message, assertion)


def _set(message: MessageContext, each: Property) -> None:
    if each.scope == "axis2":
        message.set_axis2(each.name, each.value)
    elif each.scope == "transport":
        message.headers.set(each.name, each.value)
    else:
        message.set_property(each.name, each.value)


def _of_message(message: MessageContext, assertion: Assertion) -> str | None:
    """Raises Fault and ExpressionError."""
    if assertion.actual == "$body":
        return _body(message.payload, assertion.expected or "")
    value = compile_expression(assertion.actual, {}).argument(message)
    if isinstance(value, etree._Element):
        return xml.text_of(value)
    return value if value is None or isinstance(value, str) else json.text_of(value)


def _body(payload: Payload, expected: str) -> str | None:
    """The payload as text: of SOAP what is in the Body, unless a whole envelope is expected."""
    if payload.kind == "empty":
        return None
    if payload.kind == "json":
        return payload.json_text()
    if _ENVELOPE.match(expected):
        return xml.text_of(payload.envelope())
    content = None if payload.kind == "text" else payload.content()
    return payload.text() if content is None else xml.text_of(content)


async def _called(case: Case, artifact: Artifact, snapshot: Snapshot) -> Read:
    """A request to a proxy or an API, as a client sends it."""
    headers = {each.name: each.value for each in case.properties if each.scope == "transport"}
    given = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    payload = case.payload or ""
    is_proxy = artifact.kind == "proxy"
    path = "" if is_proxy or case.path in ("", "/") else f"/{case.path.removeprefix('/')}"
    target = f"{artifact.address or f'/services/{artifact.name}'}{path}"
    method = "POST" if is_proxy else case.method
    answer = await request(snapshot, method, target, payload.encode(), given or type_of(payload), headers=headers)
    return lambda assertion: _of_answer(answer, assertion)


def _of_answer(answer: Answer, assertion: Assertion) -> str | None:
    """Raises ExpressionError for what an answer does not have."""
    what, _, name = assertion.actual.partition(":")
    if what == "$body":
        return answer.body.decode("utf-8", "replace") or None
    if what == "$statusCode":
        return str(answer.status)
    if what == "$httpVersion":
        return "HTTP/1.1"
    if what == "$trp" and name:
        return answer.headers.get(name)
    raise ExpressionError("an answer has $body, $statusCode, $httpVersion and $trp:NAME", 0)


# ---------------------------------------------------------------- assertions


def _failure(assertion: Assertion, read: Read) -> Failure | None:
    try:
        actual = read(assertion)
    except (ExpressionError, Fault) as error:
        return Failure(assertion.where, f"{assertion.actual} cannot be read: {error}")
    message = f" ({assertion.message})" if assertion.message else ""
    if assertion.expected is None:
        return Failure(assertion.where, f"{assertion.actual} is not there{message}") if actual is None else None
    if actual is not None and same(assertion.expected, actual):
        return None
    wanted, got = _shown(assertion.expected), "nothing" if actual is None else _shown(actual)
    return Failure(assertion.where, f"{assertion.actual}: expected {wanted}, got {got}{message}")


def _shown(text: str) -> str:
    """On one line, and not too long."""
    line = " ".join(text.split())
    return line if len(line) <= _MOST_SHOWN else f"{line[:_MOST_SHOWN]}…"
