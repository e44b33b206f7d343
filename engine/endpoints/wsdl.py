"""<endpoint><wsdl …/></endpoint>"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import etree

from engine.core.env import env_of
from engine.core.http import HttpRequest
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, element, inline
from engine.endpoints._formatted import Formatted
from engine.endpoints._kind import Place
from engine.endpoints._wsdl_port import Port, WsdlError, port_of
from engine.errors import ErrorCode, Fault
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.source import Element

_MAX_BYTES = 16 * 1024 * 1024


@element("wsdl", kind="endpoint-type", category="endpoint")
class Wsdl(Formatted):
    """Send to the address, and in the format, of a port in a WSDL 1.1 document.

    The document stands inside, or ``uri`` names it: a file (``file:quotes.wsdl``, beside the flow file), a registry
    resource (``conf:/quotes.wsdl``) or a URL; ``key`` is a local entry. Files and documents inside are read when the
    flow is loaded, the others for the first message.

    Example::

        <endpoint>
          <wsdl service="Quotes" port="QuotesSoap">
            <definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:q">
              <service name="Quotes"><port name="QuotesSoap" binding="x">
                <address xmlns="http://schemas.xmlsoap.org/wsdl/soap/" location="http://127.0.0.1:9000/quotes"/>
              </port></service>
            </definitions>
          </wsdl>
        </endpoint>
    """

    SUSPENDED = ErrorCode.WSDL_ENDPOINT_SUSPENDED

    uri: str | None = attr("Where the document is.", default=None)
    key: str | None = attr("Local entry or registry resource with it.", default=None, refers="local-entry")
    service: str = attr("Name of the service.")
    port: str = attr("Name of the port.")
    elements: tuple[Element, ...] = inline("The document itself.")
    _port: Port | None = None

    def attach(self, place: Place) -> None:
        super().attach(place)
        document = self._document_at_load()
        if document is not None:
            try:
                self._use(port_of(document, self.service, self.port))
            except WsdlError as error:
                raise Unacceptable(str(error), code="bad-value") from None

    def target_of(self, message: MessageContext) -> str:
        assert self._port is not None  # deliver saw to it
        return self._port.address

    async def deliver(self, message: MessageContext) -> None:
        if self._port is None:
            try:
                self._use(port_of(await self._fetched(message), self.service, self.port))
            except WsdlError as error:
                raise Fault(f"the WSDL of endpoint {self.place.name}: {error}") from None
        await super().deliver(message)

    def _use(self, port: Port) -> None:
        # What the WSDL says counts, as in the reference.
        self._port, self.format = port, port.format

    def _document_at_load(self) -> bytes | None:
        """The document, when it is here. Raises Unacceptable when none is named, or its file cannot be read."""
        inside = next((each for each in self.elements if each.tag in ("definitions", "description")), None)
        if inside is not None:
            return etree.tostring(inside.to_lxml())
        if self.key is not None:
            return None
        if self.uri is None:
            raise Unacceptable("it needs a uri, a key or the document inside.", code="one-of")
        scheme = urlsplit(self.uri).scheme
        if scheme in ("http", "https", "conf", "gov"):
            return None
        return _read(self.uri, Path(self.where.file).parent)

    async def _fetched(self, message: MessageContext) -> bytes:
        """Raises Fault when the document cannot be had."""
        key = self.key or self.uri
        assert key is not None  # attach saw to it
        if not key.startswith(("http:", "https:")):
            entry = message.env.entry(key)
            if entry is None:
                raise Fault(f"there is no local entry or registry resource '{key}'")
            return etree.tostring(entry) if isinstance(entry, etree._Element) else str(entry).encode()
        response = await env_of(message).http.send(HttpRequest("GET", key))
        payload = Payload(response.body, origin="backend")
        await payload.load(_MAX_BYTES)
        if response.status != 200:
            raise Fault(f"the WSDL at {key} answers {response.status}", status=502)
        return payload.raw() or b""


def _read(uri: str, folder: Path) -> bytes:
    """A file beside the flow file, or in the folder the engine runs in. Raises Unacceptable."""
    path = Path(unquote(urlsplit(uri).path) if uri.startswith("file:") else uri)
    for file in (folder / path, path):
        try:
            if file.is_file() and file.stat().st_size <= _MAX_BYTES:
                return file.read_bytes()
        except OSError as error:
            raise Unacceptable(f"the file '{path}' cannot be read: {error.strerror}.", code="unreadable") from None
    raise Unacceptable(f"there is no file '{path}' beside the flow file.", code="unreadable")
