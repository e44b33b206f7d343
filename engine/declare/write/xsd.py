"""Declarations -> an XML Schema for editors.

XSD 1.0 cannot say "exactly one of two attributes" and cannot mix an order with free content, so the schema accepts
whatever the checker accepts, and some more.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from engine.declare.spec import SYNAPSE, FieldSpec, Spec

XS = "http://www.w3.org/2001/XMLSchema"


def schema(specs: Iterable[Spec]) -> str:
    """The schema of the Synapse namespace, as text."""
    specs = list(specs)
    by_tag: dict[str, list[Spec]] = {}
    for spec in specs:
        by_tag.setdefault(spec.tag, []).append(spec)
    root = etree.Element(
        f"{{{XS}}}schema",
        {"targetNamespace": SYNAPSE, "elementFormDefault": "qualified"},
        nsmap={"xs": XS, "syn": SYNAPSE},
    )
    _documented(root, "Generated from the declarations by `myelin docs --write`; do not edit.")
    for tag in sorted(by_tag):
        _element(root, tag, by_tag[tag])
    for tag in sorted(_free_content(specs) - by_tag.keys()):
        _free(root, tag)
    definitions = _sub(root, "element", name="definitions")
    _any(_sub(_sub(definitions, "complexType"), "choice", minOccurs="0", maxOccurs="unbounded"))
    return str(etree.tostring(root, encoding="unicode", pretty_print=True))


def _free_content(specs: Iterable[Spec]) -> set[str]:
    """Tags of parts that hold XML of the author's own, such as the format of a payloadFactory."""
    tags: set[str] = set()
    for spec in specs:
        for each in spec.fields:
            holds_any = each.item is not None and any(part.kind == "inline" for part in each.item.fields)
            if each.name and (each.kind == "inline" or holds_any):
                tags.add(each.name)
        tags |= _free_content(each.item for each in spec.fields if each.item is not None)
    return tags


def _free(root: etree._Element, tag: str) -> None:
    type_ = _sub(_sub(root, "element", name=tag), "complexType", mixed="true")
    choice = _sub(type_, "choice", minOccurs="0", maxOccurs="unbounded")
    _sub(choice, "any", processContents="skip", namespace="##any")
    _sub(type_, "anyAttribute", processContents="skip", namespace="##any")


def _element(parent: etree._Element, tag: str, specs: list[Spec]) -> None:
    """One element; a tag that is both artifact and mediator accepts the fields of both."""
    element = _sub(parent, "element", name=tag)
    _documented(element, specs[0].doc or specs[0].summary)
    _type(element, [each for spec in specs for each in spec.fields], all_optional=len(specs) > 1)


def _type(parent: etree._Element, fields: list[FieldSpec], *, all_optional: bool) -> None:
    type_ = _sub(parent, "complexType", mixed="true")
    choice = _sub(type_, "choice", minOccurs="0", maxOccurs="unbounded")
    named = {each.name: each for each in fields if each.kind != "attribute" and each.name}
    # Mediators, endpoints and the author's own XML may all stand here; naming each again would be ambiguous to XSD.
    _any(choice)
    for name in sorted(named):
        _documented(type_, f"<{name}>: {named[name].doc}")
    for name, each in sorted({each.name: each for each in fields if each.kind == "attribute"}.items()):
        _attribute(type_, name, each, required=each.required and not all_optional)
    _sub(type_, "anyAttribute", processContents="skip", namespace="##any")


def _attribute(parent: etree._Element, name: str, each: FieldSpec, *, required: bool) -> None:
    attribute = _sub(parent, "attribute", name=name, use="required" if required else "optional")
    _documented(attribute, each.doc)
    if not each.choices:
        attribute.set("type", "xs:string")
        return
    union = _sub(_sub(attribute, "simpleType"), "union")
    choices = _sub(_sub(union, "simpleType"), "restriction", base="xs:string")
    for choice in each.choices:
        _sub(choices, "enumeration", value=choice)
    # The language compares choices without case; the listed ones are for completion.
    _sub(_sub(union, "simpleType"), "restriction", base="xs:string")


def _any(choice: etree._Element) -> None:
    """Elements of the language are looked at wherever they stand; the author's own XML is nobody's business."""
    _sub(choice, "any", processContents="lax", namespace="##targetNamespace")
    _sub(choice, "any", processContents="skip", namespace="##other")
    _sub(choice, "any", processContents="skip", namespace="##local")


def _documented(element: etree._Element, text: str) -> None:
    found = element.find(f"{{{XS}}}annotation")
    if found is None:
        found = etree.Element(f"{{{XS}}}annotation")
        element.insert(0, found)
    _sub(found, "documentation").text = text


def _sub(parent: etree._Element, kind: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{XS}}}{kind}", attributes)
