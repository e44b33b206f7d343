from __future__ import annotations

from typing import Any, cast

import pytest

from engine.message.context import Environment, Exchange, MessageContext
from engine.message.headers import Headers
from engine.message.parameters import Parameters
from engine.message.payload import Payload
from engine.testing.harness import Harness

# Neither is asked for anything by the context itself.
ENVIRONMENT = cast(Environment, object())
EXCHANGE = cast(Exchange, object())


def message(body: bytes = b"", content_type: str = "", headers: dict[str, str] | None = None) -> MessageContext:
    all_headers = Headers()
    for name, value in (headers or {}).items():
        all_headers.set(name, value)
    return MessageContext(ENVIRONMENT, EXCHANGE, Payload(body, content_type, "client"), all_headers)


class Stream:
    def __init__(self) -> None:
        self.length: int | None = None
        self.closed = False

    async def read(self) -> bytes:
        return b""

    def close(self) -> None:
        self.closed = True


def test_a_new_message_is_a_request_for_nobody_yet() -> None:
    new = message()
    assert (new.is_response, new.to, new.continues, new.receive, new.depth) == (False, None, False, None, 0)
    assert (new.properties, new.axis2, new.axis2_client, new.operation, new.functions) == ({}, {}, {}, {}, [])


# ---------------------------------------------------------------- correlation


def test_the_id_that_the_transport_gave() -> None:
    request = message()
    request.correlation = b"mine-1"
    assert request.correlation_id == "mine-1"
    request.become_response(200, "OK", Headers([(b"activityid", b"theirs")]), Payload())
    assert request.correlation_id == request.clone().correlation_id == "mine-1"


def test_each_message_has_one_id_of_its_own() -> None:
    first, second = message(), message()
    assert first.correlation_id == first.correlation_id
    assert first.correlation_id != second.correlation_id


# ---------------------------------------------------------------- properties


def test_setting_a_property_to_null_keeps_the_old_value() -> None:
    # Synapse trap 5.
    request = message()
    request.set_property("x", "old")
    request.set_property("x", None)
    request.set_property("y", None)
    request.set_property("z", "")
    assert request.properties == {"x": "old", "z": ""}


def test_the_axis2_scope_stores_null() -> None:
    # Synapse trap 5.
    request = message()
    request.set_axis2("x", None)
    assert request.axis2 == {"x": None}


@pytest.mark.parametrize(
    ("header", "axis2", "expected"),
    [
        (
            "application/json; charset=utf-8",
            {},
            ("application/json; charset=utf-8", "application/json"),
        ),
        ("text/xml", {"messageType": "text/plain"}, ("text/xml", "text/plain")),
        ("text/xml", {"ContentType": "a/b"}, ("a/b", "text/xml")),
        ("", {}, (None, None)),
    ],
)
def test_the_axis2_scope_knows_what_a_message_came_as(
    header: str, axis2: dict[str, Any], expected: tuple[str | None, str | None]
) -> None:
    one = message(b"{}" if header else b"", header, {"Content-Type": header} if header else {})
    one.axis2 |= axis2
    assert (one.axis2_value("ContentType"), one.axis2_value("messageType")) == expected


def test_message_type_rewrites_the_content_type() -> None:
    # Synapse trap 17.
    request = message(b"{}", "application/json", {"Content-Type": "application/json; charset=utf-8"})
    request.set_axis2("messageType", "text/xml")
    assert request.axis2 == {"messageType": "text/xml", "ContentType": "text/xml"}
    assert request.headers.get_all("content-type") == ["text/xml"]


def test_a_null_message_type_leaves_the_content_type() -> None:
    request = message(headers={"Content-Type": "text/plain"})
    request.set_axis2("messageType", None)
    assert request.headers.get("content-type") == "text/plain"
    assert "ContentType" not in request.axis2


@pytest.mark.parametrize(
    ("axis2", "header", "body_type", "expected"),
    [
        ("text/plain", "application/xml", "application/json", "text/plain"),
        (None, "application/xml; charset=x", "application/json", "application/xml; charset=x"),
        (None, None, "application/json", "application/json"),
        (None, None, "application/vnd.x+json", "application/json"),
        (None, None, "", "application/octet-stream"),
    ],
)
def test_message_type(axis2: str | None, header: str | None, body_type: str, expected: str) -> None:
    request = message(b"{}", body_type, {"Content-Type": header} if header else {})
    if axis2:
        request.axis2["messageType"] = axis2
    assert request.message_type == expected


def test_an_empty_message_has_no_type() -> None:
    assert message().message_type == ""


# ---------------------------------------------------------------- answers


def test_an_answer_replaces_headers_and_axis2_and_keeps_the_rest() -> None:
    # Synapse trap 37.
    request = message(b"{}", "application/json", {"X-Request": "1"})
    request.set_property("x", "kept")
    request.axis2_client["c"] = "kept"
    request.operation["o"] = "kept"
    request.to = "http://127.0.0.1/"
    request.axis2 |= {"NO_ENTITY_BODY": True, "HTTP_SC": 500, "ContentType": "text/xml"}
    headers, payload = Headers([(b"x-answer", b"1")]), Payload(b"<a/>", "application/xml; charset=utf-8", "backend")
    request.become_response(404, "Not Found", headers, payload)
    assert request.axis2 == {"HTTP_SC": 404, "HTTP_SC_DESC": "Not Found", "messageType": "application/xml"}
    assert request.headers is headers
    assert request.payload is payload
    assert (request.properties, request.axis2_client, request.operation) == (
        {"x": "kept"},
        {"c": "kept"},
        {"o": "kept"},
    )
    assert request.is_response
    assert request.to is None


@pytest.mark.parametrize(("before", "after"), [("text/xml", "text/xml"), (None, None)])
def test_an_answer_without_content_type_has_the_requests(before: str | None, after: str | None) -> None:
    request = message()
    if before:
        request.set_axis2("messageType", before)
    request.become_response(200, "OK", Headers(), Payload(b"x", "", "backend"))
    assert request.axis2.get("messageType") == after


def test_an_answer_gives_up_the_requests_unread_body() -> None:
    stream = Stream()
    request = MessageContext(ENVIRONMENT, EXCHANGE, Payload(stream, "text/plain", "client"), Headers())
    request.become_response(200, "OK", Headers(), Payload())
    assert stream.closed


# ---------------------------------------------------------------- clones


def test_a_clone_has_everything_the_message_has() -> None:
    request = message(b'{"a":1}', "application/json", {"X": "1"})
    request.properties["p"], request.axis2["a"], request.axis2_client["c"] = 1, 2, 3
    request.operation["o"], request.connections["gotowebinar"] = 4, 5
    request.variables["v"] = 7
    request.functions.append(Parameters({"f": 6}))
    request.to, request.is_response, request.depth = "http://127.0.0.1/", True, 3
    twin = request.clone()
    same = (
        "env",
        "exchange",
        "properties",
        "axis2",
        "axis2_client",
        "operation",
        "connections",
        "functions",
        "variables",
    )
    for name in (*same, "to", "is_response", "depth", "created", "correlation_id"):
        assert getattr(twin, name) == getattr(request, name), name
    assert twin.payload.body() == b'{"a":1}'
    assert list(twin.headers) == [("x", "1")]


def change_all(changed: MessageContext) -> None:
    changed.payload.set_text("changed")
    changed.headers.set("X", "changed")
    scopes: tuple[dict[str, Any], ...] = (
        changed.properties,
        changed.variables,
        changed.axis2,
        changed.axis2_client,
        changed.connections,
    )
    for scope in scopes:
        scope["x"] = "changed"
    changed.functions.append(Parameters({}))
    changed.to, changed.depth = "changed", 9


def state(of: MessageContext) -> tuple[Any, ...]:
    scopes = (dict(of.properties), dict(of.variables), dict(of.axis2), dict(of.axis2_client), dict(of.connections))
    return (of.payload.body(), list(of.headers), *scopes, list(of.functions), of.to, of.depth)


def test_branches_do_not_see_each_other() -> None:
    # Synapse trap 44.
    request = message(b'{"a":1}', "application/json", {"X": "1"})
    request.payload.json()
    first, second = request.clone(), request.clone()
    before = state(request)
    change_all(first)
    assert state(request) == state(second) == before
    change_all(request)
    assert state(second) == before


def test_branches_share_the_operation_scope_and_the_client() -> None:
    request = message()
    twin = request.clone()
    twin.operation["x"] = "seen"
    assert request.operation == {"x": "seen"}
    assert twin.exchange is request.exchange


# ---------------------------------------------------------------- branches


def test_a_twin_with_a_payload_of_its_own_is_in_no_list_yet() -> None:
    parent, payload = message(b"{}", "application/json"), Payload()
    parent.frames.append(iter(()))
    parent.resumed = True
    twin = parent.clone(payload)
    assert (twin.payload is payload, twin.frames, twin.resumed) == (True, [], False)


def test_a_message_goes_on_as_a_clone_of_it_that_has_ended() -> None:
    parent = message(b'{"a": 1}', "application/json", {"X": "parent"})
    parent.properties["p"] = "parent"
    parent.frames.append("here")
    twin = parent.clone()
    twin.headers.set("X", "twin")
    twin.properties["p"] = twin.variables["v"] = twin.axis2["a"] = "twin"
    twin.is_response = True
    parent.adopt(twin)
    assert (parent.headers.get("X"), parent.properties["p"], parent.variables["v"], parent.axis2["a"]) == ("twin",) * 4
    assert (parent.payload is twin.payload, parent.is_response, parent.frames) == (True, False, ["here"])


@pytest.mark.parametrize(
    ("to", "content_type", "expected"),
    [
        ("/services/test", "text/xml", "http://b/x"),
        ("http://flow/says", "text/xml", "http://flow/says"),
        (None, "text/xml", None),
        ("/services/test", "application/xml", "/services/test"),
    ],
)
def test_destination(to: str | None, content_type: str, expected: str | None) -> None:
    message = Harness().message(_addressed("http://b/x"), content_type)
    message.to = to
    assert message.destination == expected


@pytest.mark.parametrize("address", ["http://www.w3.org/2005/08/addressing/anonymous", "x", ""])
def test_destination_is_no_anonymous_address(address: str) -> None:
    message = Harness().message(_addressed(address), "text/xml")
    message.to = message.exchange.path
    assert message.destination == message.exchange.path


def test_destination_of_what_is_no_xml() -> None:
    message = Harness().message(b"<a", "text/xml")
    message.to = message.exchange.path
    assert message.destination == message.exchange.path


async def test_destination_is_what_expressions_and_rewrite_take_for_the_address() -> None:
    harness = Harness()
    message = harness.message(_addressed("http://b/x"), "text/xml")
    message.to = message.exchange.path
    steps = """<property name="to" expression="get-property('To')"/>
        <rewrite><rewriterule><action fragment="port" value="81"/></rewriterule></rewrite>"""
    await harness.run(steps, message)
    assert (message.properties["to"], message.to) == ("http://b/x", "http://b:81/x")


def _addressed(to: str) -> bytes:
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>'
        f'<To xmlns="http://www.w3.org/2005/08/addressing">{to}</To></s:Header><s:Body/></s:Envelope>'
    ).encode()


def test_the_host_of_a_client_is_its_address_unless_somebody_says_otherwise() -> None:
    one = message()
    one.axis2["REMOTE_ADDR"] = "192.0.2.7"
    assert one.axis2_value("REMOTE_HOST") == "192.0.2.7"
    one.axis2["REMOTE_HOST"] = "client.example"
    assert one.axis2_value("REMOTE_HOST") == "client.example"
