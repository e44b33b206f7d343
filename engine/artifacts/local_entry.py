"""<localEntry>"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from lxml import etree

from engine.core.artifact import Artifact
from engine.core.files import file_in
from engine.core.mediator import Mediator
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, element, inline, text
from engine.declare.spec import SYNAPSE
from engine.errors import Fault
from engine.message.codecs import text as text_codec
from engine.source import Element


@dataclass(frozen=True, slots=True)
class RegistryKey:
    """The value of an entry that stands for a registry resource."""

    key: str


@element("localEntry", kind="artifact", category="artifact", open_content=True)
class LocalEntry(Artifact):
    """Name a text or an XML document, to be read with get-property('KEY') or as the key of a mediator.

    The operation ``init`` of a connector in it is a connection, which other operations name with ``configKey``.

    ``src`` takes the content from a file: relative to the folder of the flows, as ``file:data/a.xslt`` or
    ``data/a.xslt``; a change of the file is seen at its next use. ``conf:/…`` and ``gov:/…`` are registry resources.

    Example::

        <localEntry key="greeting">Hello, world</localEntry>
    """

    kind: ClassVar[str] = "local-entry"

    name: str = attr("Name of the entry.", name="key")
    src: str = attr("File or registry resource with the content.", default="")
    text: str = text("The text.", default="")
    elements: tuple[Element, ...] = inline("The XML document.")

    def __post_init__(self) -> None:
        self._file: _FileContent | None = None
        self.connection: tuple[Mediator, ...] = ()
        """The operation of a connector that the document is; whoever builds the entry builds it too."""
        document = next((each for each in self.elements if not _is_description(each)), None)
        self._element = document.to_lxml() if document is not None and not self.src else None
        if self.src.startswith(("http:", "https:")):
            raise Unacceptable(
                "the engine fetches nothing when it loads.",
                code="unsupported",
                hint='Put the file into the folder of the flows and write src="file:NAME".',
            )

    def found_in(self, folder: Path) -> None:
        if self.src and not self._in_registry:
            self._file = _FileContent(file_in(folder, self.src))

    @property
    def operations(self) -> tuple[Element, ...]:
        """What of the document is an operation of a connector."""
        return tuple(each for each in self.elements if "." in each.tag and each.namespace == SYNAPSE)

    @property
    def value(self) -> Any:
        """The text, or the XML element, to be read only; a RegistryKey for a resource.

        Raises Fault when its file cannot be read.
        """
        if not self.src:
            return self._element if self._element is not None else self.text.strip()
        if self._in_registry:
            return RegistryKey(self.src)
        if self._file is None:
            raise Fault(f"the file '{self.src}' of local entry '{self.name}' is not there")
        return self._file.value

    @property
    def _in_registry(self) -> bool:
        return self.src.startswith(("conf:", "gov:"))


def _is_description(element: Element) -> bool:
    """What older editors write into every entry, and is none of its content (EntryFactory.java)."""
    return element.tag == "description" and element.namespace == SYNAPSE


class _FileContent:
    """The content of a file, read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._value: Any = None

    @property
    def value(self) -> Any:
        try:
            status = self._path.stat()
            stamp = status.st_mtime_ns, status.st_size
            if stamp != self._stamp:
                self._value, self._stamp = _parsed(self._path.read_bytes()), stamp
        except OSError as error:
            raise Fault(f"the file '{self._path.name}' of a local entry cannot be read: {error.strerror}") from None
        return self._value


def _parsed(content: bytes) -> Any:
    """An element for XML, else text."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
        try:
            return etree.fromstring(content, parser)
        except etree.XMLSyntaxError:
            pass  # text that begins with <
    return text_codec.decode(content, "utf-8").removeprefix("\ufeff")
