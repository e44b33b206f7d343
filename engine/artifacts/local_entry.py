"""<localEntry>"""

from __future__ import annotations

from typing import Any, ClassVar

from engine.core.artifact import Artifact
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, element, inline, text
from engine.source import Element


@element("localEntry", kind="artifact", category="artifact", open_content=True)
class LocalEntry(Artifact):
    """Name a text or an XML document, to be read with get-property('KEY') or as the key of a mediator.

    Example::

        <localEntry key="greeting">Hello, world</localEntry>
    """

    kind: ClassVar[str] = "local-entry"

    name: str = attr("Name of the entry.", name="key")
    src: str | None = attr("URL of the content.", default=None)
    text: str = text("The text.", default="")
    elements: tuple[Element, ...] = inline("The XML document.")

    def __post_init__(self) -> None:
        if self.src is not None:
            raise Unacceptable(
                "entries from a URL are not supported yet.",
                code="unsupported",
                hint="Put the content between the tags.",
            )

    @property
    def value(self) -> Any:
        """The text, or the XML element."""
        return self.elements[0].to_lxml() if self.elements else self.text.strip()
