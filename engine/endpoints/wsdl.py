"""<endpoint><wsdl …/></endpoint>"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from engine.core.env import env_of
from engine.core.files import file_in
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

    The document stands inside, or ``uri`` names it: a file (``file:quotes.wsdl``, in the folder of the flows), a
    registry resource (``conf:/quotes.wsdl``) or a URL; ``key`` is a local entry. Files and documents inside are read
    when the flow is loaded, the others for the first message.

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
        if self._inside is not None:
            self._read_port(etree.tostring(self._inside.to_lxml()))
        elif self.key is None and self.uri is None:
            raise Unacceptable("it needs a uri, a key or the document inside.", code="one-of")

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

    def found_in(self, folder: Path) -> None:
        if self.uri is None or self._scheme not in ("", "file") or self._inside is not None:
            return
        try:
            self._read_port(file_in(folder, self.uri).read_bytes())
        except OSError as error:
            raise Unacceptable(f"the file '{self.uri}' cannot be read: {error.strerror}.", code="unreadable") from None

    @property
    def _scheme(self) -> str:
        return urlsplit(self.uri or "").scheme

    @property
    def _inside(self) -> Element | None:
        return next((each for each in self.elements if each.tag in ("definitions", "description")), None)

    def _read_port(self, document: bytes) -> None:
        try:
            self._use(port_of(document, self.service, self.port))
        except WsdlError as error:
            raise Unacceptable(str(error)) from None

    async def _fetched(self, message: MessageContext) -> bytes:
        """Raises Fault when the document cannot be had."""
        key = self.key or self.uri
        assert key is not None  # attach saw to it
        if not key.startswith(("http:", "https:")):
            entry = message.env.entry(key)
            if entry is None:
                raise Fault(f"there is no file, local entry or registry resource '{key}'")
            return etree.tostring(entry) if isinstance(entry, etree._Element) else str(entry).encode()
        response = await env_of(message).http.send(HttpRequest("GET", key))
        payload = Payload(response.body, origin="backend")
        await payload.load(_MAX_BYTES)
        if response.status != 200:
            raise Fault(f"the WSDL at {key} answers {response.status}", status=502)
        return payload.raw() or b""
