from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness


async def test_the_properties_are_set_in_order() -> None:
    harness = Harness()
    message = harness.message(b'{"a": "1"}')
    xml = """<propertyGroup>
      <property name="a" expression="json-eval($.a)"/>
      <property name="b" expression="fn:concat($ctx:a, '2')"/>
      <property name="a" action="remove"/>
    </propertyGroup>"""
    assert await harness.run(xml, message) is True
    assert message.properties == {"b": "12"}


async def test_an_empty_group_does_nothing() -> None:
    harness = Harness()
    message = harness.message()
    assert await harness.run("<propertyGroup/>", message) is True
    assert message.properties == {}


async def test_a_fault_tells_the_property() -> None:
    harness = Harness()
    xml = '<propertyGroup>\n<property name="a" expression="$ctx:x" type="LONG"/></propertyGroup>'
    with pytest.raises(Fault) as caught:
        await harness.run(xml, harness.message())
    assert caught.value.at() == "test.xml:2:1 <property>"


def test_other_children_are_ignored_with_a_warning() -> None:
    assert Harness().problems("\n<propertyGroup><log/></propertyGroup>") == [
        "2:16: warning[unknown-element]: <log> is not known inside <propertyGroup>; it is ignored."
    ]
