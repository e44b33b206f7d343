"""What a connector's template calls, read from its XML alone: the yardstick for what the engine sends."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lxml import etree

from engine.core.http import HttpRequest
from engine.message.codecs import xml
from engine.message.codecs.errors import DecodeError
from engine.plugins.wso2_archive import BadArchive
from engine.plugins.wso2_connector import Connector, Operation
from tools.connector_bodies import Body, body_of

_LEGACY = "legacy-encoding:"
"""Before a URI template it says how its variables are encoded, and that spaces around the URL go; no part of it."""
_VARIABLE = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Expected:
    """One ``<call>``: its method, and its URL with variables open. An empty method or URL takes any."""

    method: str
    url: str
    conditional: bool = False
    """Whether it lies inside of a filter or a switch."""
    body: Body | None = None
    """Its body, where the steps before it fix one."""

    @property
    def has_address(self) -> bool:
        """Whether the URL has a part of its own: one that is a variable alone takes any."""
        return any(piece.strip() for piece in _split(self.url)[::2])

    def matches(self, request: HttpRequest) -> bool:
        """Whether a request is this call. A query that ends in empty values may have lost its end."""
        if self.method and request.method.upper() != self.method:
            return False
        if not request.url.startswith(("http://", "https://")):
            return False
        pattern = "".join(".*" if index % 2 else re.escape(piece) for index, piece in enumerate(_split(self.url)))
        return re.fullmatch(pattern or ".*", request.url, re.DOTALL) is not None


def calls_of(
    connector: Connector, operation: Operation, seen: frozenset[str] = frozenset()
) -> tuple[list[Expected], bool]:
    """The calls of an operation's template and of those that it calls, and whether Java classes are among its steps."""
    try:
        root = xml.decode(connector.archive.read(operation.file))
    except (BadArchive, DecodeError):
        return [], False
    expected: list[Expected] = []
    java = False
    for element in root.iter("{*}*"):
        tag = etree.QName(element).localname
        if tag == "class":
            java = True
        elif tag in ("call", "callout"):
            expected += _expected(element)
        elif tag.startswith(f"{connector.name}."):
            nested = connector.operations.get(tag.partition(".")[2])
            if nested is not None and nested.name not in seen and nested.name != "init":
                more, nested_java = calls_of(connector, nested, seen | {operation.name})
                expected += [replace(each, conditional=True) for each in more] if _is_conditional(element) else more
                java = java or nested_java
    return expected, java


def _expected(call: etree._Element) -> list[Expected]:
    conditional = _is_conditional(call)
    endpoints = list(call.iterfind(".//{*}http"))
    if not endpoints:
        return [Expected("", "", conditional)]
    return [_expected_at(each, call, conditional) for each in endpoints]


def _expected_at(endpoint: etree._Element, call: etree._Element, conditional: bool) -> Expected:
    method = (endpoint.get("method") or "POST").upper()
    return Expected(method, _url(endpoint.get("uri-template") or ""), conditional, body_of(call, method))


def _url(template: str) -> str:
    return template.removeprefix(_LEGACY).strip() if template.startswith(_LEGACY) else template


def _is_conditional(element: etree._Element) -> bool:
    return any(etree.QName(each).localname in ("filter", "switch") for each in element.iterancestors())


def _split(template: str) -> list[str]:
    """Literal texts at even places, variables at odd ones."""
    pieces: list[str] = []
    end = 0
    for match in _VARIABLE.finditer(template):
        pieces += [template[end : match.start()], match[0]]
        end = match.end()
    return [*pieces, template[end:]]
