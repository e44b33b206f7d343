"""Traps 33 to 41 of the language: a client, the server process, and a back end, on real sockets."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
import requests

NEVER = (
    "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>"
    "<markForSuspension><errorCodes>-1</errorCodes></markForSuspension>"
)


def prop(name: str, value: str, scope: str = "default") -> str:
    return f'<property name="{name}" value="{value}" scope="{scope}"/>'


def proxy(name: str, steps: str, rest: str = "") -> str:
    return f'<proxy name="{name}"><target><inSequence>{steps}</inSequence>{rest}</target></proxy>'


def http(template: str, method: str = "get") -> str:
    return f'<call><endpoint><http method="{method}" uri-template="{template}">{NEVER}</http></endpoint></call>'


def address(uri: str, inside: str = NEVER) -> str:
    return f'<call><endpoint><address uri="{uri}">{inside}</address></endpoint></call>'


VALUE = "a b/ü?&amp;=[x]%20"
"""What the templates get: everything they must encode or keep."""


@pytest.fixture(scope="module")
def nobody() -> Any:
    """An address that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(scope="module")
def engine(start: Any, back_end: Any, nobody: str) -> Any:
    url = back_end.url
    given = prop("uri.var.x", VALUE)
    whole = f'<property name="uri.var.url" value="{url}/whole?a=1"/>'
    flows = [
        proxy("simple", f"{given}{http(url + '/t/{uri.var.x}?q={uri.var.none}')}<respond/>"),
        proxy("plus", f"{given}{http(url + '/t/{+uri.var.x}')}<respond/>"),
        proxy("whole", f"{whole}{http('{uri.var.url}')}<respond/>"),
        proxy("other", f"{prop('x', '1')}{given}{http(url + '/t/{x}end')}<respond/>"),
        proxy("httpDrops", f"{http(url + '/base', 'post')}<respond/>"),
        proxy("addressAppends", f"{address(url + '/base')}<respond/>"),
        proxy("status", f"{address(url + '/teapot')}<respond/>", f"<faultSequence>{prop('no', '1')}</faultSequence>"),
        proxy("suspended", f"{address(nobody, '')}<respond/>"),
        proxy(
            "axis2",
            f"{prop('HTTP_SC', '299', 'axis2')}{prop('mine', 'kept')}{prop('NO_ENTITY_BODY', 'true', 'axis2')}"
            f"{prop('X-Mine', 'gone', 'transport')}{address(url + '/typed')}"
            '<header name="X-Kept" expression="get-property(\'mine\')" scope="transport"/>'
            '<header name="X-Type" expression="get-property(\'axis2\', \'messageType\')" scope="transport"/><respond/>',
        ),
        proxy("headers", f"{address(url + '/headers')}<respond/>"),
        proxy("methods", f"{address(url + '/methods')}<respond/>"),
        proxy("absolute", f"{prop('POST_TO_URI', 'true', 'axis2')}{address(url + '/abs')}<respond/>"),
        proxy("length", f"{prop('DISABLE_CHUNKING', 'true', 'axis2')}{address(url + '/len')}<respond/>"),
        proxy(
            "blocking",
            f'<call blocking="true"><endpoint><address uri="{nobody}">{NEVER}</address></endpoint></call><respond/>',
            '<faultSequence><payloadFactory media-type="json"><format>{"code": "$1", "blocking": "$2"}</format><args>'
            '<arg evaluator="xml" expression="$ctx:ERROR_CODE"/>'
            '<arg evaluator="xml" expression="$ctx:blocking.sender.error"/></args></payloadFactory><respond/>'
            "</faultSequence>",
        ),
        proxy("dropped", f"{address(url + '/x')}<drop/>"),
        proxy("silent", address(url + "/x")),
        proxy("accepted", f"{prop('FORCE_SC_ACCEPTED', 'true', 'axis2')}{address(url + '/slow')}<respond/>"),
    ]
    return start({"a.xml": f'<definitions xmlns="http://ws.apache.org/ns/synapse">{"".join(flows)}</definitions>'})


@pytest.fixture(autouse=True)
def _fresh(back_end: Any) -> None:
    back_end.scripts.clear()
    back_end.requests.clear()


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("whole", "/whole?a=1"),  # {x at the beginning is {+x
        ("simple", "/t/a%20b%2F%C3%BC%3F%26%3D%5Bx%5D%2520?q="),  # undefined variables vanish
        ("other", "/t/end"),  # only uri.var.* and query.param.* are variables
    ],
)
def test_trap_33_which_names_are_variables(engine: Any, back_end: Any, name: str, target: str) -> None:
    assert engine.call("GET", f"/services/{name}").status_code == 200
    assert back_end.last().target == target


@pytest.mark.parametrize(
    ("name", "target"),
    [("simple", "/t/a%20b%2F%C3%BC%3F%26%3D%5Bx%5D%2520?q="), ("plus", "/t/a%20b/%C3%BC?&=%5Bx%5D%20")],
)
def test_trap_34_what_is_encoded(engine: Any, back_end: Any, name: str, target: str) -> None:
    assert engine.call("GET", f"/services/{name}").status_code == 200
    assert back_end.last().target == target


@pytest.mark.parametrize(("name", "target"), [("httpDrops", "/base"), ("addressAppends", "/base/sub/path?a=1&b=%20")])
def test_trap_35_rest_of_the_path(engine: Any, back_end: Any, name: str, target: str) -> None:
    assert engine.call("POST", f"/services/{name}/sub/path?a=1&b=%20", json={}).status_code == 200
    assert back_end.last().target == target


def test_trap_36_an_error_status_is_an_answer(engine: Any, back_end: Any) -> None:
    back_end.on("/teapot", lambda message, connection: connection.answer(418, b'{"no": true}'))
    answer = engine.post("/services/status", {})
    assert (answer.status_code, answer.json()) == (418, {"no": True})


def test_trap_36_a_refused_connection_suspends(engine: Any) -> None:
    answers = [engine.post("/services/suspended", {}) for _ in range(2)]
    assert [each.json()["error"]["code"] for each in answers] == [101503, 303001]
    assert [each.status_code for each in answers] == [502, 502]


def test_trap_37_the_answer_has_a_context_of_its_own(engine: Any, back_end: Any) -> None:
    back_end.on("/typed", lambda message, connection: connection.answer(201, b"<a/>", "Content-Type: application/xml"))
    answer = engine.post("/services/axis2", {"x": 1})
    assert back_end.last().body == b""  # NO_ENTITY_BODY held for the request
    assert back_end.last().header("x-mine") == "gone"
    assert (answer.status_code, answer.content) == (201, b"<a/>")
    assert answer.headers["X-Kept"] == "kept"
    assert answer.headers["X-Type"] == "application/xml"
    assert "X-Mine" not in answer.headers


def test_trap_38_headers_go_through_both_ways(engine: Any, back_end: Any) -> None:
    back_end.on("/headers", lambda message, connection: connection.answer(200, b"{}", "X-Back: 2", "Server: secret"))
    headers = {"Authorization": "t", "Accept": "a/b", "X-Mine": "1", "User-Agent": "me", "Date": "then", "TE": "x"}
    answer = engine.call("POST", "/services/headers", json={}, headers=headers)
    sent = back_end.last()
    assert [sent.header(name) for name in ("authorization", "accept", "x-mine")] == ["t", "a/b", "1"]
    assert sent.header("host") == back_end.url.removeprefix("http://")
    assert not {"date", "te"} & sent.names()
    assert sent.header("user-agent") != "me"
    assert answer.headers["X-Back"] == "2"
    assert answer.headers.get("Server") != "secret"


@pytest.mark.parametrize(
    ("method", "body", "wanted"), [("GET", None, b""), ("DELETE", None, b""), ("POST", b"{}", b"{}")]
)
def test_trap_39_methods_and_bodies(engine: Any, back_end: Any, method: str, body: Any, wanted: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert engine.call(method, "/services/methods", data=body, headers=headers).status_code == 200
    sent = back_end.last()
    assert (sent.method, sent.body) == (method, wanted)
    assert sent.header("content-type") == "application/json"


def test_trap_39_absolute_uri_and_content_length(engine: Any, back_end: Any) -> None:
    back_end.on(f"{back_end.url}/abs", lambda message, connection: connection.answer())
    assert engine.post("/services/absolute", {}).status_code == 200
    assert back_end.last().start == f"POST {back_end.url}/abs HTTP/1.1"
    pieces = iter([b'{"a"', b": 1}"])
    assert engine.call("POST", "/services/length", data=pieces).status_code == 200
    assert (back_end.last().header("content-length"), back_end.last().header("transfer-encoding")) == ("8", None)


def test_trap_40_a_blocking_call_that_fails(engine: Any) -> None:
    assert engine.post("/services/blocking", {}).json() == {"code": "401002", "blocking": "true"}


@pytest.mark.parametrize("name", ["dropped", "silent"])
def test_trap_41_no_answer_is_an_empty_202(engine: Any, name: str) -> None:
    answer = engine.post(f"/services/{name}", {})
    assert (answer.status_code, answer.content) == (202, b"")


def test_trap_41_force_sc_accepted_answers_before_the_back_end(engine: Any, back_end: Any, until: Any) -> None:
    client_has_its_answer = threading.Event()

    def slow(message: Any, connection: Any) -> None:
        assert client_has_its_answer.wait(10)
        connection.answer()

    back_end.on("/slow", slow)
    answer = engine.post("/services/accepted", {"x": 1})
    client_has_its_answer.set()
    assert (answer.status_code, answer.content) == (202, b"")
    until(lambda: back_end.requests)
    assert back_end.last().body == b'{"x": 1}'


def test_trap_36_suspension_survives_a_deployment(engine: Any, nobody: str, until: Any) -> None:
    def file(more: str) -> str:
        flows = proxy("resting", f'<call><endpoint name="gone"><address uri="{nobody}"/></endpoint></call><respond/>')
        return f'<definitions xmlns="http://ws.apache.org/ns/synapse">{flows}{more}</definitions>'

    def runs(name: str) -> bool:
        return any(each["name"] == name for each in engine.health().json()["running"])

    engine.write("b.xml", file(""))
    until(lambda: runs("resting"))
    codes = [engine.post("/services/resting", {}).json()["error"]["code"] for _ in range(2)]
    engine.write("b.xml", file(proxy("another", "<respond/>")))
    until(lambda: runs("another"))
    codes.append(engine.post("/services/resting", {}).json()["error"]["code"])
    assert codes == [101503, 303001, 303001]
    states = requests.get(f"http://127.0.0.1:{engine.admin_port}/endpoints", timeout=10).json()
    [gone] = [each for each in states["endpoints"] if each["name"] == "gone"]
    assert gone["state"] == "SUSPENDED"
    assert 0 < gone["nextTryIn"] <= 30
