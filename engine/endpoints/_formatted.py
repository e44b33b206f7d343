"""What address, default and wsdl endpoints share: the format of the payload, and its encoding."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Literal
from urllib.parse import urlencode

from lxml import etree

from engine.declare.fields import attr, element
from engine.endpoints import addressing
from engine.endpoints._ws_addressing import with_headers
from engine.endpoints.leaf import Leaf
from engine.message.context import MessageContext

_PACKAGING = {"mtom": "enableMTOM", "swa": "enableSwA"}
_FORM = "application/x-www-form-urlencoded"


@element("formatted")
class Formatted(Leaf):
    """An endpoint that may change the format of what it sends."""

    format: addressing.Format | None = attr(
        "Format of the payload; `get` puts it into the query, `rest` and none leave it as it is.", default=None
    )
    optimize: Literal["mtom", "swa"] | None = attr(
        "Send SOAP as multipart, with the attachments it came with; `mtom` takes long base64 out of the envelope.",
        default=None,
    )
    encoding: str | None = attr("Character encoding of what is sent.", default=None)

    def method_for(self, message: MessageContext) -> str:
        if self.format == "get":
            return "GET"
        # SOAP is posted whatever the request was (Axis2FlexibleMEPClient).
        return "POST" if self.format in ("soap11", "soap12") else super().method_for(message)

    def format_for(self, message: MessageContext) -> str | None:
        if self.format is None:
            return None
        if self.format == "get":
            return _FORM
        type_ = addressing.content_type(self.format)
        action = (message.headers.get("soapaction") or "").strip('" ')
        return f'{type_}; action="{action}"' if self.format == "soap12" and action else type_

    def deliver(self, message: MessageContext) -> Coroutine[None, None, None]:
        changes = self.encoding is not None or self.addressing is not None or self.optimize is not None
        return self._deliver_changed(message) if changes else super().deliver(message)

    async def _deliver_changed(self, message: MessageContext) -> None:
        if self.encoding is not None:
            # A new mapping: another child of a failover endpoint gets the one that was.
            message.axis2 = message.axis2 | {"CHARACTER_SET_ENCODING": self.encoding}
        if self.optimize is not None:
            message.axis2 = message.axis2 | {_PACKAGING[self.optimize]: "true"}
        if self.addressing is not None:
            await with_headers(message, self.addressing, self.format, self.target_of(message))
        await super().deliver(message)

    def address_for(self, message: MessageContext) -> str:
        url = addressing.with_postfix(self.target_of(message), message, is_soap=self.format in ("soap11", "soap12"))
        return _with_query(url, message.payload.content()) if self.format == "get" else url

    def target_of(self, message: MessageContext) -> str:
        """The address, without the rest of a REST path. Raises Fault when there is none."""
        raise NotImplementedError


def _with_query(url: str, content: etree._Element | None) -> str:
    """The element's name as the last part of the path, its children as the query (Axis2's URLTemplatingUtil)."""
    if content is None:
        return url
    fields = [(etree.QName(child).localname, child.text or "") for child in content.iterchildren("*")]
    path = f"{url.rstrip('/')}/{etree.QName(content).localname}"
    return f"{path}?{urlencode(fields)}" if fields else path
