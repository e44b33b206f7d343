from __future__ import annotations

import asyncio

import pytest
from lxml import etree

from engine.artifacts.event_source import WSE
from engine.core.http import HttpRequest, HttpResponse
from engine.errors import ErrorCode, TransportError
from engine.runtime.config import Limits
from engine.testing.harness import Answer, Harness, LoadError, StubClient, response

TOPIC = "urn:topics"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
MANAGER = (
    '<subscriptionManager class="x"><property name="topicHeaderName" value="Topic"/>'
    f'<property name="topicHeaderNS" value="{TOPIC}"/></subscriptionManager>'
)


def static(id_: str, topic: str, expires: str = "") -> str:
    end = f"<expires>{expires}</expires>" if expires else ""
    endpoint = f'<endpoint><address uri="http://{id_}/"/></endpoint>'
    return f'<subscription id="{id_}"><filter source="{topic}" dialect="d"/>{endpoint}{end}</subscription>'


def source(*subscriptions: str) -> str:
    return f'<eventSource name="es">{MANAGER}{"".join(subscriptions)}</eventSource>'


def envelope(body: str, header: str = "") -> bytes:
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:e="{WSE}" xmlns:w="urn:wsa" xmlns:t="{TOPIC}">'
        f"<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def event(topic: str) -> bytes:
    return envelope("<x/>", f"<t:Topic>{topic}</t:Topic>")


class Subscribers:
    """Who got an event."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[str] = asyncio.Queue()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        assert b"Topic" in bytes(request.body)  # type: ignore[arg-type]
        self.got.put_nowait(request.url)
        return response()

    async def next(self, count: int) -> set[str]:
        return {await asyncio.wait_for(self.got.get(), 10) for _ in range(count)}


async def ask(harness: Harness, action: str, body: str, header: str = "") -> Answer:
    content = envelope(body, f"<w:Action>{WSE}/{action}</w:Action>{header}")
    return await harness.request("POST", "/services/es", content, "text/xml")


async def subscribe(harness: Harness, topic: str, address: str = "http://dynamic/", expires: str = "PT1H") -> Answer:
    deliver = f"<e:Delivery><e:NotifyTo><w:Address>{address}</w:Address></e:NotifyTo></e:Delivery>"
    end = f"<e:Expires>{expires}</e:Expires>"
    return await ask(harness, "Subscribe", f"<e:Subscribe>{deliver}{end}<e:Filter>{topic}</e:Filter></e:Subscribe>")


def found(answer: Answer, name: str) -> str | None:
    return etree.fromstring(answer.body).findtext(f".//{{{WSE}}}{name}")


async def test_a_flow_publishes_to_the_subscribers_of_the_topic() -> None:
    subscribers = Subscribers()
    artifacts = source(static("a", "t/1"), static("b", "t"), static("c", "u"), static("d", "t", "2001-01-01T00:00:00Z"))
    harness = Harness(artifacts, http=StubClient(subscribers))
    message = harness.message(event("t/1"), "text/xml")
    assert await harness.run('<eventPublisher eventSourceName="es"/>', message)
    assert await subscribers.next(2) == {"http://a/", "http://b/"}
    assert subscribers.got.empty()


async def test_only_so_many_are_told_at_a_time_and_a_failure_is_no_end(caplog: pytest.LogCaptureFixture) -> None:
    got: asyncio.Queue[str] = asyncio.Queue()
    at_once, most = 0, 0

    async def answer(request: HttpRequest) -> HttpResponse:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        got.put_nowait(request.url)
        if request.url == "http://s0/":
            raise TransportError("it is gone", code=ErrorCode.CONNECTION_FAILED)
        return response()

    artifacts = source(*(static(f"s{number}", "t") for number in range(10)))
    harness = Harness(artifacts, http=StubClient(answer), limits=Limits(branches=3))
    await harness.run('<eventPublisher eventSourceName="es"/>', harness.message(event("t"), "text/xml"))
    told = {await asyncio.wait_for(got.get(), 10) for _ in range(10)}
    assert (told, most) == ({f"http://s{number}/" for number in range(10)}, 3)
    assert [record.getMessage() for record in caplog.records] == ["event of 'es' for s0: it is gone"]


@pytest.mark.parametrize(("body", "content_type"), [(b"{}", "application/json"), (envelope("<x/>"), "text/xml")])
async def test_without_a_topic_nobody_is_told(body: bytes, content_type: str) -> None:
    client = StubClient()
    harness = Harness(source(static("a", "t")), http=client)
    await harness.run('<eventPublisher eventSourceName="es"/>', harness.message(body, content_type))
    assert client.requests == []


async def test_a_client_publishes_at_the_service_itself() -> None:
    subscribers = Subscribers()
    harness = Harness(source(static("a", "t")), http=StubClient(subscribers))
    answer = await harness.request("POST", "/services/es", event("t/x"), "text/xml")
    assert answer.status == 202
    assert await subscribers.next(1) == {"http://a/"}


async def test_the_life_of_a_subscription() -> None:
    subscribers = Subscribers()
    harness = Harness(source(), http=StubClient(subscribers), limits=Limits(client_targets=["dynamic"]))
    made = await subscribe(harness, "t")
    assert made.status == 200
    identifier = found(made, "Identifier")
    assert identifier is not None
    assert (found(made, "Expires") or "").endswith("Z")
    await harness.request("POST", "/services/es", event("t"), "text/xml")
    assert await subscribers.next(1) == {"http://dynamic/"}

    who = f"<e:Identifier>{identifier}</e:Identifier>"
    renewed = await ask(harness, "Renew", "<e:Renew><e:Expires>*</e:Expires></e:Renew>", who)
    assert found(renewed, "Expires") == "*"
    status = await ask(harness, "GetStatus", "<e:GetStatus/>", who)
    assert found(status, "Expires") == "*"
    gone = await ask(harness, "Unsubscribe", "<e:Unsubscribe/>", who)
    assert (gone.status, b"UnsubscribeResponse" in gone.body) == (200, True)
    again = await ask(harness, "Unsubscribe", "<e:Unsubscribe/>", who)
    assert (again.status, b"Fault" in again.body) == (400, True)


@pytest.mark.parametrize(
    ("address", "status", "why"),
    [
        ("http://dynamic/", 403, "clients may not have the engine send to 'dynamic'"),
        ("vfs:file:///tmp/x", 400, "'vfs:file:///tmp/x' is no address to send to"),
    ],
)
async def test_clients_do_not_subscribe_any_address(address: str, status: int, why: str) -> None:
    answer = await subscribe(Harness(source()), "t", address)
    assert (answer.status, why.encode() in answer.body) == (status, True)


@pytest.mark.parametrize(
    ("topic", "address", "expires"), [("", "http://x/", ""), ("t", "", ""), ("t", "http://x/", "x")]
)
async def test_subscriptions_that_are_none(topic: str, address: str, expires: str) -> None:
    answer = await subscribe(Harness(source()), topic, address, expires)
    assert (answer.status, b"Fault" in answer.body) == (400, True)


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ('<eventSource name="es"/>', "missing-element"),
        ('<eventSource name="es"><subscriptionManager/></eventSource>', "bad-value"),
        (source('<subscription id="a"/>'), "missing-element"),
        (source(static("a", "t", "soon")), "bad-value"),
        ('<sequence name="s"><eventPublisher eventSourceName="none"/></sequence>', "unknown-event-source"),
    ],
)
def test_mistakes(xml: str, code: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(xml)
    assert [problem.code for problem in raised.value.problems] == [code]
