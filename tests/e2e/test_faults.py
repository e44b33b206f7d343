"""Faults that nobody handles, fault sequences, onError, suspension; one answer each time."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import requests
from lxml import etree

SOAP = {
    "soap11": ("http://schemas.xmlsoap.org/soap/envelope/", "text/xml"),
    "soap12": ("http://www.w3.org/2003/05/soap-envelope", "application/soap+xml"),
}
NEVER = (
    "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>"
    "<markForSuspension><errorCodes>-1</errorCodes></markForSuspension>"
)


def calling(name: str, uri: str, inside: str = NEVER, rest: str = "") -> str:
    return (
        f'<proxy name="{name}"><target><inSequence><call><endpoint name="{name}End"><address uri="{uri}">{inside}'
        f"</address></endpoint></call><respond/></inSequence>{rest}</target></proxy>"
    )


def told(*pairs: str) -> str:
    """Mediators that answer with JSON of these properties."""
    members = ", ".join(f'"{name}": "${number}"' for number, name in enumerate(pairs, 1))
    arguments = "".join(f'<arg evaluator="xml" expression="$ctx:{name}"/>' for name in pairs)
    return (
        f'<payloadFactory media-type="json"><format>{{{members}}}</format><args>{arguments}</args></payloadFactory>'
        "<respond/>"
    )


ERROR = ("ERROR_CODE", "ERROR_MESSAGE")


def flows(back_end: str, nobody: str) -> str:
    handled = f"<faultSequence>{told(*ERROR)}</faultSequence>"
    timeout = f"<timeout><duration>200</duration><responseAction>fault</responseAction></timeout>{NEVER}"
    throw = '<throwError type="MINE" errorMessage="it broke"/>'
    parts = [
        calling("refused", nobody),
        calling("slow", f"{back_end}/slow", timeout),
        calling("garbage", f"{back_end}/garbage"),
        calling("closes", f"{back_end}/closes"),
        calling("status", f"{back_end}/status", rest=handled),
        calling("handled", nobody, rest=handled),
        calling("suspended", nobody, inside=""),
        f'<proxy name="throw"><target><inSequence>{throw}</inSequence></target></proxy>',
        f'<proxy name="logs"><target><inSequence>{throw}</inSequence><faultSequence><log/></faultSequence></target>'
        "</proxy>",
        f'<proxy name="keyed"><target faultSequence="teller"><inSequence>{throw}</inSequence></target></proxy>',
        f'<proxy name="twofold"><target><inSequence>{throw}</inSequence><faultSequence>'
        '<throwError type="SECOND" errorMessage="broke again"/></faultSequence></target></proxy>',
        '<proxy name="onerror"><target><inSequence><sequence key="outer"/>'
        '<property name="resumed" value="true"/><respond/></inSequence>'
        f"<faultSequence>{told('ERROR_CODE', 'took')}</faultSequence></target></proxy>",
        f'<sequence name="outer" onError="outerTakes"><sequence key="inner"/></sequence>'
        f'<sequence name="inner" onError="innerTakes">{throw}</sequence>',
        '<sequence name="innerTakes"><property name="took" value="inner"/>'
        '<throwError type="FROM_HANDLER" errorMessage="x"/></sequence>',
        f'<sequence name="outerTakes"><property name="took" expression="fn:concat($ctx:took, \' outer\')"/>'
        f"{told('ERROR_CODE', 'took', 'resumed')}</sequence>",
        f'<sequence name="teller">{told(*ERROR)}</sequence>',
        '<proxy name="late"><target><inSequence><payloadFactory media-type="json"><format>{"first": 1}</format><args/>'
        f'</payloadFactory><sequence key="answers"/>{throw}</inSequence></target></proxy>',
        '<sequence name="answers"><call-template target="answer"/></sequence>',
        '<template name="answer"><sequence><respond/></sequence></template>',
        '<proxy name="recursive"><target><inSequence><sequence key="self"/></inSequence></target></proxy>'
        '<sequence name="self"><sequence key="self"/></sequence>',
    ]
    return f'<definitions xmlns="http://ws.apache.org/ns/synapse">{"".join(parts)}</definitions>'


@pytest.fixture(scope="module")
def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


@pytest.fixture(scope="module")
def engine(start: Any, back_end: Any, nobody: str) -> Any:
    back_end.on("/slow", lambda message, connection: connection.rfile.read(1))
    back_end.on("/garbage", lambda message, connection: connection.send(b"this is not HTTP\r\n\r\n"))
    back_end.on("/closes", lambda message, connection: connection.request.shutdown(socket.SHUT_RDWR))
    back_end.on("/status", lambda message, connection: connection.answer(503, b'{"busy": true}'))
    return start({"a.xml": flows(back_end.url, nobody)})


UNHANDLED = {
    "refused": (502, 101503),
    "slow": (504, 101504),
    "garbage": (502, 101506),
    "closes": (502, 101505),
    "throw": (500, "MINE"),
    "recursive": (500, 0),
    "twofold": (500, "SECOND"),
}


@pytest.mark.parametrize(("name", "expected"), UNHANDLED.items(), ids=UNHANDLED)
def test_unhandled_fault_is_answered_in_json(engine: Any, name: str, expected: tuple[int, int | str]) -> None:
    answer = engine.post(f"/services/{name}", {"a": 1})
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == expected
    assert set(error) == {"code", "message", "correlationId"}
    assert error["correlationId"] == answer.headers["activityid"]


@pytest.mark.parametrize("version", SOAP)
@pytest.mark.parametrize(("name", "status"), [("refused", 502), ("slow", 504), ("throw", 500)])
def test_unhandled_fault_is_answered_in_soap_to_soap_clients(engine: Any, version: str, name: str, status: int) -> None:
    namespace, content_type = SOAP[version]
    envelope = f'<e:Envelope xmlns:e="{namespace}"><e:Body><a>1</a></e:Body></e:Envelope>'
    answer = engine.call("POST", f"/services/{name}", data=envelope, headers={"Content-Type": content_type})
    assert answer.status_code == status
    assert answer.headers["Content-Type"].partition(";")[0] == content_type
    fault = etree.fromstring(answer.content).find(f"{{{namespace}}}Body/{{{namespace}}}Fault")
    assert fault is not None
    text = "".join(str(part) for part in fault.itertext())
    assert ("Server" if version == "soap11" else "Receiver") in text


def test_fault_is_logged_once_with_place_and_correlation_id(engine: Any) -> None:
    answer = engine.call("POST", "/services/throw", json={}, headers={"activityid": "order-4711"})
    assert answer.json()["error"]["correlationId"] == "order-4711"
    [line] = [line for line in engine.log().splitlines() if "order-4711" in line]
    assert "it broke" in line
    assert "flows/a.xml:1:" in line
    assert "<throwError> in inSequence of proxy 'throw'" in line


def test_trap_36_status_of_a_back_end_is_no_fault(engine: Any) -> None:
    answer = engine.post("/services/status", {})
    assert (answer.status_code, answer.json()) == (503, {"busy": True})


def test_trap_36_failed_endpoint_is_suspended_and_fails_at_once(engine: Any) -> None:
    codes = [engine.post("/services/suspended", {}).json()["error"]["code"] for _ in range(3)]
    assert codes == [101503, 303001, 303001]
    assert engine.post("/services/suspended", {}).status_code == 502


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("handled", {"ERROR_CODE": "101503"}),
        ("keyed", {"ERROR_CODE": "MINE", "ERROR_MESSAGE": "it broke"}),
    ],
)
def test_trap_42_fault_sequence_answers(engine: Any, name: str, told: dict[str, str]) -> None:
    answer = engine.post(f"/services/{name}", {})
    assert answer.status_code == 200
    assert told.items() <= answer.json().items()


def test_trap_41_fault_sequence_that_only_logs_gives_an_empty_202(engine: Any) -> None:
    answer = engine.post("/services/logs", {"a": 1})
    assert (answer.status_code, answer.content) == (202, b"")


def test_trap_42_error_in_a_handler_goes_to_the_next_outer_and_never_resumes(engine: Any) -> None:
    answer = engine.post("/services/onerror", {})
    assert answer.json()["took"] == "inner outer"
    assert answer.json()["resumed"] == ""


def test_fault_after_the_answer_is_only_logged(engine: Any) -> None:
    assert engine.post("/services/late", {}).json() == {"first": 1}
    assert engine.post("/services/late", {}).status_code == 200


def test_the_reference_s_empty_202_can_be_had(start: Any, back_end: Any, nobody: str) -> None:
    engine = start({"a.xml": flows(back_end.url, nobody)}, "compatibility: {unhandled_fault_202: true}")
    for name in ("refused", "throw"):
        answer = engine.post(f"/services/{name}", {"a": 1})
        assert (answer.status_code, answer.content) == (202, b"")
    assert engine.post("/services/keyed", {}).json()["ERROR_CODE"] == "MINE"


def test_connection_is_kept_after_a_fault(engine: Any) -> None:
    with requests.Session() as session:
        for _ in range(3):
            answer = session.post(engine.url + "/services/throw", json={}, timeout=10)
            assert answer.status_code == 500
            assert "close" not in answer.headers.get("Connection", "")
