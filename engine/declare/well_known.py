"""Properties that the engine itself reads or sets: the one list that the reference is written from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Use = Literal["read", "set", "both", "ignored"]
"""Who does what: the engine reads it, sets it, does both, or ignores it because it has no meaning here."""


@dataclass(frozen=True, slots=True)
class WellKnown:
    """A property with a meaning. ``values`` says what may stand in it, ``example`` is a mediator that uses it."""

    name: str
    scope: str
    use: Use
    values: str
    doc: str
    example: str

    @property
    def key(self) -> tuple[str, str]:
        return self.name.lower(), self.scope


def _read(name: str, scope: str, values: str, doc: str, value: str, *, use: Use = "read", type_: str = "") -> WellKnown:
    """One that flows set and the engine reads."""
    where = f' scope="{scope}"' if scope != "default" else ""
    kind = f' type="{type_}"' if type_ else ""
    return WellKnown(name, scope, use, values, doc, f'<property name="{name}" value="{value}"{where}{kind}/>')


def _set(name: str, scope: str, values: str, doc: str) -> WellKnown:
    """One that the engine sets and flows read."""
    if scope == "default":
        where = f"$ctx:{name}" if "." not in name else f"get-property('{name}')"
    else:
        where = f"get-property('{scope}', '{name}')"
    return WellKnown(name, scope, "set", values, doc, f'<property name="copy" expression="{where}"/>')


def _fact(name: str, values: str, doc: str) -> WellKnown:
    """One that is no property, and that ``get-property()`` alone knows."""
    return WellKnown(
        name, "default", "set", values, doc, f'<property name="copy" expression="get-property(\'{name}\')"/>'
    )


def _ignored(name: str, scope: str, doc: str, value: str = "true") -> WellKnown:
    return _read(name, scope, "any", doc, value, use="ignored")


_TRUE = "`true`, as text or Boolean"

WELL_KNOWN: tuple[WellKnown, ...] = (
    # ------------------------------------------------------------- the answer
    _read(
        "HTTP_SC",
        "axis2",
        "200 to 599",
        "Status of the answer. After a call it is the back end's, as a number; a blocking call leaves it as text.",
        "201",
        use="both",
        type_="INTEGER",
    ),
    _set("HTTP_SC_DESC", "axis2", "text", "Reason phrase of the back end's answer."),
    _read(
        "NO_ENTITY_BODY",
        "axis2",
        _TRUE,
        "No body in the next request or answer. payloadFactory removes it.",
        "true",
        type_="BOOLEAN",
    ),
    _read(
        "FORCE_SC_ACCEPTED",
        "axis2",
        _TRUE,
        "The client gets its 202 before the back end is called; the flow goes on without it.",
        "true",
    ),
    _read(
        "NIO-ACK-Requested",
        "axis2",
        _TRUE,
        "A flow that ends without an answer gives one without a body, with the status of HTTP_SC (202 without it).",
        "true",
    ),
    _read(
        "FAULTS_AS_HTTP_200",
        "axis2",
        _TRUE,
        "A SOAP fault made here is answered with 200 and not 500.",
        "true",
    ),
    _read(
        "RESPONSE",
        "default",
        "`true`, `false`",
        "Says that the message is an answer: <send/> without an endpoint gives it to the client.",
        "true",
    ),
    # ------------------------------------------------------------- the format
    _read(
        "messageType",
        "axis2",
        "a content type",
        "The format that the payload leaves in. Setting it sets ContentType and the header Content-Type too.",
        "application/json",
        use="both",
    ),
    _read("ContentType", "axis2", "a content type", "The header Content-Type that is sent.", "text/plain"),
    _read(
        "CHARACTER_SET_ENCODING",
        "axis2",
        "a charset",
        "Charset of XML and text that a flow has made, unless their type names one; UTF-8 without it. Answers name it "
        "in their Content-Type, requests where it is not UTF-8 or the type that they came with named one.",
        "ISO-8859-1",
    ),
    _read(
        "setCharacterEncoding",
        "axis2",
        "`false`",
        "No charset is added to the Content-Type of what a flow has made.",
        "false",
    ),
    _read(
        "QUOTE_STRING_IN_PAYLOAD_FACTORY_JSON",
        "default",
        _TRUE,
        "payloadFactory puts quotes around text arguments of a JSON format.",
        "true",
    ),
    # ------------------------------------------------------------- the next request
    _read(
        "HTTP_METHOD",
        "axis2",
        "a method",
        "Method of the client's request, and of the next request of an endpoint that has no method of its own.",
        "PUT",
        use="both",
    ),
    _read(
        "REST_URL_POSTFIX",
        "axis2",
        "path and query",
        "What follows the path of the proxy or API in the client's request. Address and default endpoints add it to "
        "their address, and http endpoints without a method.",
        "/orders/7",
        use="both",
    ),
    WellKnown(
        "TRANSPORT_HEADERS",
        "axis2",
        "read",
        "nothing",
        "Removing it removes all HTTP headers but the Content-Type: none of the client's reaches the back end. Single "
        "headers are in the scope transport.",
        '<property name="TRANSPORT_HEADERS" scope="axis2" action="remove"/>',
    ),
    _read("REQUEST_HOST_HEADER", "axis2", "a host", "The header Host of the next request.", "api.example.com"),
    _read(
        "non.error.http.status.codes",
        "axis2",
        "statuses, separated by commas",
        "Statuses that a blocking call takes for answers. Others of 4xx and 5xx than 400, 409 and 500 are failures "
        "with the status for ERROR_CODE.",
        "403,404",
    ),
    _read(
        "error.http.status.codes",
        "axis2",
        "statuses, separated by commas",
        "Those of 400, 409 and 500 that are failures of a blocking call too.",
        "500",
    ),
    _read("POST_TO_URI", "axis2", _TRUE, "The request line has the whole URL, as proxies want it.", "true"),
    _read("FORCE_HTTP_1.0", "axis2", _TRUE, "The next request speaks HTTP/1.0.", "true"),
    _read("NO_KEEPALIVE", "axis2", _TRUE, "The connection to the back end serves the next request only.", "true"),
    _read("DISABLE_CHUNKING", "axis2", _TRUE, "The next request has a Content-Length and is not chunked.", "true"),
    _read("FORCE_HTTP_CONTENT_LENGTH", "axis2", _TRUE, "The same as DISABLE_CHUNKING.", "true"),
    _read(
        "enableMTOM",
        "axis2",
        _TRUE,
        "The next SOAP request is sent as MTOM, and any answer that is XML or JSON.",
        "true",
    ),
    _read(
        "enableSwA",
        "axis2",
        _TRUE,
        "The next SOAP request is sent as SOAP with Attachments, and any answer that is XML or JSON.",
        "true",
    ),
    _read("FORCE_POST_PUT_NOBODY", "axis2", _TRUE, "The next request has no body, whatever its method.", "true"),
    _read("OUT_ONLY", "default", _TRUE, "call and send do not wait for an answer; it is dropped.", "true"),
    _read(
        "SET_ROLLBACK_ONLY",
        "default",
        _TRUE,
        "The flow has failed although it ended: what it took a file from does ActionAfterFailure.",
        "true",
    ),
    _read(
        "SET_REQUEUE_ON_ROLLBACK",
        "default",
        _TRUE,
        "The message of a queue of RabbitMQ goes back into it, to be taken again.",
        "true",
    ),
    _read(
        "transport.vfs.ReplyFileName",
        "transport",
        "a file name",
        "The name under which a message sent to a folder (vfs:file:///srv/out) is written.",
        "order-7.xml",
    ),
    _read(
        "FORCE_ERROR_ON_SOAP_FAULT",
        "default",
        _TRUE,
        "A SOAP fault in a back end's answer is a fault of the flow, with ERROR_CODE 500000.",
        "true",
    ),
    _read(
        "BLOCKING_SENDER_PRESERVE_REQ_HEADERS",
        "default",
        "`false`",
        "After a blocking call the HTTP headers are those of the answer; without it those of the request stay.",
        "false",
    ),
    _set("blocking.sender.error", "default", "`true`, `false`", "Whether the last blocking call failed."),
    # ------------------------------------------------------------- the client's request
    _set("TransportInURL", "axis2", "path and query", "The whole path and query of the client's request."),
    _set("REMOTE_ADDR", "axis2", "an address", "IP address of the client."),
    _set("REMOTE_HOST", "axis2", "an address", "The same; from one of the `trusted_proxies` its X-Forwarded-Host."),
    _set("TRANSPORT_IN_NAME", "default", "`http`, `https`", "The transport that the request came by."),
    _set("REST_FULL_REQUEST_PATH", "default", "path and query", "In an API: the whole path and query."),
    _set("REST_SUB_REQUEST_PATH", "default", "path and query", "In an API: what follows its context and version."),
    _set("REST_METHOD", "default", "a method", "In an API: the method of the request."),
    _set("REST_URL_PREFIX", "default", "a URL", "In an API: scheme and host of the request, by its header Host."),
    _set("REST_API_CONTEXT", "default", "a path", "In an API: its context."),
    _set("SYNAPSE_REST_API", "default", "a name", "In an API: its name, `orders:v2` when it has a version."),
    _set("SYNAPSE_REST_API_VERSION", "default", "text", "In an API: its version; empty without one."),
    _set("uri.var.NAME", "default", "text", "In an API: the variable NAME of the resource's URI template, decoded."),
    _set("query.param.NAME", "default", "text", "In an API: the parameter NAME of the query, decoded."),
    WellKnown(
        "proxy.name",
        "default",
        "set",
        "text",
        "In a proxy: its name.",
        '<property name="copy" expression="$ctx:proxy.name"/>',
    ),
    # ------------------------------------------------------------- faults
    _set("ERROR_CODE", "default", "a number", "Code of the fault, as listed in the reference of error codes."),
    _set("ERROR_MESSAGE", "default", "text", "First line of the text of the fault."),
    _set("ERROR_DETAIL", "default", "text", "What else is known, or the steps that led to the fault."),
    _set("ERROR_EXCEPTION", "default", "text", "Name of the exception behind the fault."),
    # ------------------------------------------------------------- facts
    _fact("SERVER_HOST", "text", "Name of the computer."),
    _fact("SERVER_IP", "an IP address", "Address of the computer."),
    _fact("SYSTEM_TIME", "milliseconds", "The time now, since 1970."),
    _fact("SYSTEM_DATE", "text", "The date now; `get-property('SYSTEM_DATE', 'yyyy-MM-dd')` formats it."),
    _fact("MESSAGE_FORMAT", "`soap11`, `soap12`, `pox`", "What kind of XML the payload is."),
    _fact("OperationName", "`mediate`", "Name of the operation, as the reference has it for proxies."),
    # ------------------------------------------------------------- without a meaning here
    _ignored("EXCESS_TRANSPORT_HEADERS", "axis2", "Headers that come twice are kept twice.", "x"),
    _ignored("COPY_CONTENT_LENGTH_FROM_INCOMING", "axis2", "The length that is sent is always that of the body."),
    _ignored("ClientApiNonBlocking", "axis2", "Nothing here blocks."),
    _ignored("transportNonBlocking", "axis2", "Nothing here blocks."),
    _ignored("HTTP_ETAG", "axis2", "No ETag is made of the answer; a flow can set the header."),
    _ignored(
        "disableAddressingForOutMessages",
        "axis2",
        "WS-Addressing headers are sent to endpoints with `<enableAddressing>`, and to no other.",
    ),
    _ignored("preserveProcessedHeaders", "default", "Nothing here processes SOAP headers and removes them for it."),
    _ignored("RELAY_EARLY_BUILD", "axis2", "A body is read when a step looks into it."),
)


def property_named(name: str) -> list[WellKnown]:
    """Those of that name, in any scope."""
    return [each for each in WELL_KNOWN if each.name == name]
