"""The WSDL that a proxy publishes at ``?wsdl``, and the schemas it imports at ``?xsd=NAME``."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin

from lxml import etree

from engine.core import faults
from engine.core.env import env_of
from engine.core.files import file_in
from engine.core.flow import Flow
from engine.core.http import HttpRequest
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, children, element, inline
from engine.declare.spec import Node
from engine.errors import Fault
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.source import Element

_WSDL = "http://schemas.xmlsoap.org/wsdl/"
_WSDL2 = "http://www.w3.org/ns/wsdl"
_ROOTS = (f"{{{_WSDL}}}definitions", f"{{{_WSDL2}}}description")
_ADDRESSES = frozenset(
    f"{{{namespace}}}address"
    for namespace in (
        "http://schemas.xmlsoap.org/wsdl/soap/",
        "http://schemas.xmlsoap.org/wsdl/soap12/",
        "http://schemas.xmlsoap.org/wsdl/http/",
    )
)
_SCHEMA = "http://www.w3.org/2001/XMLSchema"
_IMPORTS = {
    f"{{{_SCHEMA}}}import": "schemaLocation",
    f"{{{_SCHEMA}}}include": "schemaLocation",
    f"{{{_SCHEMA}}}redefine": "schemaLocation",
    f"{{{_WSDL}}}import": "location",
}
_MAX = 16 * 1024 * 1024


@element("resource")
class WsdlResource(Node):
    """A schema or a WSDL that the published one imports."""

    location: str = attr("How the importing document calls it.")
    key: str = attr("Local entry or registry resource with it.", refers="local-entry")


@element("publishWSDL")
class PublishWsdl(Node):
    """The WSDL that clients get at `?wsdl`."""

    key: str = attr("Local entry or registry resource with it.", default="", refers="local-entry")
    uri: str = attr("File in the folder of the flows, or URL that it is fetched from when asked for.", default="")
    endpoint: str = attr("Endpoint whose own `?wsdl` is published: not supported.", default="")
    preserve_policy: bool = attr("Whether policies stay in it.", name="preservePolicy", default=True)
    elements: tuple[Element, ...] = inline("The WSDL itself.")
    resources: tuple[WsdlResource, ...] = children("What it imports.", tag="resource")

    def __post_init__(self) -> None:
        inside = [each for each in self.elements if f"{{{each.namespace}}}{each.tag}" in _ROOTS]
        self._inline = inside[0] if inside else None
        self._file: Path | None = None
        if self.endpoint and not (self.key or self.uri or inside):
            raise Unacceptable(
                "the WSDL of an endpoint cannot be published.",
                code="unsupported",
                hint='Write its address in uri="…?wsdl", or keep the WSDL as a local entry.',
            )
        if not (self.key or self.uri or inside):
            raise Unacceptable("needs a key, a uri or the WSDL itself.", code="one-of")

    def found_in(self, folder: Path) -> None:
        """Raises Unacceptable when the file is not there."""
        if self.uri and not self.uri.startswith(("http:", "https:")):
            self._file = file_in(folder, self.uri)

    async def document(self, message: MessageContext) -> etree._Element:
        """The WSDL, a copy of its own. Raises Fault when it cannot be had."""
        if self.key:
            return _element(message.env.entry(self.key), self.key)
        if self._inline is not None:
            return self._inline.to_lxml()
        if self._file is not None:
            try:
                return _element(self._file.read_bytes(), self.uri)
            except OSError as error:
                raise Fault(f"the WSDL '{self.uri}' cannot be read: {error.strerror}") from None
        return _element(await _fetched(message, self.uri), self.uri)

    def imported(self, message: MessageContext, location: str) -> etree._Element | None:
        """A document that the WSDL imports; None when no resource has that location."""
        key = next((each.key for each in self.resources if each.location == location), None)
        return None if key is None else _element(message.env.entry(key), key)


class WithWsdl:
    """A proxy's conversation, with the documents of its interface beside it."""

    def __init__(self, flow: Flow, published: PublishWsdl, *, with_own_address: bool = True) -> None:
        self._flow, self._published, self._with_own_address = flow, published, with_own_address
        self.label = flow.label

    async def serve(self, message: MessageContext) -> None:
        exchange = message.exchange
        name, _, location = exchange.query.partition("=")
        if exchange.method != "GET" or name.lower() not in ("wsdl", "wsdl2", "xsd"):
            await self._flow.serve(message)
            return
        try:
            await self._answer(message, name.lower(), unquote(location))
        except Fault as fault:
            await faults.answer_unhandled(message, fault)

    async def _answer(self, message: MessageContext, name: str, location: str) -> None:
        if location:
            document = self._published.imported(message, location)
            if document is None:
                raise Fault(f"the WSDL has no resource '{location}'", code="not-found", status=404)
        elif name == "xsd":
            raise Fault("name the schema: ?xsd=LOCATION", code="not-found", status=404)
        else:
            document = await self._published.document(message)
        host = message.headers.get("host") or "localhost"
        locations = {each.location for each in self._published.resources}
        url = f"{message.exchange.scheme}://{host}{message.exchange.path}"
        rewrite(document, url, locations, addresses=self._with_own_address)
        body = etree.tostring(document, xml_declaration=True, encoding="UTF-8")
        faults.clear(message, 200)
        message.payload = Payload(body, "text/xml; charset=UTF-8")
        message.headers.set("Content-Type", "text/xml; charset=UTF-8")
        await message.exchange.answer(message)


def rewrite(document: etree._Element, url: str, locations: set[str], *, addresses: bool = True) -> None:
    """Addresses become ``url`` (unless told not to), imports of ``locations`` become queries to it."""
    for each in document.iter():
        if each.tag in _ADDRESSES and addresses:
            each.set("location", url)
        elif each.tag == f"{{{_WSDL2}}}endpoint" and each.get("address") is not None and addresses:
            each.set("address", url)
        elif isinstance(each.tag, str) and (attribute := _IMPORTS.get(each.tag)) is not None:
            location = each.get(attribute)
            if location in locations:
                kind = "wsdl" if each.tag.startswith(f"{{{_WSDL}}}") else "xsd"
                each.set(attribute, f"{url}?{kind}={quote(location or '', safe='')}")


async def _fetched(message: MessageContext, url: str) -> bytes:
    """The document at a URL; one redirect is followed."""
    for _ in range(2):
        response = await env_of(message).http.send(HttpRequest("GET", url))
        payload = Payload(response.body, origin="backend")
        await payload.load(_MAX)
        location = next((value.decode("latin-1") for name, value in response.headers if name == b"location"), None)
        if response.status not in (301, 302, 303, 307, 308) or location is None:
            break
        url = urljoin(url, location)
    if response.status != 200:
        raise Fault(f"the WSDL at {url} answers {response.status}", status=502)
    return payload.raw() or b""


def _element(value: Any, name: str) -> etree._Element:
    """A copy of an element, or the element that a text or bytes are. Raises Fault."""
    if isinstance(value, etree._Element):
        value = etree.tostring(value)
    if isinstance(value, str):
        value = value.encode()
    if value is None:
        raise Fault(f"there is no local entry or registry resource '{name}'")
    try:
        return etree.fromstring(value, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise Fault(f"'{name}' is not XML: {error}") from None
