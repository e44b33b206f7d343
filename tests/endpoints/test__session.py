from __future__ import annotations

from typing import Any

import pytest

from engine.endpoints._session import Session, Sessions
from engine.errors import Where
from engine.message.context import MessageContext
from engine.testing.harness import Harness

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
GROUP = '<a:ServiceGroupId xmlns:a="http://ws.apache.org/namespaces/axis2">{}</a:ServiceGroupId>'
WSA = "http://www.w3.org/2005/08/addressing"


def session(type_: str) -> Session:
    made = Session.spec.construct(where=Where("a.xml"), type=type_)
    assert isinstance(made, Session)
    return made


def soap(header: str) -> MessageContext:
    text = f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{header}</s:Header><s:Body><x/></s:Body></s:Envelope>'
    return Harness().message(text.encode(), "text/xml")


@pytest.mark.parametrize(
    ("cookies", "expected"),
    [
        ([], None),
        (["a=1"], None),
        (["a=1; JSESSIONID=x; b=2"], "JSESSIONID=x"),
        (["PHPSESSID=p=q"], "PHPSESSID=p=q"),
        (["a=JSESSIONID"], None),
        (["a=1", "phpMyAdmin=z"], "phpMyAdmin=z"),
    ],
)
def test_cookie_of_a_request(cookies: list[str], expected: str | None) -> None:
    message = Harness().message()
    for value in cookies:
        message.headers.add("Cookie", value)
    assert session("http").of_request(message) == expected


def test_cookie_of_an_answer_and_forgetting_it() -> None:
    message = Harness().message(headers={"Set-Cookie": "JSESSIONID=n; Path=/; HttpOnly", "Cookie": "a=1; JSESSIONID=o"})
    assert session("http").of_answer(message, None) == "JSESSIONID=n"
    session("http").forget(message)
    assert message.headers.get("cookie") == "a=1"
    message.headers.set("Cookie", "JSESSIONID=o")
    session("http").forget(message)
    assert "cookie" not in message.headers


@pytest.mark.parametrize(("header", "expected"), [(GROUP.format(" g1 "), "g1"), (GROUP.format(""), None), ("", None)])
def test_service_group_of_a_request(header: str, expected: str | None) -> None:
    message = soap(header)
    assert session("soap").of_request(message) == expected
    session("soap").forget(message)
    assert b"ServiceGroupId" not in message.payload.render("soap11") or not header


def test_service_group_of_an_answer() -> None:
    group = f"<w:ReferenceParameters>{GROUP.format('g2')}</w:ReferenceParameters>"
    message = soap(f'<w:ReplyTo xmlns:w="{WSA}"><w:Address>x</w:Address>{group}</w:ReplyTo>')
    assert session("soap").of_answer(message, None) == "g2"
    assert session("soap").of_answer(soap(""), "old") is None


def test_client_session_is_what_the_client_says() -> None:
    message = soap('<c:ClientID xmlns:c="http://ws.apache.org/ns/synapse">me</c:ClientID>')
    assert session("simpleClientSession").of_request(message) == "me"
    assert session("simpleClientSession").of_answer(soap(""), "me") == "me"
    assert session("simpleClientSession").of_request(Harness().message(b'{"a": 1}')) is None


def test_sessions_end_and_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    sessions = Sessions(10.0, lambda: now[0])
    sessions.bind("s", 1)
    now[0] = 9.9
    assert sessions.child_of("s") == 1
    now[0] = 10.0
    assert (sessions.child_of("s"), len(sessions)) == (None, 0)
    monkeypatch.setattr("engine.endpoints._session._MAX_SESSIONS", 2)
    for number, name in enumerate("abc"):
        sessions.bind(name, number)
    assert [sessions.child_of(name) for name in "abc"] == [None, 1, 2]


def test_two_minutes_without_a_timeout() -> None:
    now: list[Any] = [0.0]
    sessions = Sessions(None, lambda: now[0])
    sessions.bind("s", 0)
    now[0] = 119.0
    assert sessions.child_of("s") == 0
    now[0] = 120.0
    assert sessions.child_of("s") is None
