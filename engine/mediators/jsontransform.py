"""<jsontransform>"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterable
from typing import Any

from lxml import etree

from engine.core.mediator import Mediator
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, children, element
from engine.errors import Fault
from engine.expressions.dynamic import Value
from engine.mediators._json_dialect import checked
from engine.mediators._json_types import Schema, typed
from engine.mediators._parts import NamedValue
from engine.mediators._resources import Compiled, as_bytes
from engine.message import convert
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import JsonValue
from engine.message.context import MessageContext
from engine.message.json_rules import JsonRules, is_setting, nearest_setting, rules_from


@element("jsontransform", kind="mediator", category="transformation")
class JsonTransform(Mediator):
    """Make the payload the JSON that a JSON Schema describes.

    Properties are settings of the conversion from XML to JSON, by the names of the reference; with any of them the
    XML of the payload is converted again. The schema gives each value its type: "5" becomes 5 for an ``integer``, a
    single value becomes an array for an ``array``, and a value that cannot become what the schema says is a fault. The
    payload is JSON afterwards.

    Example::

        <jsontransform schema="conf:/schemas/order.json">
          <property name="synapse.commons.json.output.autoPrimitive" value="false"/>
        </jsontransform>
    """

    reads_body = True

    schema: Value | None = attr("Entry or resource with the JSON Schema.", default=None, refers="local-entry")
    properties: tuple[NamedValue, ...] = children("Settings of the conversion.", tag="property")
    _rules: JsonRules | None = dataclasses.field(init=False, default=None)
    _schemas: Compiled[Schema | bool] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        if self.schema is None and not self.properties:
            raise Unacceptable("a schema or properties are needed.", code="missing-attribute", hint="Add schema=.")
        self._schemas = Compiled(_schema)
        if self.properties:
            settings = {each.name: each.value or "" for each in self.properties if is_setting(each.name)}
            try:
                self._rules = rules_from(settings)
            except ValueError as error:
                raise Unacceptable(str(error), code="bad-value") from None

    def remarks(self) -> Iterable[tuple[str, str]]:
        for each in self.properties:
            if not is_setting(each.name):
                yield f"there is no setting '{each.name}' of the conversion.", nearest_setting(each.name)

    async def mediate(self, message: MessageContext) -> bool:
        value = self._document(message)
        if self.schema is not None:
            schema = self._schemas.get(message, (self.schema,))
            value = typed(value, schema)
        message.payload.set_json(value)
        return True

    def _document(self, message: MessageContext) -> JsonValue:
        if self._rules is None:
            return copy.deepcopy(message.payload.json())
        content = message.payload.content()
        return {} if content is None else convert.xml_to_json(content, self._rules)


def _schema(entries: list[Any], resources: dict[str, Any]) -> Schema | bool:
    del resources  # the mediator has none
    if isinstance(entries[0], etree._Element):
        raise Fault("jsontransform: the schema is XML")
    try:
        return checked(json.decode(as_bytes(entries[0])))
    except DecodeError as error:
        raise Fault(f"jsontransform: the schema is {error}") from None
