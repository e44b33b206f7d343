"""Data that would like to be a header, or a line of the log."""

from __future__ import annotations

from typing import Any

import pytest

FORGED = "2026-01-01 00:00:00,000 ERROR   myelin: forged"
BREAKS = {
    "LF": "\n",
    "CR LF": "\r\n",
    "CR": "\r",
    "NEL": "\x85",
    "line separator": "\u2028",
    "form feed": "\x0c",
    "escape sequence": "\x1b[2J\x1b[H",
    "backspaces": "\x08" * 40,
}
NAMES = [
    "X Evil",
    "X-Evil:",
    "X-Evil\r\nSet-Cookie",
    "X-Evil\n",
    " X-Evil",
    "X-Evil\t",
    "X-Evil\0",
    "X-\u00c9vil",
    "X(Evil)",
]
VALUES = {
    "a\r\nX-Evil: 1": "a  X-Evil: 1",
    "a\nX-Evil: 1": "a X-Evil: 1",
    "a\rX-Evil: 1": "a X-Evil: 1",
    "a\r\n\r\n<script>": "a    <script>",
    "a\0b": "a b",
    "a\x1b[2Jb": "a [2Jb",
    "a\tb": "a\tb",
}
"""What a flow sets, and what the other side gets."""


@pytest.fixture(scope="module")
def engine(start: Any, back_end: Any) -> Any:
    never = "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>"
    call = f'<call><endpoint><address uri="{back_end.url}/b">{never}</address></endpoint></call>'
    names = '<property name="{json-eval($.name)}" expression="json-eval($.value)" scope="transport"/>'
    type_ = '<property name="messageType" expression="json-eval($.type)" scope="axis2"/>'
    log = (
        '<log level="custom" separator="\\n"><property name="said" expression="json-eval($.text)"/>'
        '<property name="second" value="mine"/></log><log level="full"/>'
        '<throwError type="custom" errorMessage="{json-eval($.text)}"/>'
    )
    flows = {"answer": names, "request": names + call, "type": type_, "type-request": type_ + call, "log": log}
    proxies = [
        f'<proxy name="{name}"><target><inSequence>{steps}<respond/></inSequence></target></proxy>'
        for name, steps in flows.items()
    ]
    xml = f'<definitions xmlns="http://ws.apache.org/ns/synapse">{"".join(proxies)}</definitions>'
    return start({"a.xml": xml}, "server: {access_log: true}")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_header_name_is_left_out_of_an_answer(engine: Any, name: str) -> None:
    answer = engine.post("/services/answer", {"name": name, "value": "evil-value"})
    assert answer.status_code == 200
    assert_nothing_forged(answer.headers)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_header_name_is_left_out_of_a_request(engine: Any, back_end: Any, name: str) -> None:
    asked = len(back_end.requests)
    assert engine.post("/services/request", {"name": name, "value": "evil-value"}).status_code == 200
    [request] = back_end.requests[asked:]
    assert_nothing_forged({each: request.header(each) for each in request.names()})


def assert_nothing_forged(headers: Any) -> None:
    assert not {"x-evil", "x", "evil", "set-cookie"} & {each.lower() for each in headers}
    assert "evil-value" not in headers.values()


def test_the_log_names_what_is_left_out(engine: Any) -> None:
    for _ in range(3):
        assert engine.post("/services/answer", {"name": "Consumer Key\r\n", "value": "s3cret"}).status_code == 200
    told = [line for line in engine.log().splitlines() if "Consumer Key" in line]
    assert len(told) == 1
    assert told[0].endswith(r"the header 'Consumer Key\r\n' is not sent: HTTP allows no such name")
    assert "s3cret" not in engine.log()


@pytest.mark.parametrize("value", VALUES)
def test_a_header_value_in_an_answer(engine: Any, value: str) -> None:
    answer = engine.post("/services/answer", {"name": "X-Good", "value": value})
    assert (answer.status_code, answer.headers["x-good"]) == (200, VALUES[value])
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize("value", VALUES)
def test_a_header_value_in_a_request(engine: Any, back_end: Any, value: str) -> None:
    assert engine.post("/services/request", {"name": "X-Good", "value": value}).status_code == 200
    assert back_end.last().header("x-good") == VALUES[value]
    assert "x-evil" not in back_end.last().names()


@pytest.mark.parametrize("flow", ["type", "type-request"])
@pytest.mark.parametrize("end", ["\r\nX-Evil: 1", "\nX-Evil: 1", "\0", "\x1b[2J"])
def test_a_message_type_is_a_header_too(engine: Any, back_end: Any, flow: str, end: str) -> None:
    asked = len(back_end.requests)
    answer = engine.post(f"/services/{flow}", {"type": f"application/xml{end}"})
    assert "x-evil" not in answer.headers
    for each in back_end.requests[asked:]:
        assert "x-evil" not in each.names()
    assert not set("\r\n\0\x1b") & set(answer.headers["content-type"])


@pytest.mark.parametrize("name", BREAKS)
def test_no_line_of_the_log_is_forged(engine: Any, until: Any, name: str) -> None:
    before = len(engine.log())
    row = f"row-{name.replace(' ', '-')}"
    text = f"innocent{BREAKS[name]}{FORGED}"
    answer = engine.call("POST", "/services/log", json={"text": text}, headers={"activityid": row})
    assert answer.status_code == 500
    lines = until(lambda: ended(engine.log()[before:]))
    assert not [line for line in lines if line.startswith(FORGED[:20])]
    assert not set("\x1b\x08\r\x0c") & set("".join(lines))
    told = [line for line in lines if f"{row}: " in line]
    assert len(told) == 3  # two of <log>, one of the fault
    assert all("innocent\\" in line and line.endswith("proxy 'log'") == ("throwError" in line) for line in told)
    assert [line for line in lines if line.startswith("    second = mine")]


def ended(log: str) -> list[str]:
    """The lines of the log, once that of the access log is there."""
    lines = log.splitlines()
    return lines if any("myelin.access" in line for line in lines) else []


def test_a_path_in_the_access_log(engine: Any, until: Any) -> None:
    before = len(engine.log())
    client = engine.connect()
    client.send(b"GET /services/none%0d%0a%1b[2Jforged HTTP/1.1\r\nHost: h\r\n\r\n")
    assert client.answer().status == 404
    client.close()
    [line] = until(lambda: ended(engine.log()[before:]))
    assert " GET /services/none%0d%0a%1b[2Jforged 404 " in line
