"""<datamapper>"""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from lxml import etree

from engine.core.mediator import Mediator
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, element
from engine.errors import Fault
from engine.expressions.dynamic import Value
from engine.mediators import _mapping_output
from engine.mediators._mapping import Mapping, compile_function, compile_mapping, property_value
from engine.mediators._mapping_input import from_csv, from_xml
from engine.mediators._resources import Compiled, as_bytes
from engine.mediators._script_host import Host
from engine.mediators._script_run import Runs
from engine.mediators._stylesheet import Stylesheet
from engine.mediators._xslt import compile_stylesheet
from engine.message import convert
from engine.message.codecs import soap, text, xml
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import JsonValue
from engine.message.context import MessageContext

Kind = Literal["XML", "JSON", "CSV"]

_MESSAGE_TYPES: dict[Kind, str] = {"XML": "application/xml", "JSON": "application/json", "CSV": "text/xml"}


@element("datamapper", kind="mediator", category="transformation")
class DataMapper(Mediator):
    """Make one document from another by a mapping that WSO2's editors drew.

    A mapping is three files: JavaScript (``.dmc``) and the schemas of its input and its output, all in the registry or
    in local entries. The input schema names what is read of the body: elements and attributes with their namespaces,
    or the fields of CSV records. The script runs confined, with the limits of ``scripts``, and may read properties by
    ``DM_PROPERTIES``. What it makes is the body, and the output schema gives the root and the namespaces of XML. CSV is
    a text payload; set ``messageType`` to ``text/csv`` to send it as such.

    Mappings of both generations run: those of Integration Studio (``map_S_in_S_out``), and those bundled from
    TypeScript (``mapFunction``). The stylesheet is used where the ``.dmc`` has no function. With ``target`` the script
    is called with the payload and the variables, both as JSON, and schemas play no part.

    Example::

        <datamapper config="gov:datamapper/Order.dmc"
                    inputSchema="gov:datamapper/Order_inputSchema.json" inputType="XML"
                    outputSchema="gov:datamapper/Order_outputSchema.json" outputType="JSON"/>
    """

    reads_body = True

    config: Value = attr("The mapping: a .dmc file.", refers="local-entry")
    input_schema: Value = attr("Schema of what is read.", name="inputSchema", refers="local-entry")
    output_schema: Value = attr("Schema of what is made.", name="outputSchema", refers="local-entry")
    input_type: Kind | None = attr(
        "What the body is; the input schema's own `inputType` by default.", name="inputType", default=None
    )
    output_type: Kind | None = attr(
        "What is made; the output schema's own `outputType` by default.", name="outputType", default=None
    )
    stylesheet: Value | None = attr(
        "The same mapping as XSLT, from XML to XML.", name="xsltStyleSheet", default=None, refers="local-entry"
    )
    target: Literal["body", "variable"] | None = attr("Where the result goes, without schemas.", default=None)
    variable: str | None = attr("Name of the variable.", default=None)
    _mappings: Compiled[Mapping] = dataclasses.field(init=False)
    _stylesheets: Compiled[Stylesheet] = dataclasses.field(init=False)
    _runs: Runs = dataclasses.field(init=False, default_factory=Runs)

    def __post_init__(self) -> None:
        if (self.target == "variable") != (self.variable is not None):
            raise Unacceptable("target='variable' and variable= need each other.", code="missing-attribute")
        compile_ = compile_function if self.target else compile_mapping
        self._mappings = Compiled(lambda entries, resources: compile_(entries))
        self._stylesheets = Compiled(compile_stylesheet)

    async def mediate(self, message: MessageContext) -> bool:
        try:
            mapping = self._mappings.get(message, (self.config, self.input_schema, self.output_schema))
            source = _kind(self.input_type, mapping.input.document, "inputType")
            kind = _kind(self.output_type, mapping.output.document, "outputType")
            if mapping.program is None:
                self._transform(message, source, kind)
            elif self.target is None:
                value = await self._run(message, mapping, _read(message, mapping, source, kind))
                _write(message, mapping, kind, value)
            else:
                value = await self._run(message, mapping, _document(message, source))
                self._keep(message, kind, value)
        except Fault as fault:
            named = f"datamapper '{self.config.source}': {fault.message}"
            raise Fault(named, code=fault.code, detail=fault.detail, status=fault.status) from None
        return True

    async def _run(self, message: MessageContext, mapping: Mapping, given: JsonValue) -> JsonValue:
        from engine.scripting import sandbox

        assert mapping.program is not None
        host = Host(message)
        arguments = [given, mapping.properties(message), dict(message.variables)]
        try:
            answer = await self._runs.run(message, mapping.program, await host.given((), arguments, True))
        except sandbox.ScriptError as error:
            place = f" at line {error.line}" if error.line else ""
            raise Fault(f"the mapping failed{place}: {error.message}") from None
        value = host.value(answer["value"])
        if value is None:
            raise Fault("the mapping gave nothing")
        return value

    def _transform(self, message: MessageContext, source: Kind, kind: Kind) -> None:
        """By the stylesheet, which says in its own namespaces what it reads."""
        if self.stylesheet is None or (source, kind) != ("XML", "XML"):
            raise Fault("the .dmc file has no mapping function")
        stylesheet = self._stylesheets.get(message, (self.stylesheet,))
        root = xml.decode(as_bytes(self._stylesheet_entry(message)))
        content = message.payload.content()
        if content is None:
            raise Fault("there is no body to map")
        output = stylesheet.transform(content, _parameters(message, root))
        _set_xml(message, output.element)
        _set_type(message, kind)

    def _stylesheet_entry(self, message: MessageContext) -> Any:
        assert self.stylesheet is not None
        return message.env.entry(self.stylesheet.text(message) or "")

    def _keep(self, message: MessageContext, kind: Kind, value: JsonValue) -> None:
        if self.target == "variable":
            assert self.variable is not None
            message.variables[self.variable] = value if kind == "JSON" else _as_xml(value)
            return
        if kind == "JSON":
            message.payload.set_json(value)
        else:
            _set_xml(message, _as_xml(value))
        _set_type(message, kind)


# -------------------------------------------------------------------- reading


def _kind(given: Kind | None, schema: dict[str, Any], name: str) -> Kind:
    word = given or str(schema.get(name) or "").upper()
    if word not in _MESSAGE_TYPES:
        raise Fault(f"neither {name} nor the schema says whether it is XML, JSON or CSV")
    return word


def _read(message: MessageContext, mapping: Mapping, source: Kind, kind: Kind) -> JsonValue:
    """What the mapping is given, by the input schema."""
    payload = message.payload
    if source == "JSON":
        return payload.json()
    if source == "CSV":
        return from_csv(payload.text(), mapping.input)
    whole = mapping.input.title.rpartition(":")[2] == "Envelope"
    root = payload.envelope() if whole else payload.content()
    if root is None:
        raise Fault("there is no body to map")
    return from_xml(root, mapping.input, doubles=kind != "JSON")


def _document(message: MessageContext, source: Kind) -> JsonValue:
    """What a mapping without schemas is given: JSON as it is, anything else as the JSON of the SOAP envelope."""
    payload = message.payload
    return payload.json() if source == "JSON" else convert.xml_to_json(payload.envelope())


def _parameters(message: MessageContext, stylesheet: xml.Element) -> dict[str, str]:
    """The properties that a stylesheet names in ``xmlns:runTimeProperties="name,SCOPE,…"``."""
    words = [word for word in (stylesheet.nsmap.get("runTimeProperties") or "").split(",") if word]
    pairs = zip(words[::2], words[1::2], strict=False)
    return {f"{scope}_{name}": str(property_value(message, scope, name)) for name, scope in pairs}


# -------------------------------------------------------------------- writing


def _write(message: MessageContext, mapping: Mapping, kind: Kind, value: JsonValue) -> None:
    if kind == "JSON":
        message.payload.set_json(_mapping_output.to_json(value))
    elif kind == "CSV":
        message.payload.set_content(text.to_element(_mapping_output.to_csv(value)))
    else:
        _set_xml(message, _mapping_output.to_xml(value, mapping.output))
    _set_type(message, kind)


def _set_xml(message: MessageContext, root: xml.Element) -> None:
    if soap.version_of(root):
        message.payload.set_envelope(root)
    else:
        message.payload.set_content(root)


def _set_type(message: MessageContext, kind: Kind) -> None:
    message.set_axis2("messageType", _MESSAGE_TYPES[kind])


def _as_xml(value: JsonValue) -> xml.Element:
    """The first element of the JSON's XML."""
    try:
        wrapper = convert.json_to_xml(value)
    except DecodeError as error:
        raise Fault(f"the mapping gave what XML cannot carry: {error}") from None
    first = next(wrapper.iterchildren(tag=etree.Element), None)
    return wrapper if first is None else first
