from __future__ import annotations

import pytest

from engine.testing.harness import Harness, LoadError, StubClient

CLONE = '<clone sequential="true"><target {}>{}</target></clone>'


def _artifacts(target: str) -> str:
    return (
        f'<proxy name="p"><target><inSequence>{target}</inSequence>'
        '<outSequence><property name="X-By" value="out" scope="transport"/><respond/></outSequence></target></proxy>'
        '<sequence name="s"><property name="X-By" value="s" scope="transport"/><respond/></sequence>'
        '<endpoint name="e"><http method="post" uri-template="http://e/"/></endpoint>'
        '<endpoint name="d"><default/></endpoint>'
    )


async def _by(attributes: str, inside: str) -> tuple[str | None, list[str], str | None]:
    http = StubClient()
    harness = Harness(_artifacts(CLONE.format(attributes, inside)), http=http)
    answer = await harness.serve("/services/p", harness.message(b"{}"))
    action = dict(http.requests[0].headers).get(b"soapaction", b"").decode() if http.requests else None
    return answer.headers.get("X-By") if answer else None, [request.url for request in http.requests], action


INLINE = '<sequence><property name="X-By" value="inline" scope="transport"/><respond/></sequence>'


async def test_mediators_a_sequence_or_an_endpoint() -> None:
    assert await _by('sequence="s"', "") == ("s", [], None)
    assert await _by("", INLINE) == ("inline", [], None)
    assert await _by('endpoint="e"', "") == ("out", ["http://e/"], "")
    endpoint = '<endpoint><http method="post" uri-template="http://i/"/></endpoint>'
    assert await _by("", endpoint) == ("out", ["http://i/"], "")
    assert await _by("", "") == (None, [], None)


async def test_what_is_written_in_place_counts_and_the_name_beside_it_need_not_exist() -> None:
    assert await _by('sequence="anon"', INLINE) == ("inline", [], None)


async def test_address_and_action_are_set_first() -> None:
    assert await _by('to="http://t/x" soapAction="urn:a" endpoint="d"', "") == ("out", ["http://t/x"], '"urn:a"')


def test_a_name_that_does_not_exist_is_a_problem_at_load() -> None:
    with pytest.raises(LoadError) as caught:
        Harness(_artifacts(CLONE.format('sequence="nobody"', "")))
    assert [problem.code for problem in caught.value.problems] == ["unknown-sequence"]
