"""Bad files and bad requests: a clear error each, and nothing else is disturbed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'
GOOD = (
    f'<proxy {NAMESPACE} name="good"><target><inSequence><property name="a" expression="json-eval($.a)"/>'
    "<respond/></inSequence></target></proxy>"
)
BOMB = (
    '<?xml version="1.0"?>\n<!DOCTYPE b [<!ENTITY a "lollollol">\n'
    '<!ENTITY c "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>\n<b>&c;</b>'
)

FILES = {
    "not-xml": ("not-xml.xml", "this is not XML", 1, 1, "not-xml", "Not XML"),
    "doctype": ("doctype.xml", "<!DOCTYPE x>\n<x/>", 1, 1, "doctype", "A DOCTYPE is not allowed"),
    "entity bomb": ("bomb.xml", BOMB, 2, 1, "doctype", "entities are not expanded"),
    "unknown tag": (
        "tag.xml",
        f'<sequence {NAMESPACE} name="tag">\n  <lgo/>\n</sequence>',
        2,
        3,
        "unknown-mediator",
        "<lgo> is not a mediator. Did you mean 'log'?",
    ),
    "two of one name": (
        "twin.xml",
        f'<definitions {NAMESPACE}>\n<sequence name="twin"/>\n<sequence name="twin"/></definitions>',
        3,
        1,
        "duplicate-name",
        "There is already a sequence 'twin', at flows/twin.xml:2:1.",
    ),
    "slash in a name": (
        "slash.xml",
        f'<proxy {NAMESPACE} name="a/b"><target/></proxy>',
        1,
        1,
        "bad-name",
        "'/' cannot be part of a name",
    ),
    "unknown endpoint": (
        "endpoint.xml",
        f'<proxy {NAMESPACE} name="lost">\n<target endpoint="nowhere"/></proxy>',
        2,
        19,
        "unknown-endpoint",
        "There is no endpoint 'nowhere'.",
    ),
    "300 deep": (
        "deep.xml",
        f'<sequence {NAMESPACE} name="deep">\n' + "<in>" * 300 + "</in>" * 300 + "</sequence>",
        2,
        509,
        "too-deep",
        "nested deeper than 128 levels",
    ),
}
CONFIG = "limits: {head: 16384, head_time: 0.5, body_time: 0.5, buffered_body: 1000000}"


@pytest.fixture(scope="module")
def engine(start: Any) -> Any:
    flows = {name: content for name, content, *_ in FILES.values()} | {"good.xml": GOOD}
    return start(flows, CONFIG)


@pytest.mark.parametrize("case", FILES.values(), ids=FILES)
def test_bad_file_shows_in_health_with_its_place(engine: Any, case: tuple[str, str, int, int, str, str]) -> None:
    name, _, line, column, code, message = case
    health = engine.health()
    assert health.status_code == 503
    [problem] = [each for each in health.json()["problems"] if each["file"] == f"flows/{name}"]
    assert message in problem.pop("message")
    assert problem == {"code": code, "file": f"flows/{name}", "line": line, "column": column}


@pytest.mark.parametrize("case", FILES.values(), ids=FILES)
def test_bad_file_shows_in_check_with_its_place(
    engine: Any, command: Any, case: tuple[str, str, int, int, str, str]
) -> None:
    name, _, line, column, code, message = case
    done = command(engine.folder, "check", f"flows/{name}")
    assert done.returncode == 1
    [said] = done.stdout.splitlines()
    assert said.startswith(f"flows/{name}:{line}:{column}: error[{code}]: ")
    assert message in said


def test_bad_file_is_logged_once_with_its_place(engine: Any) -> None:
    log = engine.log()
    for name, _, line, column, code, _ in FILES.values():
        assert log.count(f"flows/{name}:{line}:{column}: error[{code}]") == 1


def test_other_artifacts_are_not_affected(engine: Any) -> None:
    running = {(each["kind"], each["name"]) for each in engine.health().json()["running"]}
    assert running == {("proxy", "good"), ("sequence", "twin")}
    assert engine.post("/services/good", {"a": 1}).json() == {"a": 1}
    for name in ("a/b", "lost"):
        assert engine.call("GET", f"/services/{name}").status_code == 404


# -------------------------------------------------------------------- at run time


def request(body: bytes, content_type: str = "application/json", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    head = f"POST /services/good HTTP/1.1\r\nHost: x\r\nContent-Type: {content_type}\r\nContent-Length: {size}\r\n\r\n"
    return head.encode() + body


DEEP_JSON = b'{"a":' * 300 + b"1" + b"}" * 300
DEEP_XML = b"<a>" * 300 + b"1" + b"</a>" * 300
HEAD_BEGINS = b"POST /services/good HTTP/1.1\r\nHost: x\r\n"

REQUESTS: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "50 MB of JSON": (lambda: request(b'{"a": "' + b"x" * 50_000_000 + b'"}'), 413, "body over 1,000,000 bytes"),
    "50 MB announced": (lambda: request(b'{"a": "xx', length=50_000_000), 413, "body over 1,000,000 bytes"),
    "JSON said to be XML": (lambda: request(b'{"a": 1}', "application/xml"), 400, "request is not"),
    "XML said to be JSON": (lambda: request(b"<a/>"), 400, "request is not"),
    "half a JSON object": (lambda: request(b'{"a": 1'), 400, "request is not"),
    "JSON with invalid UTF-8": (lambda: request(b'{"a": "\xff\xfe"}'), 400, "request is not"),
    "XML with invalid UTF-8": (lambda: request(b"<a>\xff</a>", "application/xml"), 400, "request is not"),
    "XML with a DOCTYPE": (
        lambda: request(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "application/xml"),
        400,
        "DOCTYPE",
    ),
    "entity bomb": (lambda: request(BOMB.encode(), "application/xml"), 400, "DOCTYPE"),
    "unknown charset": (lambda: request(b"{}", "application/json; charset=klingon"), 400, "klingon"),
    "300-deep JSON": (lambda: request(DEEP_JSON), 400, "deep"),
    "300-deep XML": (lambda: request(DEEP_XML, "application/xml"), 400, "deeper than 256 levels"),
    "100,000-deep JSON": (lambda: request(b"[" * 100_000), 400, "deep"),
    "header of 1 MB": (lambda: HEAD_BEGINS + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n", 431, "headers are too long"),
    "1,000,000 headers": (lambda: HEAD_BEGINS + b"X: y\r\n" * 1_000_000 + b"\r\n", 431, "headers are too long"),
    "stops in the head": (lambda: HEAD_BEGINS + b"X: ", 408, "head did not arrive in time"),
    "stops in the body": (lambda: request(b'{"a"', length=8), 408, "body stopped arriving"),
    "stops between chunks": (
        lambda: HEAD_BEGINS + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        408,
        "body stopped",
    ),
    "garbage": (lambda: b"\x00\x01\x02 garbage\r\n\r\n", 400, "not HTTP"),
    "no method": (lambda: b"/services/good HTTP/1.1\r\n\r\n", 400, "not HTTP"),
    "two lengths": (lambda: HEAD_BEGINS + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400, "not HTTP"),
    "bad chunk": (lambda: HEAD_BEGINS + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}", 400, "not HTTP"),
}


@pytest.mark.parametrize(("make", "status", "message"), REQUESTS.values(), ids=REQUESTS)
def test_bad_request_gets_one_answer_and_the_next_request_is_served(
    engine: Any, make: Callable[[], bytes], status: int, message: str
) -> None:
    client = engine.connect()
    client.send(make())
    answer = client.answer()
    error = json.loads(answer.body)["error"]
    assert answer.status == status
    assert answer.header("content-type") in ("application/json", "application/json; charset=UTF-8")
    assert message in error["message"]
    if answer.header("connection") == "close":
        assert client.rest() == b""
    client.close()
    assert engine.post("/services/good", {"a": 1}).json() == {"a": 1}


def test_bad_request_is_not_answered_twice_on_a_connection_that_stays(engine: Any) -> None:
    client = engine.connect()
    statuses = [client.send(request(body)).answer().status for body in (b"{", b'{"a": 2}', b"}", b'{"a": 3}')]
    assert statuses == [400, 200, 400, 200]
    client.close()


def test_file_too_large(engine: Any, command: Any, tmp_path: Path) -> None:
    (tmp_path / "large.xml").write_bytes(b"<a>" + b" " * (17 << 20) + b"</a>")
    done = command(tmp_path, "check", "large.xml")
    assert (done.returncode, done.stdout.split(": ")[:2]) == (1, ["large.xml:1:1", "error[too-large]"])
