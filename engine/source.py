"""XML files -> element trees that keep file, line and column of every tag, attribute and text.

Built on expat because it alone tells byte offsets; lxml knows lines only. A DOCTYPE is refused, so no entity of the
author's own can exist. Flow files are read at deploy time only.
"""

from __future__ import annotations

import bisect
import functools
import re
import xml.parsers.expat as expat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.errors import Problem, Where

MAX_DEPTH = 128
"""Levels of elements; the engine walks trees recursively."""

MAX_BYTES = 16 * 1024 * 1024
"""Size of one file."""

_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>]+)\s*=\s*("([^"]*)"|'([^']*)')""")
_TAG_NAME = re.compile(rb"[^\s/>]+")
_LITERAL = rb"\r\n|[\x00-\x3b\x3d-\x7f]|[\xc0-\xff][\x80-\xbf]*"
_CHARACTER = re.compile(rb"&(?:#x[0-9a-fA-F]+|#[0-9]+|lt|gt|amp|quot|apos);|" + _LITERAL)
_CDATA_CHARACTER = re.compile(rb"<|" + _LITERAL)
_SILENT = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_DECLARATION = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_PREFIX_DECLARED = re.compile(rb"\sxmlns:([^\s=]+)\s*=")
_CDATA, _CDATA_END = b"<![CDATA[", b"]]>"


class SourceError(Exception):
    """The file is not XML that the engine reads; ``problem`` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(slots=True)
class Element:
    """One element of a flow file. ``tag`` is the local name, attribute names without a namespace are plain."""

    source: Source
    namespace: str
    tag: str
    start: int
    namespaces: Mapping[str, str]
    """Prefixes in scope; the default namespace is under ``""``."""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""
    """Own text: everything directly inside, without that of children."""
    end: int = 0
    text_start: int = 0
    _attribute_starts: dict[str, int] = field(default_factory=dict)

    @property
    def where(self) -> Where:
        return self.source.where(self.start)

    def where_attribute(self, name: str, index: int = 0) -> Where:
        """The place of character ``index`` of an attribute's value; of the element when it has no such attribute."""
        start = self._attribute_starts.get(name)
        return self.where if start is None else self.source.where_inside(start, index)

    def where_text(self, index: int = 0) -> Where:
        """The place of character ``index`` of the text before the first child."""
        return self.source.where_inside(self.text_start, index)

    def find(self, tag: str) -> Element | None:
        return next((child for child in self.children if child.tag == tag), None)

    def to_lxml(self) -> etree._Element:
        """This element as lxml reads it, with the namespaces it inherits and no others."""
        declarations = "".join(
            f' xmlns:{prefix}="{_escaped(uri)}"' if prefix else f' xmlns="{_escaped(uri)}"'
            for prefix, uri in self.namespaces.items()
            if prefix != "xml" and (uri or not prefix)
        )
        piece = self.source.data[self.start : self.end]
        # MAX_BYTES and MAX_DEPTH bound the tree already, hence huge_tree.
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
        )
        root = etree.fromstring(f"<x{declarations}>".encode() + piece + b"</x>", parser)[0]
        own = [match.decode() for match in _PREFIX_DECLARED.findall(piece)]
        alone = etree.fromstring(etree.tostring(root, encoding="utf-8", with_tail=False), parser)
        etree.cleanup_namespaces(alone, keep_ns_prefixes=own)
        if self.source.substitute is not None:
            _substitute(alone, self.source.substitute)
        return alone


class Source:
    """The text of one file, with places. ``file`` is the name that messages show."""

    def __init__(self, file: str, data: bytes) -> None:
        self.file = file
        self.substitute: Callable[[str], str] | None = None
        """Replaces references in attributes and texts, for those who read elements as XML."""
        self.data = self._as_utf8(data)
        self._line_starts = [0, *(match.end() for match in re.finditer(rb"\n", self.data))]

    def where(self, offset: int) -> Where:
        """The place of a byte offset."""
        line = bisect.bisect_right(self._line_starts, offset) - 1
        column = len(self.data[self._line_starts[line] : offset].decode("utf-8", "replace"))
        return Where(self.file, line + 1, column + 1)

    def where_inside(self, offset: int, index: int) -> Where:
        """The place of character ``index`` of the decoded value that starts at byte ``offset``.

        A value ends before the first tag; an ``index`` beyond gives its end.
        """
        offset, in_cdata = self._next_character(offset, in_cdata=False)
        for _ in range(index):
            match = (_CDATA_CHARACTER if in_cdata else _CHARACTER).match(self.data, offset)
            if match is None:
                break
            offset, in_cdata = self._next_character(match.end(), in_cdata)
        return self.where(offset)

    def _next_character(self, offset: int, in_cdata: bool) -> tuple[int, bool]:
        """Past comments, processing instructions and the brackets of CDATA sections, and whether inside of one."""
        while True:
            if in_cdata:
                if not self.data.startswith(_CDATA_END, offset):
                    return offset, True
                offset, in_cdata = offset + len(_CDATA_END), False
            elif self.data.startswith(_CDATA, offset):
                offset, in_cdata = offset + len(_CDATA), True
            elif silent := _SILENT.match(self.data, offset):
                offset = silent.end()
            else:
                return offset, False

    def parse(self) -> Element:
        """The root element. Raises SourceError."""
        return _TreeBuilder(self).build()

    def fail(self, code: str, message: str, offset: int, hint: str = "") -> SourceError:
        return SourceError(Problem(code, self.where(offset), message, hint))

    def _as_utf8(self, data: bytes) -> bytes:
        self.data, self._line_starts = b"", [0]
        if len(data) > MAX_BYTES:
            raise self.fail("too-large", f"The file has {len(data):,} bytes; the limit is {MAX_BYTES:,}.", 0)
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16", "replace").encode()
        if b"\0" in data:
            raise self.fail("not-xml", "Not XML: the file has NUL bytes.", 0, "Save it as UTF-8.")
        data = data.removeprefix(b"\xef\xbb\xbf")
        declared = _DECLARATION.match(data)
        encoding = declared[1].decode("ascii") if declared else "utf-8"
        try:
            return data if encoding.lower() in ("utf-8", "utf8") else data.decode(encoding).encode()
        except (ValueError, LookupError):
            # Some of Python's codecs are no encodings of XML and fail in ways of their own (idna).
            raise self.fail("not-xml", f"The file is not in the encoding it declares, {encoding}.", 0) from None


class _TreeBuilder:
    """Collects expat's events into elements."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.stack: list[Element] = []
        self.scopes: list[dict[str, str]] = [{"xml": "http://www.w3.org/XML/1998/namespace"}]
        self.declared: dict[str, str] = {}
        self.root: Element | None = None
        self.parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
        self.parser.ordered_attributes = True
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.open
        self.parser.EndElementHandler = self.close
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartNamespaceDeclHandler = self.declare
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype

    def build(self) -> Element:
        try:
            self.parser.Parse(self.source.data, True)
        except expat.ExpatError as error:
            raise self.not_xml(expat.errors.messages[error.code]) from None
        assert self.root is not None  # expat reports a document without elements as an error
        return self.root

    def not_xml(self, reason: str) -> SourceError:
        """Expat's reason, in the file's own words where expat's would leave its author guessing."""
        data, offset = self.source.data, max(0, self.parser.ErrorByteIndex)
        hint = f"<{self.stack[-1].tag}> of {self.stack[-1].where} is still open." if self.stack else ""
        if not data.strip():
            reason, offset = "the file is empty", 0
        elif not data.lstrip().startswith(b"<"):
            reason = "the file does not begin with '<'"
        elif reason == expat.errors.XML_ERROR_NO_ELEMENTS:
            reason = "the file ends too early"
        elif reason == expat.errors.XML_ERROR_TAG_MISMATCH:
            opened, closed = self._name_at(self.stack[-1].start + len("<")), self._name_at(offset)
            reason, offset = f"</{closed}> does not end <{opened}>", offset - len("</")
        elif reason == expat.errors.XML_ERROR_INVALID_TOKEN:
            try:
                data.decode()
            except UnicodeDecodeError as error:
                reason, offset, hint = f"byte 0x{data[error.start]:02x} is not UTF-8", error.start, "Save it as UTF-8."
        return self.source.fail("not-xml", f"Not XML: {reason}.", offset, hint)

    def _name_at(self, offset: int) -> str:
        """The name of a tag as it is written."""
        name = _TAG_NAME.match(self.source.data, offset)
        return name[0].decode("utf-8", "replace") if name else ""

    def declare(self, prefix: str | None, uri: str | None) -> None:
        if uri and not _is_namespace(uri):
            raise self.source.fail("not-xml", f"The namespace '{uri}' is not a URI.", self.parser.CurrentByteIndex)
        self.declared[prefix or ""] = uri or ""

    def open(self, name: str, attributes: list[str]) -> None:
        offset = self.parser.CurrentByteIndex
        if len(self.stack) >= MAX_DEPTH:
            raise self.source.fail("too-deep", f"Elements are nested deeper than {MAX_DEPTH} levels.", offset)
        scope = self.scopes[-1]
        if self.declared:
            scope, self.declared = {**scope, **self.declared}, {}
        self.scopes.append(scope)
        namespace, _, tag = name.rpartition(" ")
        element = Element(self.source, namespace, tag, offset, scope)
        for key, value in zip(attributes[::2], attributes[1::2], strict=True):
            uri, _, local = key.rpartition(" ")
            element.attributes[f"{{{uri}}}{local}" if uri else local] = value
        self.locate(element, offset)
        if self.stack:
            self.stack[-1].children.append(element)
        else:
            self.root = element
        self.stack.append(element)

    def locate(self, element: Element, offset: int) -> None:
        """Note where each attribute value and the text begin, from the bytes of the start tag."""
        data = self.source.data
        position = offset + 1
        while data[position : position + 1] not in b" \t\r\n/>":
            position += 1
        while match := _ATTRIBUTE.match(data, position):
            element._attribute_starts[match[1].decode()] = match.start(2) + 1
            position = match.end()
        element.text_start = data.index(b">", position) + 1
        if data.endswith(b"/>", position, element.text_start):
            element.end = element.text_start

    def close(self, name: str) -> None:
        element = self.stack.pop()
        self.scopes.pop()
        if not element.end:
            element.end = self.source.data.index(b">", self.parser.CurrentByteIndex) + 1

    def characters(self, text: str) -> None:
        if self.stack:
            self.stack[-1].text += text

    def refuse_doctype(self, *_: Any) -> None:
        # Expat points behind the name; what stands between is short.
        offset = self.source.data.rindex(b"<!DOCTYPE", 0, self.parser.CurrentByteIndex)
        raise self.source.fail("doctype", "A DOCTYPE is not allowed.", offset, "Remove it; entities are not expanded.")


@functools.lru_cache(maxsize=256)
def _is_namespace(uri: str) -> bool:
    """Whether lxml takes it: namespaces must be URIs for it, expat takes any text."""
    try:
        etree.fromstring(f'<x xmlns:p="{_escaped(uri)}"/>')
    except etree.XMLSyntaxError:
        return False
    return True


def _substitute(root: etree._Element, substitute: Callable[[str], str]) -> None:
    for element in root.iter("*"):
        for name, value in element.attrib.items():
            element.set(name, substitute(str(value)))
        if element.text:
            element.text = substitute(element.text)
        if element.tail:
            element.tail = substitute(element.tail)


def _escaped(uri: str) -> str:
    return uri.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
