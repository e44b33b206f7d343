"""Processors on real queues; time is that of one millisecond."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from engine.core.background import Background, message_without_client
from engine.core.env import MessageQueue
from engine.core.http import HttpRequest, HttpResponse
from engine.errors import ErrorCode, TransportError
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.runtime.config import Limits
from engine.testing.harness import Harness, LoadError, StubClient, response

FORWARDING = "org.apache.synapse.message.processor.impl.forwarder.ScheduledMessageForwardingProcessor"
SAMPLING = "org.apache.synapse.message.processor.impl.sampler.SamplingProcessor"
ARTIFACTS = (
    '<messageStore name="failed"/>'
    '<endpoint name="e"><address uri="http://b/"><suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>'
    "<markForSuspension><errorCodes>-1</errorCodes></markForSuspension></address></endpoint>"
)


def processor(class_: str = FORWARDING, attributes: str = 'targetEndpoint="e"', **settings: str) -> str:
    parameters = {"interval": "1", "client.retry.interval": "1"} | {
        name.replace("__", "."): value for name, value in settings.items()
    }
    inside = "".join(f'<parameter name="{name}">{value}</parameter>' for name, value in parameters.items())
    return f'<messageProcessor name="p" class="{class_}" messageStore="s" {attributes}>{inside}</messageProcessor>'


def sequence(name: str) -> str:
    """A sequence that tells what came to it by calling http://NAME/."""
    code = '<property name="X-Code" expression="$ctx:ERROR_CODE" scope="transport"/>'
    return f'<sequence name="{name}">{code}<call><endpoint><address uri="http://{name}/"/></endpoint></call></sequence>'


class Backend:
    """Answers with the statuses given, the last one for ever; None refuses the connection."""

    def __init__(self, *statuses: int | None) -> None:
        self.statuses = list(statuses)
        self.calls: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        headers = dict(request.headers)
        if request.url != "http://b/":
            self.calls.put_nowait((request.url, headers.get(b"x-code", b"").decode()))
            return response()
        self.calls.put_nowait((request.url, request.body))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status is None:
            raise TransportError("refused", code=ErrorCode.CONNECTION_FAILED)
        return response(status, b'{"back": "end"}')

    async def next(self) -> tuple[str, Any]:
        return await asyncio.wait_for(self.calls.get(), 10)


def queue(harness: Harness, name: str = "s") -> MessageQueue:
    return harness.snapshot.message_store(name).queue(harness.snapshot)


async def put(harness: Harness, *bodies: bytes) -> None:
    for body in bodies:
        await queue(harness).put(message_without_client(harness.snapshot, Payload(body, "text/plain")))


@asynccontextmanager
async def running(
    backend: Callable[[HttpRequest], HttpResponse], artifacts: str, store: str = '<messageStore name="s"/>'
) -> AsyncIterator[Harness]:
    harness = Harness(store + ARTIFACTS + artifacts, http=StubClient(backend))
    background = Background(lambda: harness.snapshot)
    background.follow(harness.snapshot.artifacts())
    try:
        yield harness
    finally:
        await background.stop()


async def until_empty(harness: Harness) -> None:
    async with asyncio.timeout(10):
        while await queue(harness).size():  # noqa: ASYNC110 - nothing tells that a queue is empty
            await asyncio.sleep(0.001)


DURABLE = '<messageStore name="s" class="org.apache.synapse.message.store.impl.jms.JmsStore"/>'


@pytest.mark.parametrize("store", ['<messageStore name="s"/>', DURABLE])
async def test_messages_are_forwarded_in_order_and_the_answer_goes_to_the_reply_sequence(store: str) -> None:
    backend = Backend(200)
    artifacts = processor(message__processor__reply__sequence="reply") + sequence("reply")
    async with running(backend, artifacts, store) as harness:
        await put(harness, b"1", b"2")
        seen = [await backend.next() for _ in range(4)]
        assert seen == [("http://b/", b"1"), ("http://reply/", ""), ("http://b/", b"2"), ("http://reply/", "")]
        await until_empty(harness)


async def test_a_failure_is_tried_again() -> None:
    backend = Backend(None, 500, 201)
    artifacts = processor(message__processor__fault__sequence="fault1") + sequence("fault1")
    async with running(backend, artifacts) as harness:
        await put(harness, b"1")
        seen = [await backend.next() for _ in range(5)]
        assert [url for url, _ in seen] == ["http://b/", "http://fault1/", "http://b/", "http://fault1/", "http://b/"]
        assert [seen[1][1], seen[3][1]] == ["101503", "500"]
        await until_empty(harness)


async def test_some_statuses_are_not_tried_again() -> None:
    backend = Backend(404, 200)
    async with running(backend, processor(non__retry__status__codes="400, 404")) as harness:
        await put(harness, b"1", b"2")
        assert [(await backend.next())[1] for _ in range(2)] == [b"1", b"2"]


async def test_after_the_last_attempt_the_processor_stops_and_keeps_the_message() -> None:
    backend = Backend(500)
    settings = {"max__delivery__attempts": "2", "message__processor__deactivate__sequence": "off"}
    async with running(backend, processor(**settings) + sequence("off")) as harness:
        await put(harness, b"1", b"2")
        assert [(await backend.next())[0] for _ in range(3)] == ["http://b/", "http://b/", "http://off/"]
        assert await queue(harness).size() == 2


@pytest.mark.parametrize(
    ("settings", "failed"),
    [({"max__delivery__drop": "Enabled"}, 0), ({"message__processor__failMessagesStore": "failed"}, 1)],
)
async def test_or_the_message_is_dropped_or_kept_elsewhere(settings: dict[str, str], failed: int) -> None:
    backend = Backend(500, 200)
    async with running(backend, processor(max__delivery__attempts="1", **settings)) as harness:
        await put(harness, b"1", b"2")
        assert [(await backend.next())[1] for _ in range(2)] == [b"1", b"2"]
        await until_empty(harness)
        assert await queue(harness, "failed").size() == failed


async def test_the_sampling_processor_hands_messages_to_a_sequence() -> None:
    backend = Backend(200)
    sampling = processor(SAMPLING, "", sequence="take", concurrency="2")
    async with running(backend, sampling + sequence("take")) as harness:
        await put(harness, b"1", b"2", b"3")
        assert [(await backend.next())[0] for _ in range(3)] == ["http://take/"] * 3
        assert await queue(harness).size() == 0


async def test_one_that_is_not_active_does_nothing() -> None:
    backend = Backend(200)
    async with running(backend, processor(is__active="false")) as harness:
        await put(harness, b"1")
        await asyncio.sleep(0.01)
        assert backend.calls.empty()
        assert await queue(harness).size() == 1


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (processor("a.Resequencer"), "unsupported"),
        (processor(SAMPLING, ""), "missing-element"),
        (processor(interval="often"), "bad-value"),
        (processor(cronExpression="no"), "bad-value"),
        (processor(attributes='targetEndpoint="none"'), "unknown-endpoint"),
        (processor().replace('"s"', '"none"'), "unknown-message-store"),
    ],
)
def test_mistakes(xml: str, code: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(f'<messageStore name="s"/>{ARTIFACTS}{xml}')
    assert [problem.code for problem in raised.value.problems] == [code]


async def test_a_sequence_of_a_processor_is_a_conversation_of_its_own() -> None:
    backend = Backend(200)
    call = '<call><endpoint><address uri="http://q/"/></endpoint></call>'
    artifacts = (
        processor(SAMPLING, "", sequence="q") + f'<sequence name="q"><transaction action="new"/>{call}</sequence>'
    )
    async with running(backend, artifacts) as harness:
        ends = asyncio.Queue[MessageContext]()
        for body in (b"1", b"2"):
            message = message_without_client(harness.snapshot, Payload(body, "text/plain"))
            await message.ending.come()  # the end of the conversation that stored it
            await queue(harness).put(message)
            assert (await backend.next())[0] == "http://q/"  # the transaction could begin
            ends.put_nowait(message)
        await until_empty(harness)
        await harness.services.drain(10)
        while not ends.empty():
            assert ends.get_nowait().ending.passed


async def test_what_there_is_no_room_for_stays_in_the_store(caplog: pytest.LogCaptureFixture) -> None:
    backend, go_on = Backend(200), asyncio.Event()
    async with running(backend, processor(SAMPLING, "", sequence="take") + sequence("take")) as harness:
        harness.services.limits = Limits(background=1)
        harness.services.spawn(go_on.wait(), "another message's", counts=True)
        await put(harness, b"1", b"2")
        async with asyncio.timeout(10):
            while "processor 'p' waits: 1 pieces" not in caplog.text:  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0.001)
        assert await queue(harness).size() == 2
        go_on.set()
        assert [(await backend.next())[0] for _ in range(2)] == ["http://take/"] * 2
        await until_empty(harness)
