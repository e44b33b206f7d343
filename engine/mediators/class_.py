"""<class>"""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import difflib
import functools
import inspect
import re
from collections.abc import Callable
from typing import Any

from engine.core.java_class import TYPES, JavaClass, registered_names
from engine.core.mediator import Mediator
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, child, children, element, inline
from engine.declare.spec import Node, OneOf, Requires
from engine.errors import Fault, did_you_mean
from engine.expressions.base import Expression
from engine.mediators._inputs import Inputs, Target, keep
from engine.mediators._property_types import TypeName, from_constant
from engine.message.context import MessageContext
from engine.source import Element

_TYPE_NAMES: dict[Any, TypeName] = {str: "STRING", int: "LONG", float: "DOUBLE", bool: "BOOLEAN"}
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


@element("property", rules=(OneOf(("value", "expression", "xml"), optional=True),))
class ClassProperty(Node):
    """A value for an attribute of the class."""

    name: str = attr("Name of the attribute; `fooBar` is `foo_bar` in Python.")
    value: str | None = attr("Constant value.", default=None)
    expression: Expression | None = attr("Computes the value for each message.", default=None)
    xml: tuple[Element, ...] = inline("The value, as XML.")


@element("class", kind="mediator", category="extension", rules=(Requires("method", ("target",)),))
class Class(Mediator):
    """Run a class: a Python class that is registered under the Java name.

    Synapse loads Java classes. Here, those that sign and hash for public connectors have ports, as have those of
    Synapse's samples and its own LogMediator, DropMediator, RespondMediator, LoopBackMediator and SendMediator. Your
    own are written in Python (`engine.api.JavaClass`) and found in installed packages (entry points of the group
    `myelin.classes`) or in the folder that the setting `classes` names. With ``target``, ``method`` is called with the
    ``inputs``, and its result goes there.

    Example::

        <class name="org.wso2.carbon.connector.amazons3.auth.AmazonS3AuthConnector"/>
    """

    name: str = attr("Java name of the class.")
    target: Target | None = attr("Where the method's result goes.", default=None)
    target_variable: str | None = attr("Name of the variable.", name="target-variable", default=None)
    method: str = attr("Method to call.", default="mediate")
    result_type: TypeName | None = attr("Type of the result, for editors.", name="result-type", default=None)
    properties: tuple[ClassProperty, ...] = children("Values for the attributes of the class.", tag="property")
    inputs: Inputs | None = child("Arguments of the method.", tag="inputs")
    _instance: JavaClass = dataclasses.field(init=False)
    _computed: tuple[tuple[str, Any, Expression], ...] = dataclasses.field(init=False, default=())

    def __post_init__(self) -> None:
        # Any class may look into the body.
        self.reads_body = True
        if self.target == "variable" and not self.target_variable:
            raise Unacceptable("target='variable' needs the attribute 'target-variable'.", code="missing-attribute")
        self._instance = self._found()()
        self._computed = tuple(self._set(each) for each in self.properties if each.expression is not None)
        for each in self.properties:
            if each.expression is None:
                self._set_constant(each)
        if not callable(getattr(self._instance, self.method, None)):
            raise Unacceptable(f"the class has no method '{self.method}'.")

    async def mediate(self, message: MessageContext) -> bool:
        instance = self._instance
        if self._computed:
            instance = copy.copy(instance)
            for name, type_, expression in self._computed:
                setattr(instance, name, self._converted(name, type_, expression.text(message)))
        arguments = {each.name: each.evaluate(message) for each in self.inputs.arguments} if self.inputs else {}
        method = functools.partial(getattr(instance, self.method), message, **arguments)
        result = await self._call(instance, method)
        if self.target is None:
            return result is not False
        keep(message, self.target, self.target_variable, result)
        return True

    async def _call(self, instance: JavaClass, method: Callable[[], Any]) -> Any:
        try:
            result = await asyncio.to_thread(method) if instance.blocks else method()
            return await result if inspect.isawaitable(result) else result
        except Fault:
            raise
        except Exception as error:
            raise Fault(f"the class {self.name} failed: {type(error).__name__}: {error}") from error

    # ---------------------------------------------------------------- at load

    def _found(self) -> type[JavaClass]:
        from engine import ported
        from engine.mediators import _synapse_classes  # noqa: F401  # it registers them

        found = ported.find(self.name)
        if found is not None and not issubclass(found, JavaClass):
            raise Unacceptable(f"the class {self.name} is one for <inboundEndpoint>.")
        if found is None:
            # Java names are long and begin alike.
            near = difflib.get_close_matches(self.name, registered_names(), n=1, cutoff=0.95)
            way_out = (
                f"Write it in Python, with @java_class(\"{self.name}\"), and name its folder in the setting 'classes'."
            )
            hint = f"Did you mean '{near[0]}'?" if near else way_out
            raise Unacceptable(f"the Java class {self.name} has no port.", code="unsupported", hint=hint)
        return found

    def _set(self, given: ClassProperty) -> tuple[str, Any, Expression]:
        name, type_ = self._attribute(given.name)
        assert given.expression is not None
        return name, type_, given.expression

    def _set_constant(self, given: ClassProperty) -> None:
        name, type_ = self._attribute(given.name)
        if given.xml:
            setattr(self._instance, name, given.xml[0].to_lxml())
            return
        try:
            setattr(self._instance, name, _typed(type_, given.value or ""))
        except ValueError:
            raise Unacceptable(f"'{given.value}' is no value of the property '{given.name}'.") from None

    def _attribute(self, given: str) -> tuple[str, Any]:
        attributes = type(self._instance).attributes()
        for name in (given, _HUMP.sub(lambda match: f"_{match[1].lower()}", given)):
            if name in attributes:
                return name, attributes[name]
        raise Unacceptable(f"the class has no property '{given}'.", hint=did_you_mean(given, attributes))

    def _converted(self, name: str, type_: Any, text: str | None) -> Any:
        if text is None:
            return None
        try:
            return _typed(type_, text)
        except ValueError:
            raise Fault(f"the property '{name}' of the class {self.name} has no value of its type") from None


def _typed(type_: Any, text: str) -> Any:
    return from_constant(_TYPE_NAMES[type_], text) if type_ in TYPES else text
