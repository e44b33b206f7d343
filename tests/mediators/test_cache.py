from __future__ import annotations

import asyncio
import email.utils
import logging
import time

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault
from engine.mediators import _response_cache
from engine.testing.harness import Answer, Harness, StubClient, StubExchange, response

CALL = '<call><endpoint><address uri="http://b/"/></endpoint></call>'


def _proxy(finder: str, *, after: str = '<cache collector="true"/><respond/>', name: str = "p") -> str:
    return (
        f'<proxy name="{name}"><target><inSequence>{finder}{CALL}{after}</inSequence>'
        '<faultSequence><property name="HTTP_SC" value="500" scope="axis2"/><respond/></faultSequence></target></proxy>'
    )


def _protocol(inside: str, attributes: str = "") -> str:
    return f'<cache collector="false" {attributes}><protocol type="HTTP">{inside}</protocol></cache>'


FINDER = '<cache collector="false" timeout="60"/>'


class BackEnd(StubClient):
    """Counts its answers: ``{"n": 1}``, ``{"n": 2}`` and so on."""

    def __init__(self, status: int = 200, **headers: str) -> None:
        super().__init__(self._answer)
        self.status = status
        self.headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]

    def _answer(self, request: HttpRequest) -> HttpResponse:
        return response(self.status, b'{"n": %d}' % len(self.requests), headers=self.headers)


async def _ask(
    harness: Harness, body: bytes = b'{"q":1}', *, method: str = "POST", path: str = "/services/p", **headers: str
) -> Answer:
    exchange = StubExchange(method, path)
    message = harness.message(body, headers=headers, exchange=exchange)
    message.to = path
    message.axis2["HTTP_METHOD"] = method
    answer = await harness.serve(path, message)
    assert answer is not None
    return answer


async def test_an_equal_request_is_answered_from_memory() -> None:
    harness = Harness(_proxy(FINDER), http=BackEnd(x_from="b"))
    bodies = [(await _ask(harness, body)).body for body in (b'{"q":1}', b'{"q": 1}', b'{"q":2}', b'{"q":1}')]
    assert bodies == [b'{"n": 1}', b'{"n": 1}', b'{"n": 2}', b'{"n": 1}']


async def test_the_whole_answer_is_kept() -> None:
    back_end = BackEnd(203, x_from="b", set_cookie="c")
    harness = Harness(_proxy(FINDER), http=back_end)
    first, second = await _ask(harness), await _ask(harness)
    assert len(back_end.requests) == 1
    assert (second.status, second.body) == (203, first.body)
    assert second.headers.get("x-from") == "b"
    assert second.headers.get("content-type") == "application/json"


async def test_an_answer_that_the_flow_made_is_kept_as_it_is_sent() -> None:
    after = '<payloadFactory media-type="xml"><format><a xmlns="">ü</a></format></payloadFactory>'
    harness = Harness(_proxy(FINDER, after=f'{after}<cache collector="true"/><respond/>'), http=BackEnd())
    first, second = await _ask(harness), await _ask(harness)
    assert second.body == first.body
    assert "ü" in second.body.decode()
    assert second.headers.get("content-type") == first.headers.get("content-type")


async def test_what_a_flow_does_to_a_kept_answer_stays_with_it() -> None:
    change = (
        '<onCacheHit><header name="X-From" value="changed" scope="transport"/>'
        '<payloadFactory media-type="json"><format>{"hit": $1}</format><args><arg evaluator="json" expression="$.n"/>'
        "</args></payloadFactory><respond/></onCacheHit>"
    )
    finder = f'<cache collector="false">{change}</cache>'
    harness = Harness(_proxy(finder), http=BackEnd())
    assert [(await _ask(harness)).body for _ in range(3)] == [b'{"n": 1}', b'{"hit": 1}', b'{"hit": 1}']


async def test_on_cache_hit_may_name_a_sequence() -> None:
    sequence = '<sequence name="hit"><header name="X-Hit" value="yes" scope="transport"/><respond/></sequence>'
    finder = '<cache collector="false"><onCacheHit sequence="hit"/></cache>'
    harness = Harness(sequence + _proxy(finder), http=BackEnd())
    answers = [await _ask(harness) for _ in range(2)]
    assert [answer.headers.get("x-hit") for answer in answers] == [None, "yes"]
    assert answers[1].body == b'{"n": 1}'


async def test_an_empty_on_cache_hit_is_none() -> None:
    harness = Harness(_proxy('<cache collector="false"><onCacheHit/></cache>'), http=BackEnd())
    assert [(await _ask(harness)).body for _ in range(2)] == [b'{"n": 1}'] * 2


async def test_the_old_form_with_send_and_an_out_sequence() -> None:
    proxy = (
        '<proxy name="p"><target><inSequence>'
        '<cache timeout="20" scope="per-host" collector="false" id=""'
        ' hashGenerator="org.wso2.caching.digest.DOMHASHGenerator">'
        '<implementation type="memory" maxSize="100"/></cache>'
        '<send><endpoint><address uri="http://b/"/></endpoint></send></inSequence>'
        '<outSequence><cache scope="per-host" collector="true"/><send/></outSequence></target></proxy>'
    )
    back_end = BackEnd()
    harness = Harness(proxy, http=back_end)
    bodies = [(await _ask(harness, Accept=accept)).body for accept in "ab"]
    assert bodies == [b'{"n": 1}'] * 2
    assert len(back_end.requests) == 1


async def test_the_timeout_is_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    harness = Harness(_proxy(FINDER), http=BackEnd())
    await _ask(harness)
    now = time.monotonic()
    monkeypatch.setattr(_response_cache.time, "monotonic", lambda: now + 59)
    assert (await _ask(harness)).body == b'{"n": 1}'
    monkeypatch.setattr(_response_cache.time, "monotonic", lambda: now + 61)
    assert (await _ask(harness)).body == b'{"n": 2}'


@pytest.mark.parametrize(
    ("finder", "kept"),
    [
        (_protocol("<responseCodes>2[0-9][0-9]</responseCodes>"), False),
        (_protocol("<responseCodes>20</responseCodes>"), False),
        (_protocol("<responseCodes>.*</responseCodes>"), True),
        (_protocol("<methods>GET, PUT</methods>"), False),
        (_protocol("<methods>get , post</methods>"), True),
        (_protocol("<methods>*</methods>"), True),
        ('<cache collector="false" maxMessageSize="7"/>', False),
        ('<cache collector="false" maxMessageSize="8"/>', True),
        ('<cache collector="false" timeout="0"/>', False),
        ('<cache collector="false"><implementation maxSize="0"/></cache>', False),
        ('<cache collector="false"><implementation maxSize="-1"/></cache>', True),
    ],
)
async def test_what_is_kept(finder: str, kept: bool) -> None:
    harness = Harness(_proxy(finder), http=BackEnd(404))
    bodies = [(await _ask(harness)).body for _ in range(2)]
    assert bodies == [b'{"n": 1}', b'{"n": 1}' if kept else b'{"n": 2}']


async def test_the_least_recently_used_is_forgotten() -> None:
    finder = '<cache collector="false"><implementation maxSize="2"/></cache>'
    harness = Harness(_proxy(finder), http=BackEnd())
    bodies = [(await _ask(harness, body)).body for body in (b"1", b"2", b"1", b"3", b"1", b"2")]
    assert bodies == [b'{"n": %d}' % n for n in (1, 2, 1, 3, 1, 4)]


async def test_headers_make_a_difference_as_chosen() -> None:
    finder = _protocol("<headersToExcludeInHash>X-Trace</headersToExcludeInHash>")
    harness = Harness(_proxy(finder), http=BackEnd())
    asked = [{"X-Trace": "1"}, {"X-Trace": "2"}, {"Authorization": "a"}, {"Authorization": "b"}]
    assert [(await _ask(harness, **headers)).body for headers in asked] == [b'{"n": %d}' % n for n in (1, 1, 2, 3)]


CONTROL = _protocol("<enableCacheControl>true</enableCacheControl>")


@pytest.mark.parametrize(
    ("control", "asked"),
    [
        ("no-store", 2),
        ("private, No-Store", 2),
        ("max-age=60", 1),
        ("max-age=5", 2),
        ("max-age=0", 2),
        ("no-cache", 2),
        ("public", 1),
        ("max-age=soon", 1),
        ("", 1),
    ],
)
async def test_cache_control_of_the_answer_counts(control: str, asked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    back_end = BackEnd(cache_control=control)
    harness = Harness(_proxy(CONTROL), http=back_end)
    await _ask(harness)
    now = time.time()
    monkeypatch.setattr(_response_cache.time, "time", lambda: now + 10)
    await _ask(harness)
    assert len(back_end.requests) == asked


async def test_without_the_setting_cache_control_does_not_count() -> None:
    back_end = BackEnd(cache_control="no-store")
    harness = Harness(_proxy(FINDER), http=back_end)
    assert [(await _ask(harness)).body for _ in range(2)] == [b'{"n": 1}'] * 2


async def test_an_etag_is_asked_about_and_304_brings_the_kept_answer() -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        tags = [value for name, value in request.headers if name == b"if-none-match"]
        if tags == [b'"v1"']:
            return HttpResponse(304, "Not Modified", [], b"")
        return response(200, b'{"v": 1}', headers=[(b"etag", b'"v1"'), (b"cache-control", b"no-cache")])

    client = StubClient(answer)
    harness = Harness(_proxy(CONTROL), http=client)
    answers = [await _ask(harness) for _ in range(3)]
    assert [(each.status, each.body) for each in answers] == [(200, b'{"v": 1}')] * 3
    assert len(client.requests) == 3


async def test_age_counts_from_the_date_of_the_answer() -> None:
    date = email.utils.formatdate(time.time() - 100, usegmt=True)
    finder = _protocol("<includeAgeHeader>true</includeAgeHeader>")
    harness = Harness(_proxy(finder), http=BackEnd(date=date))
    first, second = await _ask(harness), await _ask(harness)
    assert first.headers.get("age") is None
    assert int(second.headers.get("age") or 0) in (100, 101, 102)


async def test_a_kept_answer_is_replaced_by_the_next_and_dropped_for_a_bad_one(monkeypatch: pytest.MonkeyPatch) -> None:
    back_end = BackEnd(cache_control="max-age=5")
    finder = _protocol("<responseCodes>200</responseCodes><enableCacheControl>true</enableCacheControl>")
    harness = Harness(_proxy(finder), http=back_end)
    await _ask(harness)
    now = time.time()
    monkeypatch.setattr(_response_cache.time, "time", lambda: now + 10)
    back_end.status = 500
    assert (await _ask(harness)).status == 500
    back_end.status = 200
    assert (await _ask(harness)).body == b'{"n": 3}'


async def test_misses_at_the_same_time_each_get_their_own_whole_answer() -> None:
    gate, all_there = asyncio.Event(), asyncio.Event()
    count = 0

    async def slow(request: HttpRequest) -> HttpResponse:
        nonlocal count
        count += 1
        number = count
        if count == 20:
            all_there.set()
        await gate.wait()
        return response(200, b'{"n": %d}' % number)

    harness = Harness(_proxy(FINDER), http=StubClient(slow))
    tasks = [asyncio.create_task(_ask(harness)) for _ in range(20)]
    await all_there.wait()
    gate.set()
    bodies = {(await task).body for task in tasks}
    assert bodies == {b'{"n": %d}' % n for n in range(1, 21)}
    assert (await _ask(harness)).body in bodies
    assert count == 20


async def test_caches_of_one_id_share_and_others_do_not() -> None:
    def two(finder: str) -> str:
        return _proxy(finder, name="a") + _proxy(finder, name="b")

    for finder, shared in ((_body_only('id="x"'), True), (_body_only(""), False), (_body_only('id=""'), False)):
        harness = Harness(two(finder), http=BackEnd())
        bodies = [(await _ask(harness, path=f"/services/{name}")).body for name in "ab"]
        assert (bodies[0] == bodies[1]) is shared


def _body_only(attributes: str) -> str:
    return f'<cache collector="false" hashGenerator="x.DOMHASHGenerator" {attributes}/>'


async def test_a_collector_without_a_finder_says_so_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    harness = Harness()
    message = harness.message(b"{}")
    message.is_response = True
    with caplog.at_level(logging.WARNING):
        assert await harness.run('<cache collector="true"/>', message)
    assert "found no <cache> before the call" in caplog.text


async def test_a_collector_among_the_requests_is_a_fault() -> None:
    harness = Harness(_proxy(f'{FINDER}<cache collector="true"/>'), http=BackEnd())
    assert (await _ask(harness)).status == 500
    with pytest.raises(Fault, match="after the call"):
        await harness.run('<cache collector="true"/>', harness.message(b"{}"))


async def test_a_finder_among_the_answers_is_a_fault() -> None:
    harness = Harness()
    message = harness.message(b"{}")
    message.is_response = True
    with pytest.raises(Fault, match="before the call"):
        await harness.run(FINDER, message)


async def test_a_failing_call_keeps_nothing() -> None:
    calls = 0

    def fail(request: HttpRequest) -> HttpResponse:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise Fault("gone")
        return response(200, b"{}")

    harness = Harness(_proxy(FINDER), http=StubClient(fail))
    assert [(await _ask(harness)).status for _ in range(3)] == [500, 200, 200]
    assert calls == 2


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        ("<cache/>", "error[missing-attribute]: <cache> needs the attribute 'collector'."),
        ('<cache collector="maybe"/>', "error[bad-value]: 'maybe' is neither true nor false."),
        ('<cache collector="false" timeout="-1"/>', "error[bad-value]: <cache>: 'timeout' cannot be negative."),
        (_protocol("<methods>GET,LIST</methods>"), "error[bad-value]: <cache>: 'LIST' is no HTTP method."),
        (_protocol("<responseCodes>2(</responseCodes>"), "error[bad-value]: Not a regular expression"),
        (
            '<cache collector="false" hashGenerator="a.Mine"/>',
            "error[bad-value]: <cache>: the hash generator 'Mine' is not known. Known: DOMHASHGenerator,",
        ),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, problem: str) -> None:
    [found] = Harness().problems(f"\n{xml}")
    assert problem in found
