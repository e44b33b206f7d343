from __future__ import annotations

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.testing.harness import Harness, StubClient, response

CALL = '<call><endpoint><http method="post" uri-template="http://b/{}"/></endpoint></call>'
ON_A = '<equal type="header" source="X" value="a"/>'
ALWAYS = '<match type="url" regex=".*"/>'


def _route(condition: str, name: str, more: str = "") -> str:
    inner = f"<target><sequence>{CALL.format(name)}</sequence></target>"
    return f"<conditionalRoute {more}><condition>{condition}</condition>{inner}</conditionalRoute>"


async def _taken(routes: str, header: str = "a", more: str = "") -> tuple[bool, list[str]]:
    http = StubClient()
    harness = Harness(http=http)
    message = harness.message(b"{}", headers={"X": header})
    goes_on = await harness.run(f"<conditionalRouter {more}>{routes}</conditionalRouter>", message)
    await harness.services.drain(5)
    return goes_on, [request.url[-1] for request in http.requests]


CASES = {
    "the first that holds": (_route(ON_A, "1") + _route(ALWAYS, "2"), "a", ["1"]),
    "another": (_route(ON_A, "1") + _route(ALWAYS, "2"), "b", ["2"]),
    "none": (_route(ON_A, "1"), "b", []),
    "several": (_route(ON_A, "1", 'breakRoute="false"') + _route(ALWAYS, "2") + _route(ALWAYS, "3"), "a", ["1", "2"]),
    "a copy": (_route(ON_A, "1", 'asynchronous="true"'), "a", ["1"]),
}


@pytest.mark.parametrize("continue_after", ["true", "false", None])
@pytest.mark.parametrize(("routes", "header", "taken"), CASES.values(), ids=CASES)
async def test_routes(routes: str, header: str, taken: list[str], continue_after: str | None) -> None:
    more = f'continueAfter="{continue_after}"' if continue_after else ""
    assert await _taken(routes, header, more) == (continue_after == "true", taken)


async def test_an_endpoint_is_sent_to_and_the_out_sequence_is_next() -> None:
    def back_end(request: HttpRequest) -> HttpResponse:
        return response(200, b'{"by": "back end"}')

    route = (
        f"<conditionalRoute><condition>{ON_A}</condition>"
        '<target><endpoint><http method="post" uri-template="http://b/"/></endpoint></target></conditionalRoute>'
    )
    harness = Harness(
        f'<proxy name="p"><target><inSequence><conditionalRouter>{route}</conditionalRouter></inSequence></target>'
        "</proxy>",
        http=StubClient(back_end),
    )
    answer = await harness.serve("/services/p", harness.message(b"{}", headers={"X": "a"}))
    assert answer is not None
    assert answer.body == b'{"by": "back end"}'


async def test_a_copy_takes_the_route_and_the_message_stays() -> None:
    change = '<property name="p" value="copy"/>'
    inner = f"<target><sequence>{change}</sequence></target>"
    xml = f'<conditionalRoute asynchronous="true"><condition>{ON_A}</condition>{inner}</conditionalRoute>'
    harness = Harness()
    message = harness.message(b"{}", headers={"X": "a"})
    assert await harness.run(f'<conditionalRouter continueAfter="true">{xml}</conditionalRouter>', message)
    await harness.services.drain(5)
    assert message.properties == {}


@pytest.mark.parametrize(
    ("route", "problem"),
    [
        ("<conditionalRoute><target/></conditionalRoute>", "<conditionalRoute> needs <condition>."),
        (f"<conditionalRoute><condition>{ON_A}</condition></conditionalRoute>", "<conditionalRoute> needs <target>."),
    ],
)
def test_mistakes_are_problems_at_load(route: str, problem: str) -> None:
    [found] = Harness().problems(f"<conditionalRouter>{route}</conditionalRouter>")
    assert found.endswith(problem)


@pytest.mark.parametrize(("query", "taken"), [("?q=a", ["1"]), ("?p=1&q=A", ["1"]), ("?q=b", []), ("", [])])
async def test_a_query_parameter_of_the_request(query: str, taken: list[str]) -> None:
    http = StubClient()
    on_query = '<equal type="param" source="q" value="a"/>'
    router = f"<conditionalRouter>{_route(on_query, '1')}</conditionalRouter>"
    harness = Harness(f'<proxy name="p"><target><inSequence>{router}</inSequence></target></proxy>', http=http)
    await harness.request("POST", f"/services/p{query}", b"{}")
    assert [request.url[-1] for request in http.requests] == taken
