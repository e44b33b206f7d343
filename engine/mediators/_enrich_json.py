"""What ``<enrich>`` does with JSON (Synapse's Source.evaluateJson and Target.insertJson)."""

from __future__ import annotations

import copy
import logging

from engine.errors import Fault
from engine.expressions.jsonpath import JsonPath
from engine.mediators import _json_edit
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import JsonValue
from engine.message.context import MessageContext

log = logging.getLogger("myelin.flow")


def read(message: MessageContext, path: JsonPath, *, keep: bool) -> JsonValue:
    """The value at a path of the payload; taken out of it unless ``keep``. Raises Fault when there is none."""
    where = path.path(message)
    value = copy.deepcopy(_json_edit.find(message.payload.json(), where))
    if not keep:
        message.payload.set_json(_json_edit.delete(document_of(message), where))
    return value


def parse(text: str) -> JsonValue:
    """Text as JSON; a word without quotes is a JSON text, as Gson has it."""
    try:
        return json.decode(text.encode("utf-8", "replace"))
    except DecodeError:
        return text


def document_of(message: MessageContext) -> JsonValue:
    """The payload's JSON, to be changed."""
    return copy.deepcopy(message.payload.json())


def replace_body(message: MessageContext, value: JsonValue) -> None:
    """An object or array becomes the body; anything else is refused with an error in the log (trap 25)."""
    if isinstance(value, (dict, list)):
        message.payload.set_json(value)
    else:
        log.error("enrich: %s cannot be the body: only JSON objects and arrays can", json.text_of(value)[:80])


def replace_at(message: MessageContext, path: JsonPath, value: JsonValue) -> None:
    """Put a value in place of all that the path finds. Raises Fault when it finds nothing."""
    message.payload.set_json(_json_edit.put(document_of(message), path.path(message), value))


def add_at(message: MessageContext, path: JsonPath, value: JsonValue) -> None:
    """Append to the array at the path, or put the members of an object into the object there."""
    where = path.path(message)
    document = document_of(message)
    receiver = _json_edit.find(document, where)
    if isinstance(receiver, list):
        receiver.append(value)
    elif isinstance(receiver, dict) and isinstance(value, dict):
        receiver.update(value)
    else:
        log.error("enrich: nothing can be added at %s, which is no array and no object", where)
        return
    message.payload.set_json(document)


def rename(message: MessageContext, path: JsonPath, value: JsonValue) -> None:
    """Give the key at the end of the path another name. Raises Fault for a name that is no text."""
    if isinstance(value, (dict, list)) or value is None:
        raise Fault("the new name of a key must be a text")
    where, _, key = path.path(message).rpartition(".")
    document = document_of(message)
    _json_edit.rename(document, where, key, json.text_of(value))
    message.payload.set_json(document)


def remove_from_body(message: MessageContext, paths: list[str]) -> None:
    """Remove what the paths find. Raises Fault for a plain path that finds nothing."""
    document = document_of(message)
    for path in paths:
        document = _json_edit.delete(document, path)
        if path in ("$", "$."):
            message.payload.clear()
            return
    message.payload.set_json(document)


def remove_from_property(message: MessageContext, name: str, paths: list[str]) -> None:
    """The same in the JSON of a property, which becomes its text. Raises Fault for a property without JSON."""
    value = message.properties.get(name)
    if value is None or not isinstance(value, (str, dict, list)):
        raise Fault(f"the property '{name}' holds no JSON to remove from")
    document = parse(value) if isinstance(value, str) else copy.deepcopy(value)
    for path in paths:
        if path in ("$", "$."):
            message.properties[name] = ""
            return
        document = _json_edit.delete(document, path)
    message.properties[name] = json.encode(document).decode()


def set_property(message: MessageContext, name: str, action: str, value: JsonValue) -> None:
    """The property becomes the JSON text of the value; ``child`` appends to the array it holds."""
    if action == "replace":
        message.set_property(name, json.encode(value).decode())
        return
    if action != "child":
        log.error("enrich: the action %s does not work on a property with JSON", action)
        return
    held = message.properties.get(name)
    array = parse(held) if isinstance(held, str) else held
    if not isinstance(array, list):
        log.error("enrich: the property '%s' holds no JSON array to add to", name)
        return
    message.properties[name] = json.encode([*array, value]).decode()
