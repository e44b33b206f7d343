from __future__ import annotations

import threading
from typing import Any

import pytest

from engine.core.java_class import JavaClass, java_class
from engine.errors import Fault
from engine.message.context import MessageContext
from engine.testing.harness import Harness


@java_class("org.example.Keeper")
class Keeper(JavaClass):
    """Keeps what it was given."""

    text: str = "default"
    whole_number: int = 0
    factor: float = 1.0
    on: bool = False
    xml: Any = None
    result: Any = True

    def mediate(self, message: MessageContext) -> bool | None:
        message.properties["kept"] = (self.text, self.whole_number, self.factor, self.on)
        message.properties["xml"] = self.xml
        return None if self.result is True else bool(self.result == "go on")

    def add(self, message: MessageContext, a: int, b: int) -> int:
        return a + b

    async def wait(self, message: MessageContext) -> str:
        return "waited"


@java_class("org.example.Blocking")
class Blocking(JavaClass):
    blocks = True

    def mediate(self, message: MessageContext) -> None:
        message.properties["thread"] = threading.current_thread() is threading.main_thread()


@java_class("org.example.Broken")
class Broken(JavaClass):
    def mediate(self, message: MessageContext) -> None:
        raise ValueError("no good")


async def ran(xml: str, **properties: Any) -> MessageContext:
    harness = Harness()
    message = harness.message(b'{"n": 7}')
    message.properties.update(properties)
    assert await harness.run(xml, message) is True
    return message


async def test_properties_are_typed() -> None:
    message = await ran(
        '<class name="org.example.Keeper"><property name="text" value="x"/><property name="wholeNumber" value="5"/>'
        '<property name="factor" value="1.5"/><property name="on" value="true"/></class>'
    )
    assert message.properties["kept"] == ("x", 5, 1.5, True)


async def test_computed_properties_belong_to_their_message() -> None:
    harness = Harness()
    [step] = harness.steps(
        '<class name="org.example.Keeper"><property name="text" expression="$ctx:who"/>'
        '<property name="whole_number" expression="json-eval($.n)"/></class>'
    )
    for who in ("ann", None):
        message = harness.message(b'{"n": 7}')
        message.properties["who"] = who
        await step.mediate(message)
        assert message.properties["kept"][:2] == (who, 7)
    message = await ran('<class name="org.example.Keeper"/>')
    assert message.properties["kept"] == ("default", 0, 1.0, False)


async def test_xml_inside_a_property() -> None:
    message = await ran('<class name="org.example.Keeper"><property name="xml"><a xmlns="">1</a></property></class>')
    assert message.properties["xml"].text == "1"


@pytest.mark.parametrize(("result", "goes_on"), [("go on", True), ("stop", False)])
async def test_false_ends_the_flow(result: str, goes_on: bool) -> None:
    harness = Harness()
    xml = f'<class name="org.example.Keeper"><property name="result" value="{result}"/></class>'
    assert await harness.run(xml, harness.message(b"{}")) is goes_on


async def test_a_method_with_arguments_and_a_target() -> None:
    message = await ran(
        '<class name="org.example.Keeper" target="variable" target-variable="sum" method="add"><inputs>'
        '<argument name="a" type="INTEGER" value="2"/><argument name="b" type="LONG" expression="json-eval($.n)"/>'
        "</inputs></class>"
    )
    assert message.variables["sum"] == 9


async def test_methods_may_be_async_and_results_may_become_the_body() -> None:
    message = await ran('<class name="org.example.Keeper" target="body" method="wait"/>')
    assert message.payload.text() == "waited"


async def test_a_class_that_blocks_runs_in_a_thread() -> None:
    message = await ran('<class name="org.example.Blocking"/>')
    assert message.properties["thread"] is False


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ('<class name="org.example.Broken"/>', "org.example.Broken failed: ValueError: no good"),
        (
            '<class name="org.example.Keeper"><property name="wholeNumber" expression="$ctx:none2"/></class>',
            "whole_number",
        ),
    ],
)
async def test_failures_are_faults(xml: str, text: str) -> None:
    with pytest.raises(Fault, match=text):
        await ran(xml, none2="not a number")


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        ("<class/>", "error[missing-attribute]: <class> needs the attribute 'name'."),
        (
            '<class name="org.example.Keepr"/>',
            "error[unsupported]: <class>: the Java class org.example.Keepr has no port. "
            "Did you mean 'org.example.Keeper'?",
        ),
        (
            '<class name="com.acme.Nothing"/>',
            "error[unsupported]: <class>: the Java class com.acme.Nothing has no port. Write it in Python, with "
            "@java_class(\"com.acme.Nothing\"), and name its folder in the setting 'classes'.",
        ),
        (
            '<class name="org.example.Keeper"><property name="txt" value="x"/></class>',
            "error[bad-value]: <class>: the class has no property 'txt'. Did you mean 'text'?",
        ),
        (
            '<class name="org.example.Keeper"><property name="wholeNumber" value="x"/></class>',
            "error[bad-value]: <class>: 'x' is no value of the property 'wholeNumber'.",
        ),
        (
            '<class name="org.example.Keeper" target="none" method="nothing"/>',
            "error[bad-value]: <class>: the class has no method 'nothing'.",
        ),
        (
            '<class name="org.example.Keeper" target="variable"/>',
            "error[missing-attribute]: <class>: target='variable' needs the attribute 'target-variable'.",
        ),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, problem: str) -> None:
    assert Harness().problems(f"\n{xml}") == [f"2:1: {problem}"]


def test_a_class_without_a_port_disturbs_nothing_else() -> None:
    harness = Harness()
    assert len(harness.problems('<class name="com.acme.Nothing"/><drop/>')) == 1
