"""Unit tests of flows, run: what passes, and what the others say."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.runtime.catalog import installed
from engine.runtime.config import Config
from engine.testing.unit_run import Report, run
from engine.testing.unit_suite import read
from tests.deploy.cars import zipped
from tests.plugins.wso2 import ACME, files

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def report_of(artifact: str, case: str, *, supportive: str = "", more: str = "", mocks: str = "") -> Report:
    Path("test.xml").write_text(
        f"<unit-test><artifacts><test-artifact><artifact>{artifact}</artifact></test-artifact>"
        f"<supportive-artifacts>{supportive}</supportive-artifacts>{more}</artifacts>\n"
        f"<test-cases><test-case>{case}</test-case></test-cases>"
        f"<mock-services>{mocks}</mock-services></unit-test>"
    )
    return asyncio.run(run(read(Path("test.xml")), installed()[0], Config()))


def failures(report: Report) -> list[str]:
    assert report.problems == []
    [result] = report.results
    return [failure.text for failure in result.failures]


def sequence(xml: str) -> str:
    return f'<sequence {NAMESPACE} name="s">{xml}</sequence>'


def proxy(xml: str) -> str:
    return f'<proxy {NAMESPACE} name="p"><target><inSequence>{xml}</inSequence></target></proxy>'


def equals(actual: str, expected: str) -> str:
    return f"<assertEquals><actual>{actual}</actual><expected><![CDATA[{expected}]]></expected></assertEquals>"


def given(payload: str = "", properties: str = "") -> str:
    return f"<input><payload><![CDATA[{payload}]]></payload><properties>{properties}</properties></input>"


@pytest.mark.parametrize(
    ("steps", "input_", "actual", "expected"),
    [
        ("<log/>", given('{"a": 1}'), "$body", '{"a": 1}'),
        ("<log/>", given("<a><b/></a>"), "$body", "<a><b/></a>"),
        ("<log/>", given("plain"), "$body", "plain"),
        (
            '<header name="To" value="http://a"/><property name="n" expression="name($body/*)"/>',
            given('<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><a/></e:Body></e:Envelope>'),
            "$body",
            '<x:Envelope xmlns:x="http://schemas.xmlsoap.org/soap/envelope/"><x:Body><a/></x:Body></x:Envelope>',
        ),
        ("<log/>", given("", '<property name="x" value="1"/>'), "$ctx:x", "1"),
        ("<log/>", given("", '<property name="x" value="1" scope="axis2"/>'), "$axis2:x", "1"),
        ("<log/>", given("", '<property name="X" value="1" scope="transport"/>'), "$trp:x", "1"),
        ('<variable name="v" type="INTEGER" value="7"/>', "", "${vars.v + 1}", "8"),
        ('<property name="x" type="OM"><a xmlns=""><b>c</b></a></property>', "", "$ctx:x", "<a><b>c</b></a>"),
        ("<log/>", given('{"a": {"b": [1, 2]}}'), "json-eval($.a)", '{"b": [1, 2]}'),
        (
            "<clone continueParent='true'><target><sequence><drop/></sequence></target></clone>",
            given("{}"),
            "$body",
            "{}",
        ),
    ],
)
def test_sequences(steps: str, input_: str, actual: str, expected: str) -> None:
    case = f"{input_}<assertions>{equals(actual, expected)}</assertions>"
    assert failures(report_of(sequence(steps), case)) == []


ECHO = """<payloadFactory media-type="json"><format>{"got": $1}</format>
<args><arg expression="$.a" evaluator="json"/></args></payloadFactory>"""


@pytest.mark.parametrize(
    ("actual", "expected"),
    [("$body", '{"got": 1}'), ("$statusCode", "201"), ("$httpVersion", "HTTP/1.1"), ("$trp:X-Y", "z")],
)
def test_proxies(actual: str, expected: str) -> None:
    steps = (
        f"{ECHO}<property name='HTTP_SC' value='201' scope='axis2'/>"
        "<property name='X-Y' value='z' scope='transport'/><respond/>"
    )
    case = given('{"a": 1}') + f"<assertions>{equals(actual, expected)}</assertions>"
    assert failures(report_of(proxy(steps), case)) == []


@pytest.mark.parametrize(
    ("path", "method", "expected"), [("/x/7?q=1", "PUT", "PUT 7 1"), ("x/7", "GET", "GET 7 "), ("/", "GET", "root")]
)
def test_apis(path: str, method: str, expected: str) -> None:
    api = f"""<api {NAMESPACE} name="a" context="/a">
<resource methods="GET PUT" uri-template="/x/{{id}}"><inSequence><payloadFactory media-type="text">
  <format>$1 $2 $3</format><args><arg expression="$ctx:REST_METHOD"/><arg expression="get-property('uri.var.id')"/>
  <arg expression="$url:q"/></args></payloadFactory><respond/></inSequence></resource>
<resource methods="GET"><inSequence><payloadFactory media-type="text"><format>root</format><args/></payloadFactory>
  <respond/></inSequence></resource></api>"""
    input_ = f"<input><request-path>{path}</request-path><request-method>{method}</request-method></input>"
    assert failures(report_of(api, f"{input_}<assertions>{equals('$body', expected)}</assertions>")) == []


CALL = '<call><endpoint><address uri="http://h.example/e" format="rest"/></endpoint></call>'
MOCK = (
    "<mock-service><port>1</port><context>/e</context><resources><resource><method>POST</method>"
    "<response><payload>{}</payload></response></resource></resources></mock-service>"
)


@pytest.mark.parametrize(
    ("artifact", "case", "mocks", "expected"),
    [
        (sequence(CALL), f"{given('[1]')}<assertions>{equals('$body', '{}')}</assertions>", MOCK, []),
        (
            sequence(CALL),
            f"{given('[1]')}<assertions/>",
            "",
            ["it ended with a fault: no mock service answers POST http://h.example/e at "],
        ),
        (
            proxy(f"{CALL}<respond/>"),
            f"{given('[1]')}<assertions>{equals('$statusCode', '200')}</assertions>",
            "",
            ["$statusCode: expected 200, got 502", "no mock service answers POST http://h.example/e"],
        ),
        (
            sequence("<log/>"),
            "<assertions><assertNotNull><actual>$ctx:x</actual><message>why</message></assertNotNull></assertions>",
            "",
            ["$ctx:x is not there (why)"],
        ),
        (
            sequence("<log/>"),
            f"<assertions>{equals('$body', 'x')}</assertions>",
            "",
            ["$body: expected x, got nothing"],
        ),
        (
            sequence("<log/>"),
            f"<assertions>{equals('$ctx:', 'x')}</assertions>",
            "",
            ["$ctx: cannot be read: ':' cannot stand here in an XPath expression"],
        ),
        (
            proxy("<respond/>"),
            f"<assertions>{equals('$ctx:x', 'x')}</assertions>",
            "",
            ["$ctx:x cannot be read: an answer has $body, $statusCode, $httpVersion and $trp:NAME"],
        ),
    ],
)
def test_what_fails_says_why(artifact: str, case: str, mocks: str, expected: list[str]) -> None:
    got = failures(report_of(artifact, case, mocks=mocks))
    assert len(got) == len(expected)
    assert all(text.startswith(begin) for text, begin in zip(got, expected, strict=True)), got


def test_long_contents_are_cut() -> None:
    [told] = failures(
        report_of(sequence("<log/>"), f"{given('x' * 900)}<assertions>{equals('$body', 'y')}</assertions>")
    )
    assert told == f"$body: expected y, got {'x' * 400}…"


@pytest.mark.parametrize(
    ("artifact", "problem"),
    [
        (sequence("<lgo/>"), "<lgo> is not a mediator."),
        (sequence('<sequence key="other"/>'), "There is no sequence 'other'."),
        (f'<localEntry {NAMESPACE} key="k">v</localEntry>', "Unit tests are of a <sequence>, a <proxy> or an <api>."),
        ("<other/>", "Unit tests are of a <sequence>, a <proxy> or an <api>."),
    ],
)
def test_what_does_not_load_is_told(artifact: str, problem: str) -> None:
    report = report_of(artifact, "")
    assert [each.message for each in report.problems] == [problem]
    assert (report.results, report.failed) == ([], True)


def test_artifacts_resources_and_connectors_of_the_test() -> None:
    Path("acme.zip").write_bytes(zipped(files(ACME)))
    steps = '<sequence key="other"/><acme.init><site>x</site></acme.init>'
    report = report_of(
        sequence(steps),
        f"<assertions>{equals('$ctx:r', 'text')}{equals('$ctx:s', 'set')}</assertions>",
        supportive=f"<artifact><sequence {NAMESPACE} name='other'>"
        "<property name='r' expression=\"get-property('registry', 'conf:a/r.txt')\"/>"
        "<property name='s' value='set'/></sequence></artifact>",
        more="<registry-resources><registry-resource><file-name>r.txt</file-name><artifact>text</artifact>"
        "<registry-path>/_system/config/a</registry-path></registry-resource></registry-resources>"
        "<connector-resources><connector-resource>acme.zip</connector-resource></connector-resources>",
    )
    assert failures(report) == []
