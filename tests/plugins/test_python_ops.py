from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
import requests

from engine.core.clock import Clock
from engine.core.oauth2 import TokenCache
from engine.core.sequence import run as run_steps
from engine.errors import Fault, TransportError
from engine.message.context import MessageContext
from engine.plugins.connection import Connection
from engine.plugins.exchange import Exchange
from engine.plugins.parameters import Parameter
from engine.plugins.python_ops import Answer, Call, PythonOperation, Rules, Services, operation, shared_threads
from engine.plugins.settings import Settings
from engine.runtime.catalog import language
from engine.testing.harness import Harness, StubExchange

EXCHANGE = Exchange("acme", Settings(timeout=5), Clock())
SERVICES = Services("acme", EXCHANGE, TokenCache(Clock()), shared_threads)


@operation("acme.everything")
def everything(
    call: Call,
    webinar_key: Annotated[str, Rules(type="key")],
    count: int,
    price: Decimal = Decimal(0),
    tags: list[str] | None = None,
    mode: Literal["fast", "safe"] = "fast",
    password: Annotated[str | None, Rules(secret=True, max_length=9)] = None,
    dry: bool = False,
) -> dict[str, Any]:
    """Do everything.

    It takes a while.

    Args:
        webinar_key: The webinar.
        count: How often.
        price: What it costs.
        tags: Words that describe it, of which there
            may be many.
        mode: How to do it.
        password: What nobody should see.
        dry: Whether only to pretend.
    """
    return {"key": webinar_key, "count": count, "price": price, "tags": tags, "mode": mode, "dry": dry}


async def run(declared: PythonOperation[Any, Any], xml: str, services: Services = SERVICES) -> MessageContext:
    harness = Harness(catalog=language().with_specs([declared.spec(services)]))
    message = harness.message(b"{}")
    await harness.run(xml, message)
    return message


async def run_bare(function: Callable[..., Any], services: Services = SERVICES) -> MessageContext:
    return await run(operation("acme.op")(function), "<acme.op/>", services)


def test_parameters_come_from_the_signature() -> None:
    assert everything.parameters == (
        Parameter("webinarKey", "The webinar.", "key", required=True),
        Parameter("count", "How often.", "integer", required=True),
        Parameter("price", "What it costs.", "number"),
        Parameter("tags", "Words that describe it, of which there may be many.", "list"),
        Parameter("mode", "How to do it.", choices=("fast", "safe")),
        Parameter("password", "What nobody should see.", max_length=9, secret=True),
        Parameter("dry", "Whether only to pretend.", "boolean"),
    )


def test_spec() -> None:
    spec = everything.spec(SERVICES)
    assert (spec.tag, spec.kinds, spec.summary) == ("acme.everything", ("mediator",), "Do everything.")
    assert spec.doc == "Do everything.\n\nIt takes a while."
    assert [(each.name, each.required) for each in spec.fields][:3] == [
        ("webinarKey", True),
        ("count", True),
        ("price", False),
    ]
    assert spec.example.splitlines()[:2] == ["<acme.everything>", "    <webinarKey>{$ctx:webinarKey}</webinarKey>"]


def test_declared_function_can_be_called() -> None:
    assert everything.function(None, "1", 2)["count"] == 2
    plain = operation("acme.double")(_double)
    assert plain(4) == 8


def _double(number: int) -> int:
    """Double.

    Args:
        number: What.
    """
    return 2 * number


async def test_values_arrive_typed() -> None:
    message = await run(
        everything,
        "<acme.everything><webinarKey>9007199254740993</webinarKey><count>3</count><price>1.50</price>"
        "<tags>a,b</tags><dry>true</dry></acme.everything>",
    )
    assert message.payload.body() == (
        b'{"key":"9007199254740993","count":3,"price":1.50,"tags":["a","b"],"mode":"fast","dry":true}'
    )
    assert message.message_type == "application/json"


async def test_plain_functions_run_in_a_thread_and_async_ones_in_the_loop() -> None:
    def plain() -> str:
        """Where."""
        return threading.current_thread().name

    async def in_loop() -> str:
        """Where."""
        return threading.current_thread().name

    assert (await run_bare(plain)).payload.text().startswith("connector")
    assert (await run_bare(in_loop)).payload.text() == threading.current_thread().name


RESULTS: list[tuple[Any, bytes, str]] = [
    ({"a": 1}, b'{"a":1}', "application/json"),
    ([], b"[]", "application/json"),
    (5, b"5", "application/json"),
    (True, b"true", "application/json"),
    ("text", b"text", "text/plain"),
    (Answer(201, b"<a/>", {"Content-Type": "application/xml"}), b"<a/>", "application/xml"),
]


@pytest.mark.parametrize(("result", "body", "media"), RESULTS)
async def test_results(result: Any, body: bytes, media: str) -> None:
    def give() -> Any:
        """Give."""
        return result

    message = await run_bare(give)
    assert (message.payload.body(), message.message_type) == (body, media)
    assert message.axis2.get("HTTP_SC") == (201 if isinstance(result, Answer) else None)


async def test_nothing_changes_nothing() -> None:
    def give() -> None:
        """Give."""

    message = await run_bare(give)
    assert (message.payload.raw(), message.connections) == (b"{}", {})


async def test_connection_stays_with_the_flow() -> None:
    connection = Connection("https://acme.example")

    async def init(call: Call) -> Connection:
        """Open."""
        assert not call.opened
        return connection

    message = await run_bare(init)
    assert message.connections == {"acme": connection}


async def test_a_kept_connection_is_made_once_for_the_same_arguments() -> None:
    made: list[str] = []

    @operation("acme.init", kept=True)
    async def init(user: str) -> Connection:
        """Open.

        Args:
            user: Who.
        """
        made.append(user)
        return Connection("https://acme.example", account=user)

    harness = Harness(catalog=language().with_specs([init.spec(SERVICES)]))
    step = harness.steps("<acme.init><user>{$ctx:user}</user></acme.init>")
    accounts = []
    for user in ("ann", "bob", "ann"):
        message = harness.message(b"{}")
        message.properties["user"] = user
        assert await run_steps(step, message)
        accounts.append(message.connections["acme"].account)
    assert (accounts, made) == (["ann", "bob", "ann"], ["ann", "bob"])


def test_only_connections_are_kept() -> None:
    with pytest.raises(TypeError, match=r"acme\.op: only what gives a Connection is kept"):

        @operation("acme.op", kept=True)
        async def op() -> str:
            """Do it."""
            return ""


async def test_call_gives_settings_and_refusals() -> None:
    async def refuse(call: Call) -> None:
        """Refuse."""
        assert call.settings == Settings(timeout=5)
        raise call.refused("name", "shorter", "long")

    with pytest.raises(Fault, match=r"acme\.op: name must be shorter") as caught:
        await run_bare(refuse)
    assert (caught.value.status, caught.value.details["value"]) == (400, "long")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (requests.ConnectionError("https://acme.example?token=SECRET"), 502),
        (requests.Timeout("https://acme.example?token=SECRET"), 504),
        (TimeoutError(), 504),
        (ConnectionRefusedError(), 502),
    ],
)
async def test_unreachable_back_ends(error: OSError, status: int) -> None:
    def fail() -> None:
        """Fail."""
        raise error

    with pytest.raises(TransportError) as caught:
        await run_bare(fail)
    assert caught.value.status == status
    assert caught.value.message == f"acme.op got no answer from its back end: {type(error).__name__}"


async def test_mistakes_of_the_function_are_faults_of_the_step() -> None:
    def fail() -> None:
        """Fail."""
        raise ValueError("oops")

    with pytest.raises(Fault, match=r"^unexpected ValueError$") as caught:
        await run_bare(fail)
    assert caught.value.path == ["test.xml:1:52 <acme.op>"]


async def test_plain_function_that_takes_too_long() -> None:
    gate = threading.Event()

    def wait() -> None:
        """Wait."""
        gate.wait(30)

    try:
        with pytest.raises(TransportError) as caught:
            await run_bare(wait, replace(SERVICES, exchange=Exchange("acme", Settings(timeout=0.02), Clock())))
        assert caught.value.status == 504
    finally:
        gate.set()


async def test_plain_functions_run_beside_each_other() -> None:
    together = threading.Barrier(4, timeout=30)

    def meet() -> None:
        """Meet."""
        together.wait()

    await asyncio.gather(*(run_bare(meet) for _ in range(4)))


def _variable(*names: str) -> None:
    """Take many.

    Args:
        names: Which.
    """


def _undocumented(name: str) -> None:
    """Take one."""


def _strange(name: object) -> None:
    """Take one.

    Args:
        name: What.
    """


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_variable, r"acme\.op: 'names' cannot be a parameter in XML"),
        (_undocumented, r"acme\.op: 'name' is not described under 'Args:'"),
        (_strange, r"acme\.op: the type of 'name' is none of text, key"),
    ],
)
def test_signatures_that_no_xml_can_express(function: Callable[..., Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        operation("acme.op")(function)


async def test_a_final_answer_ends_the_flow() -> None:
    def refuse() -> Answer:
        """Refuse."""
        return Answer(403, b"no", {"Content-Type": "text/plain"}, final=True)

    harness = Harness(catalog=language().with_specs([operation("acme.op")(refuse).spec(SERVICES)]))
    exchange = StubExchange()
    message = harness.message(b"{}", exchange=exchange)
    assert await harness.run('<acme.op/><property name="ran" value="true"/>', message) is False
    assert "ran" not in message.properties
    [answer] = exchange.answers
    assert (answer.status, answer.body) == (403, b"no")
