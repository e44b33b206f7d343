"""The address and the format of a port in a WSDL 1.1 document (Synapse's WSDL11EndpointBuilder)."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine.endpoints.addressing import Format
from engine.errors import did_you_mean

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_WSDL2 = "{http://www.w3.org/ns/wsdl}"
_HTTP = "{http://schemas.xmlsoap.org/wsdl/http/}"
_FORMATS: dict[str, Format] = {
    "{http://schemas.xmlsoap.org/wsdl/soap/}address": "soap11",
    "{http://schemas.xmlsoap.org/wsdl/soap12/}address": "soap12",
    f"{_HTTP}address": "rest",
}


class WsdlError(ValueError):
    """The document does not say where the port is; the text says why."""


@dataclass(frozen=True, slots=True)
class Port:
    """Where and how to send."""

    address: str
    format: Format


def port_of(document: bytes, service: str, port: str) -> Port:
    """Raises WsdlError for what is no WSDL 1.1, and for names that are not in it."""
    try:
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise WsdlError(f"it is not XML: {error}") from None
    if root.tag == f"{_WSDL2}description":
        raise WsdlError("WSDL 2.0 is not supported, as in Synapse; WSDL 1.1 is.")
    if root.tag != f"{_WSDL}definitions":
        raise WsdlError("it is not a WSDL document.")
    found = _named(_named(root, "service", service), "port", port)
    for child in found.iterchildren("*"):
        format_ = _FORMATS.get(child.tag)
        if format_ is not None and child.get("location"):
            is_get = format_ == "rest" and _verb(root, found.get("binding", "")) == "GET"
            return Port(child.get("location", ""), "get" if is_get else format_)
    raise WsdlError(f"port '{port}' has no address for SOAP or HTTP.")


def _named(parent: etree._Element, tag: str, name: str) -> etree._Element:
    all_of_them = {each.get("name", ""): each for each in parent.iterchildren(f"{_WSDL}{tag}")}
    local = name.rpartition("}")[2].rpartition(":")[2]
    if local not in all_of_them:
        hint = did_you_mean(local, all_of_them) or f"There is {', '.join(all_of_them) or 'none'}."
        raise WsdlError(f"it has no {tag} '{name}'. {hint}")
    return all_of_them[local]


def _verb(root: etree._Element, binding: str) -> str:
    local = binding.rpartition(":")[2]
    for each in root.iterchildren(f"{_WSDL}binding"):
        if each.get("name") == local and (http := each.find(f"{_HTTP}binding")) is not None:
            return http.get("verb", "").upper()
    return ""
