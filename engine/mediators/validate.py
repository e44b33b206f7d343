"""<validate>"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, body, children, element
from engine.declare.spec import Node
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.dynamic import Value
from engine.expressions.xpath import XPath
from engine.mediators import _selection
from engine.mediators._json_schema import JsonSchema
from engine.mediators._parts import NamedValue
from engine.mediators._resources import Compiled, Resource
from engine.mediators._xml_schema import XmlSchema
from engine.mediators.xslt import Feature
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext

Mistakes = list[str]


@element("schema")
class Schema(Node):
    """A schema."""

    key: Value = attr("Local entry or registry resource; `{expression}` chooses it.", refers="local-entry")


@element("validate", kind="mediator", category="transformation")
class Validate(Mediator):
    """Check the payload against a schema, and run ``<on-fail>`` when it does not fit.

    XML is checked against XML Schema, all schemas together; what they include or import must be named by
    ``<resource>``. A JSON payload, or with ``json-source`` any, is checked against JSON Schema: the last one given, of
    draft 4 unless ``$schema`` names another. Compiled schemas are kept until their entries change.

    A failure sets ERROR_MESSAGE (of XML all mistakes, one a line; of JSON the first) and ERROR_DETAIL. When
    ``<on-fail>`` runs to its end, the flow goes on behind ``<validate>``.

    Example::

        <validate source="//order">
          <schema key="conf:/schemas/order.xsd"/>
          <on-fail>
            <log level="custom"><property name="why" expression="$ctx:ERROR_MESSAGE"/></log>
            <drop/>
          </on-fail>
        </validate>
    """

    reads_body = True

    source: Expression | None = attr(
        "What to check; the first element of the body or all JSON by default.", default=None
    )
    cache_schema: bool = attr("Whether to keep compiled schemas.", name="cache-schema", default=True)
    json_source: bool = attr("Whether to take any payload as JSON.", name="json-source", default=False)
    schemas: tuple[Schema, ...] = children("Schemas.", tag="schema")
    resources: tuple[Resource, ...] = children("What the schemas include.", tag="resource")
    properties: tuple[NamedValue, ...] = children("Settings of a Java validator, ignored.", tag="property")
    features: tuple[Feature, ...] = children("Switches of a Java validator, ignored.", tag="feature")
    on_fail: tuple[Mediator, ...] | None = body("What runs when the payload does not fit.", tag="on-fail")
    _xml_schemas: Compiled[XmlSchema] = dataclasses.field(init=False)
    _json_schemas: Compiled[JsonSchema] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        if not self.schemas:
            raise Unacceptable("there is no <schema>.", code="missing-element")
        if not self.on_fail:
            raise Unacceptable("a non-empty <on-fail> is needed.", code="missing-element")
        self._xml_schemas = Compiled(XmlSchema)
        self._json_schemas = Compiled(JsonSchema)

    async def mediate(self, message: MessageContext) -> bool:
        is_json = self.json_source or message.payload.kind == "json"
        mistakes = self._json_mistakes(message) if is_json else self._xml_mistakes(message)
        if not mistakes:
            return True
        message.properties["ERROR_MESSAGE"] = mistakes[0]
        message.properties["ERROR_DETAIL"] = "\n".join(mistakes[1:])
        assert self.on_fail is not None  # checked above
        return await run(self.on_fail, message)

    def _xml_mistakes(self, message: MessageContext) -> Mistakes:
        """The text of ERROR_MESSAGE and the lines of ERROR_DETAIL; empty when the payload fits. Raises Fault."""
        try:
            found = _selection.selected(message, self.source)
            if found is None:
                raise Fault("the body is empty")
        except Fault as fault:
            source = self.source.source if self.source is not None else "the first element of the body"
            return [f"Error occurred while accessing source element: {source}", fault.message]
        schema = self._compiled(self._xml_schemas.get, message)
        mistakes = schema.mistakes(found)
        return ["".join(f"{each.text}\n" for each in mistakes), *map(str, mistakes)] if mistakes else []

    def _json_mistakes(self, message: MessageContext) -> Mistakes:
        """The same for JSON."""
        schema = self._compiled(self._json_schemas.get, message)
        mistakes = schema.mistakes(self._json(message))
        if not mistakes:
            return []
        details = [f"{place}: {text}" for text, place in mistakes]
        return [mistakes[0][0], f"Error while validating Json message {details[0]}", *details[1:]]

    def _json(self, message: MessageContext) -> json.JsonValue:
        if self.source is None:
            return message.payload.json()
        if isinstance(self.source, XPath):
            raise Fault(f"validate: {self.source.source} is no json-eval() path, and the payload is JSON")
        text = self.source.text(message) or "{}"
        try:
            return json.decode(text.encode("utf-8", "replace"))
        except DecodeError as error:
            raise Fault(f"validate: what {self.source.source} finds is {error}") from None

    def _compiled(self, get: Callable[..., Any], message: MessageContext) -> Any:
        keys = [each.key for each in self.schemas]
        try:
            return get(message, keys, self.resources, keep=self.cache_schema)
        except Fault as fault:
            names = ", ".join(key.source for key in keys)
            raise Fault(f"validate with '{names}': {fault.message}", detail=fault.detail) from None
