from __future__ import annotations

import gc
import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lxml import etree

from engine.core import faults
from engine.core.http import HttpRequest, HttpResponse
from engine.core.redaction import SECRETS
from engine.errors import ErrorCode, Fault, Overloaded, TransportError
from engine.message.context import MessageContext
from engine.testing.harness import Harness, StubClient, StubExchange

SOAP = {
    "text/xml": "http://schemas.xmlsoap.org/soap/envelope/",
    "application/soap+xml": "http://www.w3.org/2003/05/soap-envelope",
}


def answers_of(message: MessageContext) -> list[Any]:
    exchange = message.exchange
    assert isinstance(exchange, StubExchange)
    return exchange.answers


@pytest.mark.parametrize(
    ("before", "fault", "after"),
    [
        ({}, Fault("first line\nsecond line", code=7, detail="more"), (7, "first line", "more", "Fault")),
        ({}, Fault("no code"), (0, "no code", "", "Fault")),
        (
            {"ERROR_CODE": 7, "ERROR_MESSAGE": "old"},
            TransportError("newer", code=101503),
            (101503, "newer", "", "TransportError"),
        ),
        ({"ERROR_CODE": 7, "ERROR_MESSAGE": "old", "ERROR_DETAIL": "d"}, Fault("newer"), (7, "old", "d", "Fault")),
        ({"ERROR_CODE": "E1"}, Fault("newer"), ("E1", "newer", "", "Fault")),
    ],
)
def test_trap_42_a_fault_without_a_code_leaves_what_is_set(
    before: dict[str, Any], fault: Fault, after: tuple[Any, ...]
) -> None:
    message = Harness().message()
    message.properties.update(before)
    faults.set_error_properties(message, fault)
    names = ("ERROR_CODE", "ERROR_MESSAGE", "ERROR_DETAIL", "ERROR_EXCEPTION")
    assert tuple(message.properties[name] for name in names) == after


def test_detail_is_the_place_when_the_fault_has_none() -> None:
    message, fault = Harness().message(), Fault("x")
    fault.path += ["a.xml:1:2 <call>", "inSequence of proxy 'p'"]
    faults.set_error_properties(message, fault)
    assert message.properties["ERROR_DETAIL"] == "a.xml:1:2 <call> in inSequence of proxy 'p'"


async def test_handler_runs_with_the_error_properties_and_its_own_fault_goes_on() -> None:
    seen = []

    async def handler(message: MessageContext) -> None:
        seen.append(message.properties["ERROR_CODE"])
        raise Fault("second")

    with pytest.raises(Fault, match="second"):
        await faults.handle(Harness().message(), Fault("first", code=1), handler)
    assert seen == [1]


async def test_unhandled_fault_as_json() -> None:
    message = Harness().message(b'{"a": 1}', headers={"activityid": "id-1", "Authorization": "secret"})
    await faults.answer_unhandled(message, Fault('a "bad" thing', code="C", status=400, details={"parameter": "p"}))
    [answer] = answers_of(message)
    assert answer.status == 400
    assert json.loads(answer.body) == {
        "error": {"code": "C", "message": 'a "bad" thing', "correlationId": "id-1", "parameter": "p"}
    }
    assert sorted(answer.headers) == [("activityid", "id-1"), ("content-type", "application/json; charset=UTF-8")]


@pytest.mark.parametrize(("content_type", "namespace"), SOAP.items())
@pytest.mark.parametrize(
    ("status", "code"), [(400, ("Client", "Sender")), (500, ("Server", "Receiver")), (504, ("Server", "Receiver"))]
)
async def test_unhandled_fault_as_soap(content_type: str, namespace: str, status: int, code: tuple[str, str]) -> None:
    body = f'<e:Envelope xmlns:e="{namespace}"><e:Body/></e:Envelope>'.encode()
    message = Harness().message(body, content_type)
    await faults.answer_unhandled(message, Fault("<bad> & \x01 worse", status=status))
    [answer] = answers_of(message)
    assert (answer.status, (answer.headers.get("content-type") or "").partition(";")[0]) == (status, content_type)
    fault = etree.fromstring(answer.body).find(f"{{{namespace}}}Body/{{{namespace}}}Fault")
    assert fault is not None
    texts = [str(text) for text in fault.itertext()]
    assert texts[0] == f"soapenv:{code[content_type != 'text/xml']}"
    assert texts[1] == "<bad> & \ufffd worse"


async def test_no_secret_leaves_with_a_fault() -> None:
    SECRETS.add("the-secret-of-this-test")
    details = {"value": "the-secret-of-this-test", "all": [{"rule": "not the-secret-of-this-test", "length": 23}]}
    message = Harness().message()
    await faults.answer_unhandled(message, Fault("no the-secret-of-this-test", details=details))
    [answer] = answers_of(message)
    error = json.loads(answer.body)["error"]
    assert (error["message"], error["value"], error["all"]) == ("no ***", "***", [{"rule": "not ***", "length": 23}])


async def test_fault_after_the_answer_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    message = Harness().message()
    await message.exchange.answer(message)
    await faults.answer_unhandled(message, Fault("late"))
    assert len(answers_of(message)) == 1
    assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_reference_loses_unhandled_faults_in_a_202() -> None:
    harness = Harness()
    harness.snapshot.unhandled_fault_202 = True
    message = harness.message()
    await faults.answer_unhandled(message, Fault("x"))
    assert (answers_of(message), message.exchange.accepted) == ([], True)  # type: ignore[attr-defined]


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


CALL = '<call><endpoint><address uri="http://b/"/></endpoint></call>'
THROW = '<throwError type="X" errorMessage="thrown"/>'
LOOK = '<property name="a" expression="json-eval($.a)"/>'
TAKEN = {
    "by nobody": (THROW, "", 500),
    "by nobody, not JSON": (LOOK, "", 400),
    "by the fault sequence": (LOOK, "<faultSequence><respond/></faultSequence>", 200),
    "the fault sequence fails": (LOOK, f"<faultSequence>{THROW}</faultSequence>", 500),
    "by onError": ('<sequence key="looks"/>', "", 200),
    "by nobody, no back end": (CALL + LOOK, "", 502),
    "in a branch": (f"<clone><target><sequence>{LOOK}</sequence></target></clone>", "", 400),
    "in a branch, by onError": ('<clone><target sequence="looks"/></clone>', "", 200),
    "in a branch, by two": ('<clone><target sequence="twice"/></clone>', "", 200),
}


@pytest.mark.parametrize(("steps", "rest", "status"), TAKEN.values(), ids=TAKEN)
@pytest.mark.usefixtures("no_collector")
async def test_a_fault_that_was_taken_keeps_no_message_in_memory(
    bodies: Callable[[], int], steps: str, rest: str, status: int
) -> None:
    """Its frames would, for as long as the collector does not come by."""

    async def refuse(request: HttpRequest) -> HttpResponse:
        raise TransportError("no back end", code=ErrorCode.CONNECTION_FAILED)

    harness = Harness(
        f'<proxy name="p"><target><inSequence>{steps}</inSequence>{rest}</target></proxy>'
        f'<sequence name="looks" onError="answers">{LOOK}</sequence><sequence name="answers"><respond/></sequence>'
        f'<sequence name="twice" onError="answers"><sequence key="throws"/></sequence>'
        f'<sequence name="throws" onError="throwing">{LOOK}</sequence><sequence name="throwing">{THROW}</sequence>',
        http=StubClient(refuse),
    )
    body = gzip.compress(b'{"a": ' + b" " * 300_000)
    answer = await harness.request("POST", "/services/p", body, headers={"Content-Encoding": "gzip"})
    assert answer.status == status
    assert bodies() == 0


async def test_overload_says_when_to_come_again() -> None:
    message = Harness().message()
    await faults.answer_unhandled(message, Overloaded("full"))
    [answer] = answers_of(message)
    assert (answer.status, answer.headers.get("retry-after")) == (503, "1")


async def test_with_handler_ends_the_flow_after_the_handler_ran() -> None:
    async def work() -> bool:
        raise Fault("no", code=7)

    message = Harness('<sequence name="h"><property name="seen" expression="$ctx:ERROR_CODE"/></sequence>').message()
    assert await faults.with_handler(message, "h", work()) is False
    assert message.properties["seen"] == "7"
    with pytest.raises(Fault, match=r"^no$"):
        await faults.with_handler(message, None, work())
