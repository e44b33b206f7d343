"""<enrich>"""

from __future__ import annotations

import dataclasses
import logging
import re
from typing import Any, Literal, cast

from lxml import etree

from engine.core.mediator import Mediator
from engine.declare.convert import Paths, Unacceptable
from engine.declare.fields import attr, child, element, inline, text
from engine.declare.spec import REQUIRED, Node
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.jsonpath import JsonPath
from engine.mediators import _enrich_json, _enrich_xml
from engine.mediators._inline_text import InlineText
from engine.mediators._scopes import SCOPES, ScopeName
from engine.message.codecs import xml
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import JsonValue
from engine.message.context import MessageContext
from engine.source import Element

log = logging.getLogger("myelin.flow")

_WHOLE = ("json-eval($)", "json-eval($.)")
_GET_PROPERTY = re.compile(r"get-property\(\s*'([^']*)'\s*(?:,\s*'([^']*)'\s*)?\)")
_WRONG_PAIRS = {("envelope", "custom"), ("envelope", "envelope"), ("envelope", "body")} | {
    ("body", "envelope"),
    ("body", "body"),
    ("custom", "envelope"),
}


@element("source")
class Source(Node):
    """Where the content comes from."""

    type: Literal["custom", "envelope", "body", "property", "inline"] = attr("What it is.", default="custom")
    clone: bool = attr("Whether to leave it where it is; else it is moved.", default=True)
    xpath: Paths | None = attr("The content, for `custom`; a `remove` takes several paths with commas.", default=None)
    name: str | None = attr("The property, for `property`.", name="property", default=None)
    key: str | None = attr("Local entry with the content, for `inline`.", default=None, refers="local-entry")
    content: str = text("The content, for `inline`.", default="")
    elements: tuple[Element, ...] = inline("The content, for `inline`, as XML.")
    filled: InlineText | None = dataclasses.field(init=False, default=None)
    """The content with expressions inside; None when it is always the same."""

    def __post_init__(self) -> None:
        if self.type == "custom" and self.xpath is None:
            raise Unacceptable("type 'custom' needs the attribute 'xpath'.", code="missing-attribute")
        if self.type == "property" and not self.name:
            raise Unacceptable("type 'property' needs the attribute 'property'.", code="missing-attribute")
        if self.type != "inline":
            return
        if not (self.elements or self.content.strip() or self.key):
            hint = "Write it between the tags, or name an entry with key=."
            raise Unacceptable("there is no content.", code="missing-text", hint=hint)
        filled = InlineText(xml.text_of(self.elements[0].to_lxml()) if self.elements else self.content)
        self.filled = None if filled.is_static else filled

    @property
    def path(self) -> Expression:
        assert self.xpath is not None  # checked above for type custom; nobody asks for another one's
        return self.xpath[0]

    @property
    def is_json_text(self) -> bool:
        """Whether inline content may be JSON: an entry, a text that is JSON, or one that expressions make."""
        if self.elements:
            return False
        text_ = self.content.strip()
        return not text_ or isinstance(_enrich_json.parse(text_), (dict, list, bool, int, float)) or text_[0] in '{"'


@element("target")
class Target(Node):
    """Where the content goes."""

    type: Literal["custom", "envelope", "body", "property", "key"] = attr("What it is.", default="custom")
    action: Literal["replace", "child", "sibling", "remove"] = attr(
        "Instead of it, into it, or behind it; or `remove` what the source names from it.", default="replace"
    )
    xpath: Expression | None = attr("The place, for `custom` and `key`.", default=None)
    name: str | None = attr("The property, for `property`.", name="property", default=None)

    def __post_init__(self) -> None:
        if self.type in ("custom", "key") and self.xpath is None:
            raise Unacceptable(f"type '{self.type}' needs the attribute 'xpath'.", code="missing-attribute")
        if self.type == "property" and not self.name:
            raise Unacceptable("type 'property' needs the attribute 'property'.", code="missing-attribute")
        if self.type in ("envelope", "key") and self.action != "replace":
            raise Unacceptable(f"type '{self.type}' takes the action 'replace' only.", code="bad-choice")
        if self.type == "key" and not isinstance(self.xpath, JsonPath):
            raise Unacceptable("type 'key' needs a json-eval() path.", code="bad-expression")
        if self.type == "custom" and self.action == "replace" and self.path.source in _WHOLE:
            hint = 'Use type="body".'
            raise Unacceptable("the whole payload cannot be replaced by its path.", code="unsupported", hint=hint)

    @property
    def path(self) -> Expression:
        assert self.xpath is not None  # checked above for types custom and key; nobody asks for another one's
        return self.xpath


@element("enrich", kind="mediator", category="transformation")
class Enrich(Mediator):
    """Move content between the payload, its parts, properties, and XML or JSON written in place.

    A JSON payload is worked on as JSON when both paths are json-eval() and the source is no XML; all else is worked on
    as XML. ``replace`` is the action by default, and the source stays where it is unless ``clone`` is "false" (Synapse
    trap 25). Texts and inline content may have expressions in braces inside: ``{"id": {json-eval($.id)}}``.

    XML: a property holds a list of nodes, and one with XML in it takes ``child``. A target may be an element, an
    attribute or a text. JSON: a property holds the JSON text; a body takes objects and arrays only; ``child`` appends
    to an array or adds to an object, ``sibling`` does not exist. ``key`` renames a member, ``remove`` takes what the
    paths of the source find out of the body or a property.

    Example::

        <enrich>
          <source type="property" property="order"/>
          <target type="body"/>
        </enrich>
    """

    reads_body = True

    source: Source = child("Where the content comes from.", tag="source", default=REQUIRED)
    target: Target = child("Where it goes.", tag="target", default=REQUIRED)
    _takes_json: bool = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        source, target = self.source, self.target
        if (source.type, target.type) in _WRONG_PAIRS:
            raise Unacceptable(f"a source '{source.type}' cannot go to a target '{target.type}'.", code="bad-choice")
        if source.type == "body" and target.type == "key":
            raise Unacceptable("a source 'body' cannot be the name of a key.", code="bad-choice")
        if target.action == "remove":
            self._check_remove()
        elif source.xpath is not None and len(source.xpath) > 1:
            raise Unacceptable("several paths go with the action 'remove' only.", code="bad-expression")
        self._takes_json = (
            "envelope" not in (source.type, target.type)
            and (source.type != "custom" or isinstance(source.path, JsonPath))
            and (target.type != "custom" or isinstance(target.path, JsonPath))
            and (source.type != "inline" or source.is_json_text or (target.type == "key" and not source.elements))
        )

    def _check_remove(self) -> None:
        source, target = self.source, self.target
        if source.type != "custom" or not all(isinstance(path, JsonPath) for path in source.xpath or ()):
            raise Unacceptable("'remove' needs a source with json-eval() paths.", code="bad-choice")
        if target.type not in ("body", "property"):
            raise Unacceptable("'remove' needs a target 'body' or 'property'.", code="bad-choice")

    async def mediate(self, message: MessageContext) -> bool:
        inline_ = self._inline(message)
        if self._takes_json and message.payload.kind == "json" and not self._is_xml(message, inline_):
            self._work_on_json(message, inline_)
        elif self.target.action == "remove" or self.target.type == "key":
            raise Fault(f"enrich: '{self.target.action}' of '{self.target.type}' needs a JSON payload")
        else:
            self._work_on_xml(message, inline_)
        if self.target.type in ("body", "envelope"):
            message.axis2.pop("NO_ENTITY_BODY", None)
        return True

    # ---------------------------------------------------------------- what the source is

    def _inline(self, message: MessageContext) -> Any:
        """Inline content: an element or a text; None for other sources. Raises Fault for an entry that is not there."""
        source = self.source
        if source.type != "inline":
            return None
        if source.filled is not None:
            return _xml_or_text(source.filled.render(message))
        if source.elements:
            return source.elements[0].to_lxml()
        if source.content.strip():
            return source.content.strip()
        entry = message.env.entry(source.key or "")
        if entry is None:
            raise Fault(f"enrich: there is no entry '{source.key}'")
        return _xml_or_text(entry) if isinstance(entry, str) else entry

    def _is_xml(self, message: MessageContext, inline_: Any) -> bool:
        if self.source.type == "inline":
            return isinstance(inline_, etree._Element)
        if self.source.type != "property":
            return False
        value = message.properties.get(self.source.name or "")
        if isinstance(value, list):
            return any(isinstance(each, etree._Element) for each in value)
        return isinstance(value, etree._Element) or value == "null"

    # ---------------------------------------------------------------- JSON

    def _work_on_json(self, message: MessageContext, inline_: Any) -> None:
        target = self.target
        if target.action == "remove":
            self._remove(message)
            return
        value = self._json_source(message, inline_)
        match target.type:
            case "key":
                _enrich_json.rename(message, cast(JsonPath, target.path), value)
            case "body" if target.action == "replace":
                _enrich_json.replace_body(message, value)
            case "property":
                _enrich_json.set_property(message, target.name or "", target.action, value)
            case "custom" if target.action == "replace":
                _enrich_json.replace_at(message, cast(JsonPath, target.path), value)
            case "custom" if target.action == "child":
                _enrich_json.add_at(message, cast(JsonPath, target.path), value)
            case _:
                log.error("enrich: the action %s does not work on JSON in '%s'", target.action, target.type)

    def _json_source(self, message: MessageContext, inline_: Any) -> JsonValue:
        source = self.source
        match source.type:
            case "custom":
                return _enrich_json.read(message, cast(JsonPath, source.path), keep=source.clone)
            case "inline":
                return _enrich_json.parse(str(inline_))
            case "property":
                value = message.properties.get(source.name or "")
                if value is None:
                    raise Fault(f"enrich: there is no property '{source.name}'")
                return _enrich_json.parse(value) if isinstance(value, str) else value
        return _enrich_json.document_of(message)

    def _remove(self, message: MessageContext) -> None:
        paths = [cast(JsonPath, path).path(message) for path in self.source.xpath or ()]
        if self.target.type == "body":
            _enrich_json.remove_from_body(message, paths)
        else:
            _enrich_json.remove_from_property(message, self.target.name or "", paths)

    # ---------------------------------------------------------------- XML

    def _work_on_xml(self, message: MessageContext, inline_: Any) -> None:
        target, nodes = self.target, self._nodes(message, inline_)
        match target.type:
            case "envelope":
                _enrich_xml.replace_envelope(message, nodes)
            case "body":
                _enrich_xml.insert_into_body(message, nodes, target.action)
            case "property":
                _enrich_xml.set_property(message, target.name or "", nodes, target.action)
            case _:
                self._insert_at(message, nodes)

    def _nodes(self, message: MessageContext, inline_: Any) -> list[_enrich_xml.Content]:
        source = self.source
        match source.type:
            case "custom":
                return _enrich_xml.found_nodes(message, source.path, keep=source.clone)
            case "body":
                return _enrich_xml.body_nodes(message, keep=source.clone)
            case "envelope":
                return _enrich_xml.nodes_of(message.payload.envelope())
            case "property":
                return _enrich_xml.nodes_of(message.properties.get(source.name or ""))
        return _enrich_xml.nodes_of(inline_)

    def _insert_at(self, message: MessageContext, nodes: list[_enrich_xml.Content]) -> None:
        """A target get-property() is the property, not a place in the payload."""
        target = self.target
        named = _GET_PROPERTY.fullmatch(target.path.source.strip())
        if named is None:
            _enrich_xml.insert_at(message, nodes, target.path, target.action)
            return
        scope, name = ("default", named[1]) if named[2] is None else (named[1], named[2])
        if scope == "default":
            _enrich_xml.set_property(message, name, nodes, target.action)
        elif scope in ("axis2", "operation"):
            SCOPES[cast(ScopeName, scope)].set(message, name, _enrich_xml.value_of(nodes))


def _xml_or_text(text_: str) -> Any:
    try:
        return xml.decode_text(text_.strip())
    except DecodeError:
        return text_
