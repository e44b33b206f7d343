"""<api>"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal
from urllib.parse import unquote_plus

from engine.artifacts import _openapi
from engine.artifacts._api_handlers import CorsHandler, Handler, Handlers, global_cors
from engine.artifacts._resource import Found, Head, Resource, Resources
from engine.core import faults
from engine.core.artifact import Artifact, check_name
from engine.core.env import Conversation, Environment, ServiceName, env_of
from engine.core.flow import Flow, Part
from engine.core.http import RawHeaders
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, child, children, element
from engine.errors import Fault
from engine.message.context import Exchange, MessageContext
from engine.message.payload import Payload

MISMATCH_SEQUENCE = "_resource_mismatch_handler_"
METHOD_SEQUENCE = "_method_not_allowed_handler_"


@element("api", kind="artifact", category="artifact")
class Api(Artifact):
    """Serve HTTP requests below a path of your own, by resources.

    A request goes to the API with the longest context that it lies under, those with a version before those without
    one, and there to the resource whose mapping or template has its path. Resources are filtered by method first:
    without one of the path it is 404 (sequence ``_resource_mismatch_handler_``), without one of the method 405
    (sequence ``_method_not_allowed_handler_``; Synapse trap 43). ``GET /NAME?openapi.json`` (also ``openapi.yaml``,
    ``swagger.json``, ``swagger.yaml``) describes it. Versions of one API may have one name: that of version 2 is
    ``orders:v2`` in SYNAPSE_REST_API, and in ``GET /orders:v2?openapi.json``.

    A message has the properties ``uri.var.NAME`` and ``query.param.NAME``, REST_FULL_REQUEST_PATH,
    REST_SUB_REQUEST_PATH, REST_METHOD, REST_URL_PREFIX, REST_API_CONTEXT, SYNAPSE_REST_API and
    SYNAPSE_REST_API_VERSION, and in the axis2 scope REST_URL_POSTFIX.

    Example::

        <api name="orders" context="/orders">
          <resource methods="GET" uri-template="/{id}">
            <inSequence>
              <payloadFactory media-type="json">
                <format>{"id": "$1"}</format><args><arg expression="$ctx:uri.var.id"/></args>
              </payloadFactory>
              <respond/>
            </inSequence>
          </resource>
        </api>
    """

    kind: ClassVar[str] = "api"

    name: str = attr("Name of the API.")
    context: str = attr("Path that all its resources lie under; `{version}` stands for the version.")
    version: str = attr("Version.", default="")
    version_type: Literal["", "context", "url"] = attr(
        "Where the version stands: in the context, or as the next part of the path.", name="version-type", default=""
    )
    hostname: str = attr("Only requests for this host (header Host).", default="")
    port: int | None = attr("Only requests for this port (header Host).", default=None)
    transports: str = attr("`http` or `https`, or both.", default="")
    binds_to: str = attr("Inbound endpoints it is bound to; kept for tools.", name="binds-to", default="default")
    publish_swagger: str = attr(
        "Local entry or registry resource with its OpenAPI definition.", name="publishSwagger", default=""
    )
    validate_schema: bool = attr(
        "Whether to check messages by it; not supported.", name="validateSchema", default=False
    )
    resources: tuple[Resource, ...] = children("Its resources.", tag="resource")
    handlers: Handlers | None = child("What stands before the resources.", tag="handlers")

    def __post_init__(self) -> None:
        check_name("api", self.name)
        self.base = self._base()
        """The path that requests lie under, without a slash at its end; empty for the context `/`."""
        self._check_resources()
        if self.validate_schema:
            raise Unacceptable(
                "messages are not checked by the OpenAPI definition here.",
                code="unsupported",
                hint="Take validateSchema out, and check bodies with <validate> and a JSON Schema.",
            )
        self._resources = Resources(self.resources)
        self._handlers: list[Handler] = [each.handler for each in self.handlers.handlers] if self.handlers else []
        service = ServiceName("api", self.identity, self.address or "")
        self._flows = {id(each): each.flow(self.name, service) for each in self.resources}

    def _base(self) -> str:
        if not self.context.startswith("/"):
            raise Unacceptable(
                f"the context '{self.context}' does not begin with '/'.", hint=f"Write '/{self.context}'."
            )
        # The context / is an empty one to the reference too.
        self.context = self.context.rstrip("/")
        if self.version_type == "context":
            self.context = self.context.replace("{version}", self.version)
        return f"{self.context}/{self.version}" if self.version_type == "url" and self.version else self.context

    def _check_resources(self) -> None:
        if not self.resources:
            raise Unacceptable("an api needs at least one <resource>.", code="missing-element")
        seen: set[tuple[str, str]] = set()
        for each in self.resources:
            for method in each.methods or ("*",):
                key = (each.pattern, method if each.pattern else "")
                if key in seen and (each.pattern or method in (each.methods or ("*",))[:1]):
                    what = f"the path '{each.pattern}' and the method {method}" if each.pattern else "no path"
                    raise Unacceptable(f"two resources have {what}.", hint=f"The second is at {each.where}.")
                seen.add(key)

    def remarks(self) -> Iterable[tuple[str, str]]:
        if self.transports.strip() == "https":
            yield "it is served over http too.", "Let what ends TLS in front of the engine refuse plain http."

    # ---------------------------------------------------------------- routing

    @property
    def identity(self) -> str:
        """Versions of one API may have one name (API.java, getName)."""
        return f"{self.name}:v{self.version}" if self.is_versioned and self.version else self.name

    @property
    def address(self) -> str | None:
        return self.base or "/"

    @property
    def is_versioned(self) -> bool:
        """Whether it is asked before the others."""
        return bool(self.version_type)

    def accepts(self, headers: RawHeaders, scheme: str) -> bool:
        """Whether host and port fit; the path was looked at before."""
        if not self.hostname and self.port is None:
            return True
        host = next((value.decode("latin-1") for name, value in headers if name == b"host"), None)
        if host is None:
            return False
        name, _, port = host.partition(":")
        number = int(port) if port.isascii() and port.isdigit() else {"http": 80, "https": 443}.get(scheme)
        return (not self.hostname or name == self.hostname) and (self.port is None or self.port == number)

    def serve_request(
        self, method: str, path: str, query: str, headers: RawHeaders, scheme: str = "http"
    ) -> tuple[Conversation, dict[str, str], str]:
        """The conversation for a request below ``base``, the properties of its message, and REST_URL_POSTFIX.

        Raises Fault 400 for a query that is not percent-encoded.
        """
        full = f"{path}?{query}" if query else path
        postfix = full[len(self.base) :]
        head = Head(method, path[len(self.base) :] or "/", query, headers)
        properties = {
            "REST_FULL_REQUEST_PATH": full,
            "REST_SUB_REQUEST_PATH": f"/{postfix}" if postfix.startswith("?") else postfix or "/",
            "REST_METHOD": method,
            "REST_API_CONTEXT": self.context,
            "SYNAPSE_REST_API": self.identity,
            "SYNAPSE_REST_API_VERSION": self.version if self.version_type else "",
        }
        host = head.header(b"host")
        if host is not None:
            properties["REST_URL_PREFIX"] = f"{scheme}://{host}"
        found = self._resources.find(head, scheme)
        if isinstance(found, int):
            return self._refusal(found, head), properties, postfix
        properties["rest.url.pattern"] = found.resource.pattern
        for name, value in found.variables.items():
            properties[f"uri.var.{name}"] = value
        if query:
            properties |= _query_parameters(query)
        return _ApiConversation(self._flows[id(found.resource)], found, self._handlers), properties, postfix

    def description(self, form: str, scheme: str, host: str | None, read: _openapi.Reader) -> Conversation:
        """The answer to ``?openapi.json`` and the like; ``read`` gives local entries and registry resources."""
        definition = _openapi.Definition(self.name, self.version, self.base, self.resources, self.publish_swagger)
        return _Fixed(*definition.render(form, scheme, host, read))

    def _refusal(self, status: int, head: Head) -> Conversation:
        if status == 400:
            return _Refusal(Fault("the headers of the request fit no resource", code="bad-request", status=400))
        if status == 405:
            fault = Fault(f"{head.method} is not allowed here", code="method-not-allowed", status=405)
            return _Refusal(fault, METHOD_SEQUENCE, {"Allow": self._resources.allowed(head)})
        text = f"the api '{self.name}' has no resource for {head.method} {head.path}"
        return _Refusal(Fault(text, code="not-found", status=404), MISMATCH_SEQUENCE)


def _query_parameters(query: str) -> dict[str, str]:
    """``query.param.NAME`` of a query string; the last of one name wins.

    A parameter without ``=`` belongs to the value before it, as ``20&floor`` (correction 7 of the specification).
    """
    parameters: dict[str, str] = {}
    name = ""
    for entry in query.split("&"):
        key, equals, value = entry.partition("=")
        if equals:
            name = f"query.param.{key}"
            if _openapi.is_badly_escaped(value):
                raise Fault(f"the query parameter '{key}' is not percent-encoded", code="bad-request", status=400)
            parameters[name] = unquote_plus(value)
        elif name:
            parameters[name] += f"&{entry}"
    return parameters


class _ApiConversation:
    """The handlers of the API, and the flow of the resource behind them."""

    __slots__ = ("_flow", "_found", "_handlers", "label")

    def __init__(self, flow: Flow, found: Found, handlers: list[Handler]) -> None:
        self._flow, self._found, self._handlers = flow, found, handlers
        self.label = flow.label

    async def serve(self, message: MessageContext) -> None:
        extra: dict[str, str] = {}
        self._add_global_cors(env_of(message))
        for handler in self._handlers:
            extra |= handler.answer_headers(message, self._found)
        message.exchange = _ApiExchange(message.exchange, extra)
        try:
            goes_on = await self._pass_handlers(message)
        except Fault as fault:
            await faults.answer_unhandled(message, fault)
            goes_on = False
        if goes_on:
            await self._flow.serve(message)
        else:
            message.payload.close()

    def _add_global_cors(self, env: Environment) -> None:
        cors = env.cors
        if cors.allowed_origins and not any(isinstance(each, CorsHandler) for each in self._handlers):
            self._handlers = [global_cors(cors.allowed_origins, cors.allowed_headers), *self._handlers]

    async def _pass_handlers(self, message: MessageContext) -> bool:
        """Whether the request goes on to the resource; if not, it was answered."""
        for handler in self._handlers:
            if not await handler.handle(message, self._found):
                return False
        return message.exchange.method != "OPTIONS" or not await self._answer_options(message)

    async def _answer_options(self, message: MessageContext) -> bool:
        """OPTIONS is answered here, unless the resource names it in its methods (RFC 9110 section 9.3.7)."""
        resource = self._found.resource
        if "OPTIONS" in resource.methods:
            forwards = message.headers.get("max-forwards")
            if forwards is None or not forwards.isascii() or not forwards.isdigit():
                return False
            if int(forwards) > 0:
                message.headers.set("Max-Forwards", str(int(forwards) - 1))
                return False
        faults.clear(message, 200)
        message.headers.set("Allow", resource.allowed)
        await message.exchange.answer(message)
        return True


class _ApiExchange:
    """The client's side, with the headers that every answer of an API has: correlation id, CORS."""

    def __init__(self, exchange: Exchange, extra: Mapping[str, str]) -> None:
        self._exchange, self._extra = exchange, extra
        self.method, self.path, self.query = exchange.method, exchange.path, exchange.query
        self.client, self.scheme = exchange.client, exchange.scheme

    @property
    def answered(self) -> bool:
        return self._exchange.answered

    async def answer(self, message: MessageContext) -> None:
        if not self.answered:
            message.headers.set("activityid", message.correlation_id)
            for name, value in self._extra.items():
                message.headers.set(name, value)
        await self._exchange.answer(message)

    async def accept(self) -> None:
        await self._exchange.accept()


class _Refusal:
    """An answer without a resource: by the user's sequence where there is one."""

    def __init__(self, fault: Fault, sequence: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.label = fault.message
        self._fault, self._sequence, self._headers = fault, sequence, headers or {}

    async def serve(self, message: MessageContext) -> None:
        if self._sequence and env_of(message).has_sequence(self._sequence):
            label = f"sequence '{self._sequence}'"
            part = Part(label, key=self._sequence)
            await Flow(label, part, Part("outSequence"), Part("faultSequence")).serve(message)
            return
        faults.fill_fault(message, self._fault)
        for name, value in self._headers.items():
            message.headers.set(name, value)
        await message.exchange.answer(message)


class _Fixed:
    """An answer that is a text."""

    def __init__(self, body: bytes, content_type: str) -> None:
        self.label = "description"
        self._body, self._content_type = body, content_type

    async def serve(self, message: MessageContext) -> None:
        faults.clear(message, 200)
        message.payload = Payload(self._body, self._content_type)
        message.headers.set("Content-Type", self._content_type)
        message.axis2["messageType"] = message.axis2["ContentType"] = self._content_type
        await message.exchange.answer(message)
