"""payloadFactory's default templates: ``$1``, ``$2`` … replaced by arguments (Synapse traps 19 to 21)."""

from __future__ import annotations

import json as standard_json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lxml import etree

from engine.expressions.base import Expression
from engine.expressions.values import element_xml, xml_safe
from engine.message.codecs import json, xml
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext
from engine.message.convert import json_to_xml, primitive, xml_to_json

log = logging.getLogger("myelin.expressions")

MediaType: TypeAlias = Literal["json", "xml", "text"]

_PLACEHOLDER = re.compile(r"\$(\d+)", re.ASCII)
_QUOTE_STRINGS = "QUOTE_STRING_IN_PAYLOAD_FACTORY_JSON"
_XML_TABLE = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})


@dataclass(frozen=True, slots=True)
class Argument:
    """One ``arg``: a constant text or an expression.

    ``evaluator`` is the language of the expression, ``json`` for ``json-eval()`` too. ``literal`` takes the value as
    plain text, whatever it looks like; it has no effect on a constant.
    """

    value: str | Expression
    evaluator: Literal["xml", "json"] = "xml"
    literal: bool = False

    @property
    def reads_body(self) -> bool:
        return isinstance(self.value, Expression) and self.value.reads_body


class Template:
    """A format and its arguments for one media type. The text is kept as it is, white space included."""

    __slots__ = ("_arguments", "_media_type", "_pieces", "reads_body", "text")

    def __init__(self, text: str, media_type: MediaType, arguments: Sequence[Argument]) -> None:
        self.text = text
        self.reads_body = any(argument.reads_body for argument in arguments)
        self._media_type = media_type
        self._arguments = tuple(arguments)
        self._pieces = _PLACEHOLDER.split(text)

    def render(self, message: MessageContext) -> str:
        """The text with every ``$n`` replaced in one pass, so that ``$`` in data is safe.

        A number without an argument is logged, and the rest of the text stays as it is (Synapse trap 21). Raises Fault
        as expressions do.
        """
        rendered: dict[int, str] = {}
        result = [self._pieces[0]]
        for position in range(1, len(self._pieces), 2):
            index = int(self._pieces[position][:9])
            if not 1 <= index <= len(self._arguments):
                log.error("the payload format uses $%d but has %d argument(s)", index, len(self._arguments))
                result += self._rest(position)
                break
            if index not in rendered:
                rendered[index] = self._replacement(self._arguments[index - 1], message)
            result += (rendered[index], self._pieces[position + 1])
        return "".join(result)

    def _rest(self, position: int) -> list[str]:
        pieces = self._pieces[position:]
        return [f"${number}{text}" for number, text in zip(pieces[::2], pieces[1::2], strict=True)]

    def _replacement(self, argument: Argument, message: MessageContext) -> str:
        value = argument.value
        text = value.text(message) if isinstance(value, Expression) else value
        return _RENDERERS[self._media_type](text or "", argument, message)


def _as_json(text: str, argument: Argument, message: MessageContext) -> str:
    """The author writes the quotes: text is escaped, objects and arrays stay raw, XML becomes JSON (trap 19)."""
    is_constant = isinstance(argument.value, str)
    if (is_constant or argument.evaluator == "xml") and not (argument.literal and not is_constant):
        element = _parsed_xml(text)
        if element is not None:
            return _json_of(element)
    if not argument.literal and _looks_like_json(text):
        return text
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


_RENDERERS: dict[MediaType, Callable[[str, Argument, MessageContext], str]] = {
    "json": _as_json,
    "xml": _as_xml,
    "text": _as_text,
}


def _looks_like_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[") if text else False


def _parsed_xml(text: str) -> etree._Element | None:
    trimmed = text.strip()
    if len(trimmed) < 4 or not (trimmed.startswith("<") and trimmed.endswith(">")):
        return None
    try:
        return xml.decode(trimmed.encode("utf-8", "replace"))
    except DecodeError:
        return None


def _json_of(element: etree._Element) -> str:
    wrapper = etree.Element("jsonObject")
    wrapper.append(element)
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
