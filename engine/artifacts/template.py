"""<template>"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from engine.core.artifact import Artifact, require_name
from engine.core.faults import with_handler
from engine.core.frames import LEAVE_TEMPLATE
from engine.core.mediator import Mediator
from engine.core.sequence import run_named
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, body, children, element, inline
from engine.declare.spec import Node
from engine.errors import ErrorCode, Fault
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext
from engine.message.parameters import Parameters
from engine.source import Element


@element("parameter")
class TemplateParameter(Node):
    """A parameter that callers may or must give."""

    name: str = attr("Name, read inside as $func:NAME.")
    mandatory: bool = attr("Whether a call without it is a fault.", name="isMandatory", default=False)
    default: str | None = attr("Value when the caller gives none.", name="defaultValue", default=None)


@element("template", kind="artifact", category="artifact")
class Template(Artifact):
    """Name a sequence with parameters, to be run with <call-template target="…">; or an endpoint with parameters.

    A parameter that is neither given nor has a default is not there at all: ``$func:x`` is null (Synapse trap 6).

    With an ``<endpoint>`` inside, ``<endpoint template="…" uri="…">`` makes endpoints from it: attributes and texts
    that are ``$name``, ``$uri`` or ``$PARAMETER`` as a whole get the values given there.

    Example::

        <template name="greet">
          <parameter name="who" isMandatory="true"/>
          <sequence><log level="custom"><property name="hello" expression="$func:who"/></log></sequence>
        </template>
    """

    kind: ClassVar[str] = "template"

    name: str = attr("Name of the template.")
    on_error: str | None = attr("Sequence that takes faults.", name="onError", default=None, refers="sequence")
    parameters: tuple[TemplateParameter, ...] = children("Parameters.", tag="parameter")
    steps: tuple[Mediator, ...] | None = body("The mediators.", tag="sequence")
    content: tuple[Element, ...] = inline("An `<endpoint>` in place of the sequence.")

    def __post_init__(self) -> None:
        require_name("template", self.name)
        if self.endpoint_element is not None and self.steps is not None:
            raise Unacceptable("a template holds a <sequence> or an <endpoint>, not both.", code="one-of")

    @property
    def endpoint_element(self) -> Element | None:
        """The ``<endpoint>`` of an endpoint template."""
        return next((each for each in self.content if each.tag == "endpoint"), None)

    @property
    def parameter_names(self) -> frozenset[str]:
        return frozenset(each.name for each in self.parameters)

    async def invoke(
        self, message: MessageContext, arguments: Mapping[str, Any], computed: frozenset[str] = frozenset()
    ) -> bool:
        """Run the body with ``arguments``; lazy ones (``{{…}}``) are evaluated at each use (trap 7).

        ``computed`` names those that expressions gave.

        Raises Fault 500101 when a mandatory parameter is missing.
        """
        if self.steps is None and self.endpoint_element is not None:
            raise Fault(f"template '{self.name}' is an endpoint template", detail='Use <endpoint template="…">.')
        frames = message.frames
        message.functions.append(self._parameters(arguments, computed))
        frames.append(LEAVE_TEMPLATE)
        try:
            work = run_named(f"template '{self.name}'", self.steps or (), message)
            return await with_handler(message, self.on_error, work)
        finally:
            frames.pop()
            message.functions.pop()

    def _parameters(self, arguments: Mapping[str, Any], computed: frozenset[str]) -> Parameters:
        # A null argument was passed all the same: no value, and no default either (TemplateContext.setupParams).
        values = {name: value for name, value in arguments.items() if value is not None}
        for parameter in self.parameters:
            if parameter.name in arguments:
                continue
            if parameter.default is not None:
                values[parameter.name] = parameter.default
            elif parameter.mandatory:
                raise Fault(
                    f"template '{self.name}' needs the parameter '{parameter.name}'", code=ErrorCode.MISSING_PARAMETER
                )
        lazy = [name for name, value in values.items() if isinstance(value, Value)]
        return Parameters(values, lazy, computed)
