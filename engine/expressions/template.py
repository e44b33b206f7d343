"""payloadFactory's default templates: ``$1``, ``$2`` … and ``${…}`` replaced by values (Synapse traps 19 to 21)."""

from __future__ import annotations

import json as standard_json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from lxml import etree

from engine.expressions.base import Expression
from engine.expressions.synapse import SynapseExpression
from engine.expressions.synapse_values import text_of
from engine.expressions.text_template import Piece, split, split_xml
from engine.expressions.values import element_xml, is_node_set, nodes_text, xml_safe
from engine.message.codecs import json, xml
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext
from engine.message.convert import json_to_xml, primitive, xml_to_json

log = logging.getLogger("myelin.expressions")

MediaType: TypeAlias = Literal["json", "xml", "text"]

_PLACEHOLDER = re.compile(r"\$(\d+)", re.ASCII)
_JSON_QUOTE = re.compile(r'\\.|(")', re.DOTALL)
_JSON_STRING = re.compile(r'"(?:\\.|[^"\\])*+"', re.DOTALL)
_CONTROLS = str.maketrans({"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_QUOTE_STRINGS = "QUOTE_STRING_IN_PAYLOAD_FACTORY_JSON"
_XML_TABLE = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})


@dataclass(frozen=True, slots=True)
class Argument:
    """One ``arg``: a constant text or an expression.

    ``evaluator`` is the language of the expression, ``json`` for ``json-eval()`` too. ``literal`` takes the value as
    plain text, whatever it looks like; it has no effect on a constant. ``escapes``: JSON that a JSONPath finds may have
    control characters in its strings, which become escapes.
    """

    value: str | Expression
    evaluator: Literal["xml", "json"] = "xml"
    literal: bool = False
    escapes: bool = False

    @property
    def reads_body(self) -> bool:
        return isinstance(self.value, Expression) and self.value.reads_body


@dataclass(frozen=True, slots=True)
class _Inline:
    """A ``${…}``; ``is_quoted`` inside a string of JSON, and when it is all there is between two quotes of XML."""

    expression: SynapseExpression
    is_quoted: bool

    def value(self, message: MessageContext) -> Any:
        """XPath gives text here, as in the reference; everything else keeps its type."""
        expression = self.expression
        return expression.text(message) if "xpath(" in expression.source else expression.evaluate(message)


class Template:
    """A format and its arguments for one media type. The text is kept as it is, white space included.

    Raises ExpressionError for a wrong ``${…}``, with its offset in ``text`` unless that is XML.
    """

    __slots__ = ("_arguments", "_media_type", "_parts", "reads_body", "text")

    def __init__(
        self,
        text: str,
        media_type: MediaType,
        arguments: Sequence[Argument],
        namespaces: Mapping[str, str] | None = None,
        place: str = "",
    ) -> None:
        self.text = text
        self._media_type = media_type
        self._arguments = tuple(arguments)
        self._parts = _parts(text, media_type, namespaces or {}, place)
        inline = [part.expression for part in self._parts if isinstance(part, _Inline)]
        self.reads_body = any(each.reads_body for each in self._arguments) or any(each.reads_body for each in inline)

    def render(self, message: MessageContext) -> str:
        """The text with every ``$n`` and ``${…}`` replaced in one pass, so that ``$`` in data is safe.

        A number without an argument is logged, and the rest of the text stays as it is (Synapse trap 21). Raises Fault
        as expressions do.
        """
        rendered: dict[int, str] = {}
        result: list[str] = []
        for position, part in enumerate(self._parts):
            if isinstance(part, str):
                result.append(part)
            elif isinstance(part, _Inline):
                result.append(_INLINE_RENDERERS[self._media_type](part.value(message), part.is_quoted))
            elif not 1 <= part <= len(self._arguments):
                log.error("the payload format uses $%d but has %d argument(s)", part, len(self._arguments))
                result += [_as_written(each) for each in self._parts[position:]]
                break
            else:
                if part not in rendered:
                    rendered[part] = replacement(self._arguments[part - 1], self._media_type, message)
                result.append(rendered[part])
        return "".join(result)


def replacement(argument: Argument, media_type: MediaType, message: MessageContext) -> str:
    """An argument as it is put into a template of the media type. Raises Fault as expressions do."""
    value = argument.value
    text = value.text(message) if isinstance(value, Expression) else value
    return _RENDERERS[media_type](text or "", argument, message)


def _as_json(text: str, argument: Argument, message: MessageContext) -> str:
    """The author writes the quotes: text is escaped, objects and arrays stay raw, XML becomes JSON (trap 19)."""
    is_constant = isinstance(argument.value, str)
    if (is_constant or argument.evaluator == "xml") and not (argument.literal and not is_constant):
        elements = _parsed_xml(text)
        if elements is not None:
            return _json_of(elements)
    if not argument.literal and _looks_like_json(text):
        return _with_escapes(text) if argument.escapes and argument.evaluator == "json" else text
    escaped = standard_json.dumps(_xml_escaped(text) if is_constant else text, ensure_ascii=False)
    return escaped if _is_quoted(text, message) else escaped[1:-1]


def _as_xml(text: str, argument: Argument, message: MessageContext) -> str:
    """XML stays XML, JSON found by a JSONPath becomes elements, all else is escaped text (trap 20)."""
    is_constant = isinstance(argument.value, str)
    if argument.literal and not is_constant:
        return _xml_escaped(text)
    if _parsed_xml(text) is not None:
        return text
    if not is_constant and argument.evaluator == "json" and _looks_like_json(text):
        elements = _elements_of(text)
        if elements is not None:
            return elements
    return _xml_escaped(text)


def _as_text(text: str, argument: Argument, message: MessageContext) -> str:
    """Results of expressions as they are; a constant that is no XML is XML-escaped, as everywhere (trap 20)."""
    if isinstance(argument.value, Expression) or _parsed_xml(text) is not None:
        return text
    return _xml_escaped(text)


def _inline_json(value: Any, is_quoted: bool) -> str:
    """Between quotes everything is escaped text; else JSON stays JSON and XML becomes JSON."""
    if is_quoted:
        return standard_json.dumps(_text(value), ensure_ascii=False)[1:-1]
    if not isinstance(value, str) and not _is_xml(value):
        return json.text_of(value)
    text = _text(value)
    elements = _parsed_xml(text)
    if elements is not None:
        return _json_of(elements)
    # The reference's parser takes a bare word for a string. Empty stays empty: it may stand between members.
    return text if not text or _is_json(text) else standard_json.dumps(text, ensure_ascii=False)


def _inline_xml(value: Any, is_quoted: bool) -> str:
    """JSON becomes elements, XML stays XML unless it is quoted, all else is escaped text."""
    if isinstance(value, (dict, list)) and not _is_xml(value):
        elements = _elements_of(json.text_of(value))
        if elements is not None:
            return elements
    text = _text(value)
    return text if not is_quoted and _parsed_xml(text) is not None else _xml_escaped(text)


_INLINE_RENDERERS: dict[MediaType, Callable[[Any, bool], str]] = {
    "json": _inline_json,
    "xml": _inline_xml,
    "text": lambda value, is_quoted: _text(value),
}


def _text(value: Any) -> str:
    return nodes_text(value) if is_node_set(value) else text_of(value)


def _is_xml(value: Any) -> bool:
    return isinstance(value, etree._Element) or is_node_set(value)


def _is_json(text: str) -> bool:
    try:
        json.decode(text.encode("utf-8", "replace"))
    except DecodeError:
        return False
    return True


def _parts(text: str, media_type: MediaType, namespaces: Mapping[str, str], place: str) -> list[str | int | _Inline]:
    """Plain texts, numbers of arguments, and expressions."""
    pieces = (split_xml if media_type == "xml" else split)(text, namespaces, place)
    parts: list[str | int | _Inline] = []
    in_string = False
    for index, piece in enumerate(pieces):
        if isinstance(piece, SynapseExpression):
            parts.append(_Inline(piece, in_string if media_type == "json" else _is_between_quotes(pieces, index)))
            continue
        in_string ^= sum(1 for quote in _JSON_QUOTE.findall(piece) if quote) % 2 == 1
        found = _PLACEHOLDER.split(piece)
        for position, each in enumerate(found):
            if position % 2:
                parts.append(int(each[:9]))
            elif each:
                parts.append(each)
    return parts


def _is_between_quotes(pieces: Sequence[Piece], index: int) -> bool:
    before, after = (pieces[at] if 0 <= at < len(pieces) else "" for at in (index - 1, index + 1))
    return str(before).endswith('"') and str(after).startswith('"')


def _as_written(part: str | int | _Inline) -> str:
    if isinstance(part, int):
        return f"${part}"
    return part if isinstance(part, str) else part.expression.source


_RENDERERS: dict[MediaType, Callable[[str, Argument, MessageContext], str]] = {
    "json": _as_json,
    "xml": _as_xml,
    "text": _as_text,
}


def _with_escapes(text: str) -> str:
    return _JSON_STRING.sub(lambda string: string[0].translate(_CONTROLS), text)


def _looks_like_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[") if text else False


def _parsed_xml(text: str) -> etree._Element | None:
    """A wrapper around the element, or the elements side by side, that the text is; None when it is no such text.

    Several elements are what an XPath gives that selects more than one.
    """
    trimmed = text.strip()
    if len(trimmed) < 4 or not (trimmed.startswith("<") and trimmed.endswith(">")):
        return None
    raw = trimmed.encode("utf-8", "replace")
    wrapper = etree.Element("jsonObject")
    try:
        wrapper.append(xml.decode(raw))
    except DecodeError:
        try:
            wrapper = xml.decode(b"<jsonObject>%b</jsonObject>" % raw)
        except DecodeError:
            return None
    return wrapper if wrapper.find("*") is not None else None


def _json_of(wrapper: etree._Element) -> str:
    return json.encode(xml_to_json(wrapper)).decode()


def _elements_of(text: str) -> str | None:
    """The children of what Synapse makes of a JSON text, without the wrapper."""
    try:
        root = json_to_xml(json.decode(text.encode("utf-8", "replace")))
    except DecodeError:
        return None
    return "".join(element_xml(child) for child in root)


def _xml_escaped(text: str) -> str:
    return xml_safe(text.translate(_XML_TABLE))


def _is_quoted(text: str, message: MessageContext) -> bool:
    """Whether the flow asks for quotes around strings, and this is one: not a number, a boolean or null."""
    forced = str(message.properties.get(_QUOTE_STRINGS, "")).lower() == "true"
    return forced and not _looks_like_json(text) and isinstance(primitive(text.strip()), str)
