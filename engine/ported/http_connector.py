"""The request of an operation of WSO2's HTTP connector: ``<http.post>`` and its like.

``${…}`` in the texts of a flow are evaluated as in a payloadFactory: quoted and escaped where JSON and XML need it. A
parameter that is an expression itself goes in as it is: what a client sends is never taken for an expression.
"""

from __future__ import annotations

from engine.core.java_class import JavaClass, java_class
from engine.errors import Fault
from engine.message.codecs import json, soap, xml
from engine.message.codecs.errors import DecodeError
from engine.message.content_type import parse_content_type
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.ported._base import MediaType, argument, text, written

_XML_TYPES = ("application/xml", "text/xml", "application/soap+xml")


@java_class("org.wso2.carbon.http.connector.RestURLBuilder")
class HttpConnectorRequest(JavaClass):
    """Headers, body, and ``uri.var.base``, ``uri.var.path`` and ``uri.var.query`` for the connection's endpoint.

    The path sees the new body, as in the reference.
    """

    def mediate(self, message: MessageContext) -> None:
        _set_headers(message)
        if kind := argument(message, "requestBodyType"):
            _set_body(message, kind)
        base = text(message, "HTTP_CONN_BASE_PATH").strip()
        path = written(message, "relativePath", "text").strip()
        if base and path and not path.startswith("?"):
            base, path = f"{base.removesuffix('/')}/", path.removeprefix("/")
        message.properties |= {"uri.var.base": base, "uri.var.path": path, "uri.var.query": ""}


def _set_headers(message: MessageContext) -> None:
    """``[["Name", "value"], {"Name": "value"}]``."""
    listed = written(message, "headers", "json").strip()
    try:
        items = json.decode(listed.encode()) if listed else []
    except DecodeError as error:
        raise Fault(f"the parameter 'headers' is {error}") from None
    for item in items if isinstance(items, list) else []:
        pair = next(iter(item.items()), None) if isinstance(item, dict) else item
        if isinstance(pair, (list, tuple)) and len(pair) == 2 and (name := json.text_of(pair[0]).strip()):
            message.headers.set(name, json.text_of(pair[1]).strip())


def _set_body(message: MessageContext, kind: str) -> None:
    if kind == "JSON":
        _set_json(message, _body(message, "json"))
    elif kind == "XML":
        _set_xml(message, _body(message, "xml"))
    elif kind == "TEXT":
        message.payload.set_text(_body(message, "text"))
        message.set_axis2("messageType", "text/plain")
    message.axis2.pop("NO_ENTITY_BODY", None)


def _body(message: MessageContext, media: MediaType) -> str:
    """The first of the three bodies that is there, whatever its name says; without one it is empty."""
    names = ("requestBodyJson", "requestBodyXml", "requestBodyText")
    return next((body for name in names if (body := written(message, name, media))), "")


def _set_json(message: MessageContext, body: str) -> None:
    if not body:
        return
    payload = Payload(body.encode("utf-8", "replace"), "application/json")
    payload.check_json()
    message.payload.close()
    message.payload = payload
    message.set_axis2("messageType", "application/json")


def _set_xml(message: MessageContext, body: str) -> None:
    try:
        content = xml.decode_text(body.strip())
    except DecodeError as error:
        raise Fault(f"the body made of the parameters is {error}") from None
    if soap.version_of(content):
        message.payload.set_envelope(content)
    else:
        message.payload.set_content(content)
    if parse_content_type(message.message_type).media not in _XML_TYPES:
        message.set_axis2("messageType", "application/xml")
