from __future__ import annotations

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.endpoints.endpoint import Endpoint
from engine.errors import ErrorCode, Fault, TransportError
from engine.testing.harness import Harness, LoadError, StubClient, response

ADDRESS = '<address uri="http://b/"/>'
NAMED = f'<endpoint name="e">{ADDRESS}</endpoint>'


def endpoint(harness: Harness, name: str = "e") -> Endpoint:
    found = harness.snapshot.endpoint(name)
    assert isinstance(found, Endpoint)
    return found


async def test_the_answer_becomes_the_message() -> None:
    harness = Harness(NAMED, http=StubClient(lambda request: response(201, b'{"id": 1}')))
    message = harness.message(b"{}")
    await endpoint(harness).send(message)
    assert (message.is_response, message.axis2["HTTP_SC"], message.payload.json()) == (True, 201, {"id": 1})


async def test_properties_are_set_on_each_message() -> None:
    xml = (
        f'<endpoint name="e">{ADDRESS}<property name="a" value="1"/><property name="b" value="2" scope="default"/>'
        '<property name="messageType" value="application/xml" scope="axis2"/></endpoint>'
    )
    client = StubClient()
    harness = Harness(xml, http=client)
    for _ in range(2):
        message = harness.message(b'{"x": 1}')
        await endpoint(harness).send(message)
        assert message.properties == {"a": "1", "b": "2"}
    assert [request.body for request in client.requests] == [b"<jsonObject><x>1</x></jsonObject>"] * 2


async def test_property_scopes_and_expressions() -> None:
    xml = (
        f'<endpoint name="e">{ADDRESS}<property name="a" expression="json-eval($.x)"/>'
        '<property name="X-A" value="t" scope="transport"/><property name="o" value="c" scope="axis2-client"/>'
        '<property name="none" expression="$ctx:nothing"/></endpoint>'
    )
    client = StubClient()
    harness = Harness(xml, http=client)
    message = harness.message(b'{"x": 1}')
    await endpoint(harness).send(message)
    assert message.properties == {"a": "1"}
    assert message.axis2_client == {"o": "c"}
    assert (b"x-a", b"t") in client.requests[0].headers


async def test_uri_variables_of_the_endpoint_itself() -> None:
    client = StubClient()
    xml = '<http uri-template="http://b/{uri.var.x}"/><property name="uri.var.x" value="y z"/>'
    harness = Harness(f'<endpoint name="e">{xml}</endpoint>', http=client)
    await endpoint(harness).send(harness.message())
    assert client.requests[0].url == "http://b/y%20z"


async def test_key_expression_chooses_at_run_time() -> None:
    client = StubClient()
    harness = Harness(f'{NAMED}<endpoint name="g" key-expression="$ctx:which"/>', http=client)
    message = harness.message(b"{}")
    message.properties["which"] = "e"
    await endpoint(harness, "g").send(message)
    assert len(client.requests) == 1


def failing(request: HttpRequest) -> HttpResponse:
    raise TransportError("refused", code=ErrorCode.CONNECTION_FAILED)


@pytest.mark.parametrize(
    ("mine", "flows_own", "taken"),
    [
        ('onError="mine"', "", ["mine"]),
        ('onError="mine"', 'onError="outer"', ["mine"]),
        ('onError="breaks"', 'onError="outer"', ["breaks", "outer"]),
        ("", 'onError="outer"', ["outer"]),
        ('onError="breaks"', "", ["breaks", "flow"]),
        ("", "", ["flow"]),
    ],
)
async def test_on_error_takes_the_fault_first(mine: str, flows_own: str, taken: list[str]) -> None:
    def takes(name: str, rest: str = "") -> str:
        value = f"fn:concat(get-property('taken'), ' {name}')"
        return f'<property name="taken" expression="{value}"/>{rest}'

    throw = '<throwError type="X" errorMessage="again"/>'
    harness = Harness(
        f'<sequence name="mine">{takes("mine")}</sequence><sequence name="outer">{takes("outer")}</sequence>'
        f'<sequence name="breaks">{takes("breaks", throw)}</sequence>'
        f'<sequence name="s" {flows_own}><call><endpoint {mine}>{ADDRESS}</endpoint></call>'
        f'<property name="resumed" value="1"/></sequence>'
        f'<proxy name="p"><target><inSequence><sequence key="s"/></inSequence><faultSequence>{takes("flow")}'
        "</faultSequence></target></proxy>",
        http=StubClient(failing),
    )
    message = harness.message(b"{}")
    await harness.serve("/services/p", message)
    assert message.properties["taken"].split() == taken
    assert "resumed" not in message.properties


async def test_one_that_names_nothing_is_not_ready() -> None:
    harness = Harness('<endpoint name="g" key="{$ctx:which}"/><endpoint name="e" key="f"/><endpoint name="f" key="e"/>')
    assert not endpoint(harness, "g").ready(harness.message())
    assert not endpoint(harness, "e").ready(harness.message())


async def test_key_names_another_endpoint_which_may_name_a_third() -> None:
    client = StubClient()
    harness = Harness(f'{NAMED}<endpoint name="f" key="e"/><endpoint name="g" key="{{$ctx:which}}"/>', http=client)
    message = harness.message(b"{}")
    message.properties["which"] = "f"
    await endpoint(harness, "g").send(message)
    assert [request.url for request in client.requests] == ["http://b/"]


@pytest.mark.parametrize(
    ("which", "message_text"),
    [(None, "the endpoint key '{$ctx:which}' gives no name"), ("ee", "there is no endpoint 'ee'. Did you mean 'e'?")],
)
async def test_key_that_names_nothing(which: str | None, message_text: str) -> None:
    harness = Harness(f'{NAMED}<endpoint name="g" key="{{$ctx:which}}"/>')
    message = harness.message(b"{}")
    message.set_property("which", which)
    with pytest.raises(Fault) as raised:
        await endpoint(harness, "g").send(message)
    assert (raised.value.message, raised.value.code) == (message_text, 305100)


async def test_endpoints_that_name_each_other_are_a_fault() -> None:
    harness = Harness('<endpoint name="e" key="f"/><endpoint name="f" key="e"/>')
    message = harness.message(b"{}")
    with pytest.raises(Fault, match="endpoint 'f' is entered 64 levels deep; does it name itself"):
        await endpoint(harness).send(message)
    assert message.depth == 0


async def test_state_is_kept_between_messages() -> None:
    answers = [True, False]

    def answer(request: HttpRequest) -> HttpResponse:
        if answers.pop():
            return response()
        raise TransportError("refused", code=ErrorCode.CONNECTION_FAILED)

    harness = Harness(
        '<endpoint name="e"><address uri="http://b/"><suspendOnFailure><initialDuration>0</initialDuration>'
        "</suspendOnFailure></address></endpoint>",
        http=StubClient(answer),
    )
    assert endpoint(harness).state == "ACTIVE"
    with pytest.raises(TransportError, match="refused"):
        await endpoint(harness).send(harness.message(b"{}"))
    assert endpoint(harness).state == "SUSPENDED"
    await endpoint(harness).send(harness.message(b"{}"))
    assert endpoint(harness).state == "ACTIVE"


def test_endpoint_by_key_has_no_state_of_its_own() -> None:
    harness = Harness(f'{NAMED}<endpoint name="f" key="e"/>')
    assert endpoint(harness, "f").state == "ACTIVE"


@pytest.mark.parametrize(
    ("xml", "codes"),
    [
        ('<endpoint name="e"/>', ["one-of"]),
        (f'<endpoint name="e" key="e">{ADDRESS}</endpoint>', ["one-of"]),
        (f'<endpoint name="e">{ADDRESS}<default/></endpoint>', ["one-of"]),
        ('<endpoint name="e" key="f"/>', ["unknown-endpoint"]),
        (f"{NAMED}{NAMED}", ["duplicate-name"]),
    ],
)
def test_mistakes_are_found_at_load(xml: str, codes: list[str]) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(xml)
    assert [problem.code for problem in raised.value.problems] == codes
