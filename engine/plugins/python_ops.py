"""Connector operations as Python functions.

    @operation("acme.greet")
    def greet(call: Call, name: str, polite: bool = False) -> dict[str, str]:
        \"\"\"Greet somebody.

        Args:
            name: Whom to greet.
            polite: Whether to say please.
        \"\"\"
        return call.session.get("/greet", params={"name": name}).json()

The signature is the declaration: a parameter without a default is required, ``webinar_key`` is ``<webinarKey>`` in XML;
``str``, ``int``, ``Decimal``, ``bool``, ``list[str]`` and ``Literal`` give the type, ``Annotated[str, Rules(…)]`` the
rest. Plain functions run in a bounded pool of threads and may block; ``async`` functions run in the loop. What a
function needs of the engine comes with ``call``: a session of requests, tokens, the log, secrets, the registry.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import re
import time
import types
import typing
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypeVar

from engine.core.env import Environment, env_of
from engine.core.mediator import Mediator
from engine.core.oauth2 import OAuth2, TokenCache
from engine.declare.spec import Spec
from engine.errors import ErrorCode, Fault, TransportError, Where
from engine.message.context import MessageContext, Registry
from engine.message.headers import Headers
from engine.message.payload import Payload
from engine.plugins import call_options
from engine.plugins.arguments import Arguments, refusal
from engine.plugins.call_options import CallOptions, OperationCall
from engine.plugins.connection import Connection, connection_of
from engine.plugins.exchange import Exchange
from engine.plugins.kept_connections import KeptConnections
from engine.plugins.parameters import TYPES, Parameter
from engine.plugins.rest import by_parameter, operation_spec
from engine.plugins.settings import Settings
from engine.plugins.work import Work

if TYPE_CHECKING:
    import requests

P = ParamSpec("P")
R = TypeVar("R")

_THREADS = 32
_SECTION = re.compile(r"^Args:\s*$(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
_ARGUMENT = re.compile(r"^ {4}(\w+):\s*(.*(?:\n {5,}.*)*)", re.MULTILINE)
_TYPE_NAMES: dict[Any, str] = {str: "text", int: "integer", Decimal: "number", bool: "boolean", list[str]: "list"}


@dataclass(frozen=True, slots=True)
class Rules:
    """What an annotation alone cannot say; see ``parameters.Parameter``. ``type`` is a name of ``parameters.TYPES``."""

    type: str = ""
    max_length: int | None = None
    needs: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Services:
    """What the operations of one connector share for as long as the connector is loaded."""

    connector: str
    exchange: Exchange
    tokens: TokenCache
    threads: Callable[[], ThreadPoolExecutor]


@dataclass(frozen=True, slots=True)
class Call:
    """The first argument of an operation, for those that ask for it."""

    message: MessageContext
    operation: str
    services: Services
    work: Work | None = None
    """The thread of a plain function; None in an ``async`` one."""

    @property
    def session(self) -> requests.Session:
        """A session of ``requests`` for plain functions: through the engine's client, with the account's credentials.

        ``call.session.get("/orders")`` is below the connection's base URL. ``async`` functions use ``env.http``.
        """
        from engine.plugins.session import Session

        connection = self.connection if self.opened else None
        return Session(self.env, self._thread("session"), connection)

    def token(self, client: OAuth2) -> str:
        """A valid access token, from the engine's one OAuth2 client; for plain functions. Raises Fault 403."""
        return self._thread("token").wait(self.services.tokens.current(self.env, client))

    @property
    def log(self) -> logging.LoggerAdapter[logging.Logger]:
        """The connector's log; each line begins with the message's correlation id, as the engine's own do."""
        return _WithId(
            logging.getLogger(f"myelin.connector.{self.services.connector}"), {"id": self.message.correlation_id}
        )

    @property
    def registry(self) -> Registry:
        """Resources that outlive the message."""
        return self.env.registry

    def secret(self, alias: str) -> str:
        """The secret of that name. Raises Fault when there is none."""
        found = self.env.secret(alias)
        if found is None:
            raise Fault(f"{self.operation}: there is no secret '{alias}'")
        return found

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for this function any more: one that works for long asks now and then, and returns."""
        return self.work is not None and self.work.cancelled.is_set()

    def _thread(self, what: str) -> Work:
        if self.work is None:
            raise RuntimeError(f"call.{what} is for plain functions; an async one awaits call.env.http and the like")
        return self.work

    @property
    def env(self) -> Environment:
        return env_of(self.message)

    @property
    def settings(self) -> Settings:
        """The connector's settings with the operator's changes."""
        return self.services.exchange.settings(self.env)

    @property
    def connection(self) -> Connection:
        """What ``<connector.init>`` left. Raises Fault when it did not run."""
        return connection_of(self.message, self.services.connector)

    @property
    def opened(self) -> bool:
        """Whether ``<connector.init>`` has run in this flow."""
        return self.services.connector in self.message.connections

    def refused(self, parameter: str, rule: str, value: str = "") -> Fault:
        """The 400 to raise for an argument that breaks a rule, in the form that all operations use."""
        return refusal(self.operation, [{"parameter": parameter, "value": value, "rule": rule}])


@dataclass(frozen=True, slots=True)
class Answer:
    """A return value that becomes the message whole: status, body and headers.

    A ``final`` one goes to the client at once, and the flow is over.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    final: bool = False


@dataclass(frozen=True)
class PythonOperation(Generic[P, R]):
    """A declared function. Calling it calls the function."""

    tag: str
    function: Callable[P, R]
    is_async: bool
    takes_call: bool
    parameters: tuple[Parameter, ...]
    arguments: Mapping[str, str]
    """The function's own name of each parameter."""
    kept: bool
    """Whether the Connection that it gives serves all messages with the same arguments."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(*args, **kwargs)

    def spec(self, services: Services) -> Spec:
        """The declaration under which flows call the function."""

        def construct(*, where: Where, **values: Any) -> Mediator:
            options = CallOptions.taken_from(values)
            arguments = Arguments(self.tag, self.parameters, by_parameter(values, self.parameters))
            return PythonCall(spec, where, options, self, services, arguments)

        doc = _SECTION.sub("", inspect.getdoc(self.function) or "").strip()
        spec = operation_spec(self.tag, doc.partition("\n")[0], doc, self.parameters, construct)
        return spec


def operation(tag: str, *, kept: bool = False) -> Callable[[Callable[P, R]], PythonOperation[P, R]]:
    """Declare a function as ``<connector.operation>``. Raises TypeError for a signature that no XML can express.

    ``kept`` is for an ``init`` whose Connection depends on nothing but its arguments and the connector's settings: the
    function is called once for the same ones, and its Connection serves many messages.
    """

    def declare(function: Callable[P, R]) -> PythonOperation[P, R]:
        takes_call, parameters, names = _read_signature(tag, function)
        is_async = inspect.iscoroutinefunction(function)
        if kept and typing.get_type_hints(function).get("return") is not Connection:
            raise TypeError(f"{tag}: only what gives a Connection is kept")
        return PythonOperation(tag, function, is_async, takes_call, parameters, names, kept)

    return declare


class PythonCall(OperationCall):
    """A function, in a flow. One that is ``kept`` is called once for the same arguments."""

    __slots__ = ("_arguments", "_kept", "_operation", "_services")

    def __init__(
        self,
        spec: Spec,
        where: Where,
        options: CallOptions,
        declared: PythonOperation[Any, Any],
        services: Services,
        arguments: Arguments,
    ) -> None:
        super().__init__(spec, where, options)
        self._operation = declared
        self._services = services
        self._arguments = arguments
        self._kept = KeptConnections() if declared.kept else None

    async def operate(self, message: MessageContext) -> bool:
        if self._kept is not None:
            message.connections[self._services.connector] = await self._connection(message, self._kept)
            return True
        result = await self._result(message, self._arguments.evaluate(message))
        _apply(message, self._services.connector, result)
        if isinstance(result, Answer) and result.final:
            await message.exchange.answer(message)
            return False
        return True

    async def _connection(self, message: MessageContext, kept: KeptConnections) -> Connection:
        texts = self._arguments.texts(message)
        settings = self._services.exchange.settings(env_of(message))
        connection = kept.get(texts, settings)
        if connection is None:
            connection = await self._result(message, self._arguments.evaluate(message, texts))
            kept.keep(texts, connection, settings)
        return connection

    async def _result(self, message: MessageContext, values: Mapping[str, Any]) -> Any:
        declared = self._operation
        call = Call(message, declared.tag, self._services)
        if not declared.is_async:
            call = replace(call, work=_new_work(call.settings.timeout))
        names = declared.arguments
        keywords = {names[name]: value for name, value in values.items()}
        positional = (call,) if declared.takes_call else ()
        return await _run(call, declared, functools.partial(declared.function, *positional, **keywords))


async def _run(call: Call, declared: PythonOperation[Any, Any], work: Callable[[], Any]) -> Any:
    """In the loop, or in a thread for no longer than the connector's timeout."""
    try:
        if declared.is_async:
            return await work()
        assert call.work is not None  # plain functions have one
        try:
            async with asyncio.timeout(call.settings.timeout):
                return await asyncio.get_running_loop().run_in_executor(call.services.threads(), work)
        finally:
            # A thread cannot be stopped; it is told, and its session sends nothing more.
            call.work.cancelled.set()
    except OSError as error:
        # Everything that requests raises is one. Its text has the URL, and with it perhaps a secret.
        message = f"{call.operation} got no answer from its back end: {type(error).__name__}"
        timed_out = "timeout" in type(error).__name__.lower()
        code = ErrorCode.TIMEOUT if timed_out else ErrorCode.CONNECTION_FAILED
        raise TransportError(message, code=code) from None


def _new_work(seconds: float) -> Work:
    return Work(asyncio.get_running_loop(), time.monotonic() + seconds)


class _WithId(logging.LoggerAdapter[logging.Logger]):
    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[str, MutableMapping[str, Any]]:
        return f"{(self.extra or {})['id']}: {msg}", kwargs


def _apply(message: MessageContext, connector: str, result: Any) -> None:
    """A Connection stays with the flow, an Answer becomes the message, other values its payload; None does nothing."""
    match result:
        case None:
            pass
        case Connection():
            message.connections[connector] = result
        case Answer():
            headers = Headers()
            for name, value in result.headers.items():
                headers.add(name, value)
            payload = Payload(result.body, headers.get("content-type") or "", origin="backend")
            message.become_response(result.status, "", headers, payload)
        case str():
            message.payload.set_text(result)
            message.set_axis2("messageType", "text/plain")
        case _:
            message.payload.set_json(result)
            message.set_axis2("messageType", "application/json")


# -------------------------------------------------------------------- signatures


def _read_signature(tag: str, function: Callable[..., Any]) -> tuple[bool, tuple[Parameter, ...], dict[str, str]]:
    hints = typing.get_type_hints(function, include_extras=True)
    docs = _argument_docs(inspect.getdoc(function) or "")
    takes_call, parameters, names = False, [], {}
    for name, each in inspect.signature(function).parameters.items():
        if hints.get(name) is Call:
            takes_call = True
            continue
        if each.kind not in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY):
            raise TypeError(f"{tag}: '{name}' cannot be a parameter in XML")
        if name not in docs:
            raise TypeError(f"{tag}: '{name}' is not described under 'Args:' in the docstring")
        parameter = _parameter(tag, name, hints.get(name, str), docs[name], required=each.default is each.empty)
        if parameter.name in call_options.NAMES:
            raise TypeError(f"{tag}: every operation has a '{parameter.name}' already")
        parameters.append(parameter)
        names[parameter.name] = name
    return takes_call, tuple(parameters), names


def _parameter(tag: str, name: str, hint: Any, doc: str, *, required: bool) -> Parameter:
    rules = Rules()
    hint = _without_none(hint)
    if typing.get_origin(hint) is typing.Annotated:
        hint, *metadata = typing.get_args(hint)
        hint = _without_none(hint)
        rules = next((each for each in metadata if isinstance(each, Rules)), rules)
    choices = typing.get_args(hint) if typing.get_origin(hint) is Literal else ()
    type_name = rules.type or ("text" if choices else _TYPE_NAMES.get(hint, ""))
    if type_name not in TYPES:
        raise TypeError(f"{tag}: the type of '{name}' is none of {', '.join(TYPES)}")
    return Parameter(
        name=_camel(name),
        doc=doc,
        type=type_name,
        required=required,
        max_length=rules.max_length,
        choices=choices,
        needs=rules.needs,
        secret=rules.secret,
    )


def _without_none(hint: Any) -> Any:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        rest = [each for each in typing.get_args(hint) if each is not type(None)]
        if len(rest) == 1:
            return rest[0]
    return hint


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _argument_docs(docstring: str) -> dict[str, str]:
    section = _SECTION.search(docstring)
    return dict(_arguments_of(section[1])) if section else {}


def _arguments_of(section: str) -> Iterator[tuple[str, str]]:
    for match in _ARGUMENT.finditer(section):
        yield match[1], " ".join(match[2].split())


@functools.cache
def shared_threads() -> ThreadPoolExecutor:
    """The pool for plain functions, made when the first one runs. It bounds them all together."""
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="connector")
