"""<xslt>"""

from __future__ import annotations

import asyncio
import dataclasses

from engine.core.mediator import Mediator
from engine.declare.fields import attr, children, element
from engine.declare.spec import Node
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.dynamic import Value
from engine.mediators import _selection
from engine.mediators._parts import NamedValue
from engine.mediators._resources import Compiled, Resource
from engine.mediators._stylesheet import Output, Stylesheet
from engine.mediators._xslt import compile_stylesheet
from engine.message.codecs import xml
from engine.message.context import MessageContext

_LARGE = 256 * 1024
"""Bytes of a body from which on the transformation has a thread of its own, so that other messages go on."""

_AS_TEXT = "transform.xslt.result.disableBuild"


@element("feature")
class Feature(Node):
    """A switch of a Java transformer; without a meaning here."""

    name: str = attr("Name.")
    value: bool = attr("Whether it is on.")


@element("attribute")
class Attribute(Node):
    """A setting of a Java transformer; without a meaning here."""

    name: str = attr("Name.")
    value: str = attr("Value.")


@element("xslt", kind="mediator", category="transformation")
class Xslt(Mediator):
    """Transform the payload, or a part of it, by an XSLT stylesheet.

    The stylesheet is a local entry or a registry resource. Its ``version`` decides: 1.0 runs on libxslt, 2.0 and 3.0
    on Saxon, in processes of its own and for 30 seconds at most, which needs the extra ``saxon``; what its
    ``xsl:message`` says is in the log. What a stylesheet includes or imports, or reads with ``document()``, must be
    named by ``<resource>``: it reaches no file and no network. Compiled stylesheets are kept until the entry changes.

    A stylesheet inside a ``<localEntry>`` inherits the namespaces of that file, so elements without a prefix that it
    writes are in Synapse's namespace. Write ``<xsl:stylesheet xmlns="" …>``, and they have none.

    The result takes the place of the source; the first element of the body is the source unless ``source`` names
    another one. Of a result in place of the Body or the Header the children are taken. With ``target`` it becomes a
    property, as XML, or as text with the property ``transform.xslt.result.disableBuild`` = "true". A stylesheet with
    ``method="text"`` gives a text payload. An empty body is left alone.

    Example::

        <xslt key="conf:/transform/order.xslt" source="//order">
          <property name="currency" expression="$ctx:currency"/>
          <resource location="common.xslt" key="conf:/transform/common.xslt"/>
        </xslt>
    """

    reads_body = True

    key: Value = attr("The stylesheet; `{expression}` chooses it.", refers="local-entry")
    source: Expression | None = attr("What to transform; the first element of the body by default.", default=None)
    target: str | None = attr("Property that takes the result, in place of the payload.", default=None)
    use_cache: bool = attr("Whether to keep the compiled stylesheet.", name="useCache", default=True)
    properties: tuple[NamedValue, ...] = children("Parameters of the stylesheet.", tag="property")
    features: tuple[Feature, ...] = children("Switches of a Java transformer.", tag="feature")
    attributes: tuple[Attribute, ...] = children("Settings of a Java transformer.", tag="attribute")
    resources: tuple[Resource, ...] = children("What the stylesheet includes.", tag="resource")
    _stylesheets: Compiled[Stylesheet] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self._stylesheets = Compiled(compile_stylesheet)

    async def mediate(self, message: MessageContext) -> bool:
        payload = message.payload
        if self.source is None and payload.content() is None:
            return True
        size = len(payload.raw() or b"")
        if self.target is None:
            payload.editable_envelope()
        place = _selection.selected(message, self.source)
        if place is None:
            return True
        output = await self._transformed(message, place, size)
        if self.target is None:
            _selection.replace(message, place, output.element)
        else:
            as_text = str(message.properties.get(_AS_TEXT)).lower() == "true"
            message.set_property(self.target, output.text() if as_text else output.element)
        return True

    async def _transformed(self, message: MessageContext, source: xml.Element, size: int) -> Output:
        try:
            stylesheet = self._stylesheets.get(message, (self.key,), self.resources, keep=self.use_cache)
            parameters = {each.name: each.text(message) for each in self.properties}
            given = {name: value for name, value in parameters.items() if value is not None}
            if size < _LARGE and not stylesheet.is_slow:
                return stylesheet.transform(source, given)
            return await asyncio.to_thread(stylesheet.transform, source, given)
        except Fault as fault:
            message_ = f"xslt '{self.key.source}': {fault.message}"
            raise Fault(message_, code=fault.code, detail=fault.detail, status=fault.status) from None
