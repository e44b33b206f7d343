"""Endpoints made from an endpoint template: ``$name``, ``$uri`` and the template's parameters are filled in."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Protocol, cast, runtime_checkable

from engine.core.env import Environment
from engine.declare.build import Builder
from engine.declare.catalog import Catalog
from engine.endpoints._kind import Child
from engine.errors import ErrorCode, Fault
from engine.source import Element

_ALWAYS = frozenset({"name", "uri"})


@runtime_checkable
class EndpointTemplate(Protocol):
    """A template that holds an ``<endpoint>``."""

    @property
    def endpoint_element(self) -> Element | None: ...

    @property
    def parameter_names(self) -> frozenset[str]: ...


class TemplateUse:
    """One ``<endpoint template="…">``: the template's name, the arguments, and the endpoint that came of it."""

    def __init__(self, template: str, arguments: Mapping[str, str], name: str) -> None:
        self.name = name
        self._template = template
        self._arguments = arguments
        self._made_from: object = None
        self._made: Child | None = None

    def endpoint(self, env: Environment) -> Child:
        """The endpoint, made again when the template was deployed anew. Raises Fault 305100 when it cannot be made."""
        try:
            template = env.template(self._template)
        except Fault as fault:
            fault.code = ErrorCode.INDIRECT_NOT_READY
            raise
        if self._made is None or template is not self._made_from:
            self._made, self._made_from = self._make(template), template
        return self._made

    def _make(self, template: object) -> Child:
        element = template.endpoint_element if isinstance(template, EndpointTemplate) else None
        if element is None:
            raise self._fault("it holds a sequence")
        assert isinstance(template, EndpointTemplate)  # it has an element
        names = template.parameter_names | _ALWAYS
        filled = _filled(element, {f"${key}": value for key, value in self._arguments.items() if key in names})
        # Two uses of a template that gives a fixed name are two endpoints all the same.
        filled.attributes["name"] = self.name
        builder = Builder(_catalog())
        spec = builder.catalog.get("endpoint", "endpoint")
        assert spec is not None  # endpoint.py declares it
        node = builder.node(spec, filled)
        if node is None:
            raise self._fault("; ".join(str(each) for each in builder.problems if each.severity == "error"))
        return cast(Child, node)

    def _fault(self, reason: str) -> Fault:
        text = f"endpoint '{self.name}' cannot be made from template '{self._template}': {reason}"
        return Fault(text, code=ErrorCode.INDIRECT_NOT_READY)


@cache
def _catalog() -> Catalog:
    return Catalog.scan("engine.endpoints")


def _filled(element: Element, values: Mapping[str, str]) -> Element:
    """A copy in which attributes and texts that are ``$parameter`` as a whole have its value."""
    return dataclasses.replace(
        element,
        attributes={name: values.get(text, text) for name, text in element.attributes.items()},
        children=[_filled(child, values) for child in element.children],
        text=values.get(element.text.strip(), element.text),
    )
