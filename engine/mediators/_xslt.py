"""Stylesheets compiled for libxslt (XSLT 1.0) or, from version 2.0 on, for Saxon."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from lxml import etree

from engine.errors import Fault
from engine.mediators import _saxon
from engine.mediators._resources import UnknownResource, as_bytes, parser
from engine.mediators._stylesheet import Output, Stylesheet, text_output
from engine.message.codecs import xml
from engine.message.codecs.errors import DecodeError

_MAX_INCLUDES = 100
XSL = "http://www.w3.org/1999/XSL/Transform"

_NAMES_1_0 = """
apply-imports apply-templates attribute attribute-set call-template choose comment copy copy-of decimal-format document
element fallback for-each if import include key message namespace-alias number otherwise output param preserve-space
processing-instruction sort strip-space stylesheet template text transform value-of variable when with-param
"""
_ELEMENTS_1_0 = frozenset(_NAMES_1_0.split())

# Reading goes through the resolver of the parser, which knows the mediator's resources only; libxslt asks for
# read_network before it asks the resolver.
_RIGHTS: dict[str, Any] = {
    "read_file": False,
    "write_file": False,
    "create_dir": False,
    "read_network": True,
    "write_network": False,
}
_ACCESS = etree.XSLTAccessControl(**_RIGHTS)


def compile_stylesheet(entries: list[Any], resources: dict[str, Any]) -> Stylesheet:
    """Compile the one entry, with its includes. Raises Fault with the place of the mistake."""
    try:
        root = etree.fromstring(as_bytes(entries[0]), parser(resources))
    except etree.XMLSyntaxError as error:
        raise Fault(f"the stylesheet is not XML: {error.msg}") from None
    _check_elements(root, resources)
    if _version(root).startswith("1"):
        return _Xslt1(root)
    return _saxon.SaxonStylesheet(_with_includes(root, resources))


def lacks_saxon(content: bytes) -> bool:
    """Whether an entry is a stylesheet that cannot run, since its version needs Saxon, which is not installed."""
    if _saxon.is_installed() or XSL.encode() not in content:
        return False
    try:
        root = xml.decode(content)
    except DecodeError:
        return False
    return etree.QName(root).namespace == XSL and not _version(root).startswith("1")


def _version(root: xml.Element) -> str:
    return (root.get("version") or root.get(f"{{{XSL}}}version") or "1.0").strip()


class _Xslt1:
    """XSLT 1.0 by libxslt."""

    is_slow = False

    def __init__(self, root: xml.Element) -> None:
        try:
            self._transform = etree.XSLT(root, access_control=_ACCESS, regexp=False)
        except (etree.XSLTParseError, UnknownResource) as error:
            raise Fault(f"the stylesheet cannot be compiled: {error}", detail=_log_of(error)) from None
        outputs = root.findall(f"{{{XSL}}}output")
        self._is_text = any(each.get("method") == "text" for each in outputs)

    def transform(self, source: xml.Element, parameters: Mapping[str, str]) -> Output:
        arguments: dict[str, Any] = {name: etree.XSLT.strparam(value) for name, value in parameters.items()}
        try:
            result = self._transform(source, **arguments)
        except (etree.XSLTApplyError, UnknownResource) as error:
            raise Fault(f"the transformation failed: {error}", detail=_log_of(error)) from None
        if self._is_text:
            return text_output(str(result))
        root = result.getroot()
        if root is None:
            raise Fault("the transformation made no element")
        return Output(root, lambda: str(result))


def _check_elements(root: xml.Element, resources: Mapping[str, Any]) -> None:
    """Raises Fault for what XSLT 1.0 does not know, here and in what is included or imported.

    libxslt would leave it out without a word.
    """
    found, waiting = {"": root}, [""]
    while waiting:
        name = waiting.pop()
        sheet = found[name]
        _check_names(sheet, name)
        for each in (*sheet.iterfind(f"{{{XSL}}}include"), *sheet.iterfind(f"{{{XSL}}}import")):
            location = each.get("href") or ""
            if location in resources and location not in found:
                with contextlib.suppress(DecodeError):  # libxslt says so
                    found[location] = xml.decode(as_bytes(resources[location]))
                    waiting.append(location)


def _check_names(sheet: xml.Element, name: str) -> None:
    """Other versions have other elements, and an element may say itself what stands in its place (xsl:fallback)."""
    if sheet.get("version") != "1.0":
        return
    for each in sheet.iter(f"{{{XSL}}}*"):
        local = etree.QName(each).localname
        if local not in _ELEMENTS_1_0 and each.find(f"{{{XSL}}}fallback") is None and not _is_newer(each):
            place = f"{name} line {each.sourceline}".lstrip()
            raise Fault(f"the stylesheet cannot be compiled: {place}: XSLT 1.0 has no xsl:{local}")


def _is_newer(element: xml.Element) -> bool:
    """Whether a literal element around it asks for another version (XSLT 1.0 section 2.5)."""
    return any(each.get(f"{{{XSL}}}version", "1.0") != "1.0" for each in element.iterancestors())


def _log_of(error: Exception) -> str:
    log = getattr(error, "error_log", None)
    return "\n".join(f"line {entry.line}: {entry.message}" for entry in log) if log else ""


def _with_includes(root: xml.Element, resources: dict[str, Any]) -> bytes:
    """The stylesheet with what it includes put in its place, since Saxon's library for C asks no resolver.

    Raises Fault for imports, whose templates have another precedence, and for what no resource is.
    """
    if root.find(f"{{{XSL}}}import") is not None:
        raise Fault("xsl:import is not supported from XSLT 2.0 on; use xsl:include")
    for _ in range(_MAX_INCLUDES):
        include = root.find(f"{{{XSL}}}include")
        if include is None:
            return etree.tostring(root)
        location = include.get("href") or ""
        entry = resources.get(location)
        if entry is None:
            raise Fault(f"the stylesheet cannot be compiled: {UnknownResource(location)}")
        try:
            included = xml.decode(as_bytes(entry))
        except DecodeError as error:
            raise Fault(f"the resource '{location}' is {error}") from None
        place = root.index(include)
        root[place : place + 1] = list(included)
    raise Fault(f"the stylesheet includes more than {_MAX_INCLUDES} others; does one include itself?")
