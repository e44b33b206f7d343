from __future__ import annotations

import asyncio
import logging

import pytest

from engine.core.background import Background
from engine.core.http import HttpRequest, HttpResponse
from engine.testing.harness import Harness, LoadError, StubClient, response

CLASS = "org.apache.synapse.startup.tasks.MessageInjector"
T = "http://www.wso2.org/products/wso2commons/tasks"
CALL = '<call><endpoint><address uri="http://b/"/></endpoint></call>'


def task(trigger: str, inside: str) -> str:
    return f'<task name="t" class="{CLASS}" xmlns:t="{T}"><trigger {trigger}/>{inside}</task>'


def setting(name: str, value: str) -> str:
    return f'<t:property name="{name}" value="{value}"/>'


MESSAGE = '<t:property name="message"><m xmlns=""/></t:property>'
TO_SEQUENCE = setting("injectTo", "sequence") + setting("sequenceName", "q")


class Seen:
    """What arrived at the back end."""

    def __init__(self) -> None:
        self.requests: asyncio.Queue[HttpRequest] = asyncio.Queue()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.requests.put_nowait(request)
        return response()

    async def next(self) -> HttpRequest:
        return await asyncio.wait_for(self.requests.get(), 10)


async def ran(artifacts: str, times: int = 1) -> list[HttpRequest]:
    """The requests that the flow of a task sends, when it runs so often."""
    seen = Seen()
    harness = Harness(artifacts, http=StubClient(seen))
    background = Background(lambda: harness.snapshot)
    background.follow(harness.snapshot.artifacts())
    try:
        return [await seen.next() for _ in range(times)]
    finally:
        await background.stop()


SEQUENCE = f'<sequence name="q">{CALL}</sequence>'


@pytest.mark.parametrize(
    ("inside", "artifacts", "body", "content_type"),
    [
        (TO_SEQUENCE + MESSAGE, SEQUENCE, b"<m/>", b"application/xml"),
        (MESSAGE, SEQUENCE.replace('"q"', '"main"'), b"<m/>", b"application/xml"),
        (
            setting("injectTo", "proxy") + setting("proxyName", "p") + MESSAGE,
            f'<proxy name="p"><target><inSequence>{CALL}</inSequence></target></proxy>',
            b"<m/>",
            b"application/xml",
        ),
        (TO_SEQUENCE + setting("message", "plain"), SEQUENCE, b"plain", b"text/plain"),
        (
            TO_SEQUENCE + setting("registryKey", "k"),
            SEQUENCE + '<localEntry key="k"><e xmlns=""/></localEntry>',
            b"<e/>",
            b"application/xml",
        ),
        (
            TO_SEQUENCE + setting("registryKey", "k"),
            SEQUENCE + '<localEntry key="k">text</localEntry>',
            b"text",
            b"text/plain",
        ),
    ],
)
async def test_a_message_is_injected(inside: str, artifacts: str, body: bytes, content_type: bytes) -> None:
    [request] = await ran(task('once="true"', inside) + artifacts)
    assert isinstance(request.body, bytes)
    assert body in request.body
    sent = dict(request.headers).get(b"content-type", content_type)
    assert sent.startswith(content_type)


async def test_soap_and_headers() -> None:
    inside = TO_SEQUENCE + MESSAGE + setting("format", "soap11") + setting("soapAction", "urn:a")
    [request] = await ran(task('once="true"', inside) + SEQUENCE)
    assert b"Envelope" in bytes(request.body)  # type: ignore[arg-type]
    assert dict(request.headers)[b"soapaction"] == b"urn:a"


async def test_it_runs_count_times() -> None:
    requests = await ran(task('interval="0.001" count="3"', TO_SEQUENCE + MESSAGE) + SEQUENCE, 3)
    assert len(requests) == 3


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (setting("injectTo", "proxy") + setting("proxyName", "none"), "there is no proxy 'none'"),
        (setting("injectTo", "sequence") + setting("sequenceName", "none"), "there is no sequence 'none'"),
        (TO_SEQUENCE + setting("registryKey", "none"), "there is no local entry or registry resource 'none'"),
    ],
)
async def test_what_is_not_there_is_logged(inside: str, text: str, caplog: pytest.LogCaptureFixture) -> None:
    harness = Harness(task('once="true"', inside) + SEQUENCE)
    artifact = harness.snapshot.loaded["task", "t"].artifact
    await artifact.run(lambda: harness.snapshot)  # type: ignore[attr-defined]
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.ERROR, f"task 't': {text}")
    ]


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ('<task name="t" class="a.B"><trigger once="true"/></task>', "unsupported"),
        (f'<task name="t" class="{CLASS}"/>', "missing-element"),
        (task("", ""), "one-of"),
        (task('cron="every day"', ""), "bad-value"),
        (task('interval="soon"', ""), "bad-value"),
    ],
)
def test_mistakes(xml: str, code: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(xml)
    assert [problem.code for problem in raised.value.problems] == [code]
