"""The body that a connector's template fixes: a payloadFactory with a literal structure, right before the call.

Arguments are holes, which any value fills. What else may write the body between the two leaves it open.
FORCE_POST_PUT_NOBODY takes it away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from lxml import etree

from engine.core.http import HttpRequest
from engine.message.codecs import json, soap, xml
from engine.message.codecs.errors import DecodeError
from engine.message.content_type import parse_content_type

_ARGUMENT = re.compile(r"\$\d+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_HOLE = "\0"
_KEEPS_BODY = ("property", "header", "log", "filter", "switch", "then", "else", "case", "default")
_NO_BODY = ("GET", "HEAD", "DELETE")


@dataclass(frozen=True, slots=True)
class Body:
    """The structure of a body: JSON values or an element, with holes. ``NOTHING`` is an empty one."""

    structure: object

    def difference(self, request: HttpRequest) -> str | None:
        """Where the request's body differs, ``""`` when it is this one, None when it is of another format."""
        if self == NOTHING:
            return "there is one" if request.body else ""
        media = parse_content_type(_content_type(request)).media
        if isinstance(self.structure, etree._Element) and media == "application/x-www-form-urlencoded":
            return _form_difference(self.structure, request.body if isinstance(request.body, bytes) else b"")
        is_xml = isinstance(self.structure, etree._Element)
        if (is_xml and "xml" not in media) or (not is_xml and "json" not in media):
            return None
        try:
            content = request.body if isinstance(request.body, bytes) else b""
            if not isinstance(self.structure, etree._Element):
                return _json_difference(self.structure, json.decode(content), "$")
            return _xml_difference(*_of_one_kind(self.structure, xml.decode(content)))
        except DecodeError as error:
            return f"it is {error}"


NOTHING = Body("")


def body_of(call: xml.Element, method: str) -> Body | None:
    """The body of a ``<call>``, by the steps before it; None when they leave it open."""
    if method in _NO_BODY:
        return None
    for step in call.itersiblings("*", preceding=True):
        if step.get("name") == "FORCE_POST_PUT_NOBODY" and step.get("value") == "true":
            return NOTHING
        if etree.QName(step).localname == "payloadFactory":
            return _made_by(step)
        if any(etree.QName(each).localname not in _KEEPS_BODY for each in step.iter("*")):
            return None
    return None


def _made_by(factory: xml.Element) -> Body | None:
    template = factory.find("{*}format")
    if template is None or template.get("key") or factory.get("template-type", "default") != "default":
        return None
    if factory.get("media-type", "xml") == "json":
        return _json_body("".join(map(str, template.itertext())))
    content = next(template.iterchildren("*"), None)
    return Body(content) if content is not None else None


def _json_body(text: str) -> Body | None:
    if "${" in text:
        return None
    pieces, end = [], 0
    for match in _QUOTED.finditer(text):
        pieces += [_ARGUMENT.sub('"\\\\u0000"', text[end : match.start()]), _ARGUMENT.sub(r"\\u0000", match[0])]
        end = match.end()
    pieces.append(_ARGUMENT.sub('"\\\\u0000"', text[end:]))
    try:
        structure = json.decode("".join(pieces).encode())
    except DecodeError:
        return None  # an argument stands for members: the structure is open
    return Body(structure) if structure != "" else None


def _json_difference(expected: object, found: object, path: str) -> str:
    if expected == _HOLE or (isinstance(expected, dict) and any(_HOLE in name for name in expected)):
        return ""
    if isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        inside = (_json_difference(value, found[name], f"{path}.{name}") for name, value in expected.items())
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        inside = (_json_difference(*pair, f"{path}[]") for pair in zip(expected, found, strict=True))
    else:
        is_same = _fits(expected, found) if isinstance(expected, str) else expected == found
        return "" if is_same else f"at {path}"
    return next(filter(None, inside), "")


def _xml_difference(expected: xml.Element, found: xml.Element) -> str:
    tag = etree.QName(found).localname
    if expected.tag != found.tag or set(expected.keys()) != set(found.keys()):
        return f"at <{tag}>"
    if not all(_fits(str(value), found.get(name)) for name, value in expected.items()):
        return f"in an attribute of <{tag}>"
    children, inside = list(expected.iterchildren("*")), list(found.iterchildren("*"))
    texts = [expected.text or "", *(each.tail or "" for each in children)]
    if any(map(_ARGUMENT.search, texts)):
        return ""  # an argument may be any text and any elements
    if len(children) != len(inside) or (not children and texts[0].strip() != (found.text or "").strip()):
        return f"in <{tag}>"
    return next(filter(None, map(_xml_difference, children, inside)), "")


def _form_difference(expected: xml.Element, body: bytes) -> str:
    """A form has a field for each child of the element."""
    names = [etree.QName(each).localname for each in _content(expected).iterchildren("*")]
    found = [name for name, _ in parse_qsl(body.decode(), keep_blank_values=True)]
    return "" if found == names else f"it has the fields {', '.join(found) or 'none'}"


def _fits(expected: str, found: object) -> bool:
    """Whether a text is the expected one, with anything in its holes."""
    pattern = ".*".join(map(re.escape, re.split(rf"{_HOLE}|{_ARGUMENT.pattern}", expected)))
    return isinstance(found, str) and re.fullmatch(pattern, found, re.DOTALL) is not None


def _of_one_kind(expected: xml.Element, found: xml.Element) -> tuple[xml.Element, xml.Element]:
    """Both with an envelope, or both without: the content type decides whether it is sent."""
    if bool(soap.version_of(expected)) == bool(soap.version_of(found)):
        return expected, found
    return _content(expected), _content(found)


def _content(element: xml.Element) -> xml.Element:
    return next(element.iterfind("{*}Body/{*}*"), element)


def _content_type(request: HttpRequest) -> str:
    return next((value.decode("latin-1") for name, value in request.headers if name.lower() == b"content-type"), "")
