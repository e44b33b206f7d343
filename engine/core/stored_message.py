"""A message as bytes, for stores that outlive the process.

What a flow may have put into a property and JSON cannot hold (XML, other objects) is kept as XML or as text; the
payload is kept as it would be sent.
"""

from __future__ import annotations

import base64
from typing import Any

from lxml import etree

from engine.core.background import message_without_client
from engine.core.env import Environment
from engine.errors import Fault
from engine.message.codecs import json, xml
from engine.message.codecs.errors import DecodeError
from engine.message.content_type import DEFAULT_TYPES
from engine.message.context import MessageContext
from engine.message.payload import Payload

_PLAIN = (str, bool, int, float, json.JsonNumber, type(None))
_XML = "$xml"


def encode(message: MessageContext) -> bytes:
    """The message as JSON. Its body must have been read."""
    payload = message.payload
    body = payload.body()
    assert isinstance(body, bytes)  # callers read a stream first
    return json.encode(
        {
            "body": base64.b64encode(body).decode(),
            "contentType": (payload.media or DEFAULT_TYPES[payload.kind]) if body else "",
            "charset": payload.charset,
            "isPackaged": payload.is_packaged,
            "origin": payload.origin,
            "headers": [[name, value] for name, value in message.headers],
            "properties": {name: _plain(value) for name, value in message.properties.items()},
            "variables": {name: _plain(value) for name, value in message.variables.items()},
            "axis2": {name: _plain(value) for name, value in message.axis2.items()},
            "to": message.to,
            "isResponse": message.is_response,
            "path": message.exchange.path,
            "id": message.correlation_id,
        }
    )


def decode(content: bytes, env: Environment) -> MessageContext:
    """The message, without a client. Raises Fault for bytes that ``encode`` did not make."""
    try:
        kept = json.decode(content)
        payload = Payload(base64.b64decode(kept["body"]), kept["contentType"], kept["origin"])
        payload.charset, payload.is_packaged = kept["charset"], kept["isPackaged"]
        message = message_without_client(env, payload, kept["path"])
        for name, value in kept["headers"]:
            message.headers.add(name, value)
        message.properties = {name: _restored(value) for name, value in kept["properties"].items()}
        message.variables = {name: _restored(value) for name, value in kept["variables"].items()}
        message.axis2 = {name: _restored(value) for name, value in kept["axis2"].items()}
        message.to, message.is_response = kept["to"], kept["isResponse"]
        message.headers.set("activityid", kept["id"])
        message.correlation = kept["id"].encode("ascii")
    except (DecodeError, KeyError, TypeError, ValueError) as error:
        raise Fault(f"a stored message cannot be read: {type(error).__name__}") from None
    return message


def _plain(value: Any) -> Any:
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, etree._Element):
        return {_XML: xml.text_of(value)}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    return str(value)


def _restored(value: Any) -> Any:
    if isinstance(value, list):
        return [_restored(item) for item in value]
    if isinstance(value, dict):
        if value.keys() == {_XML}:
            return xml.decode(value[_XML].encode())
        return {name: _restored(item) for name, item in value.items()}
    return value
