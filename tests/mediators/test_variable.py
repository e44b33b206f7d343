from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from engine.errors import Fault
from engine.message.codecs.json import JsonNumber
from engine.testing.harness import Harness

BODY = b'{"s":"text","i":5,"f":2.50,"big":9007199254740993,"t":true,"n":null,"o":{"a":[1]},"xml":"<a>1</a>"}'


async def _value(attributes: str, body: bytes = BODY, content_type: str = "application/json") -> Any:
    harness = Harness()
    message = harness.message(body, content_type)
    message.properties["p"] = "7"
    message.variables["v"] = "before"
    assert await harness.run(f'<variable name="v" {attributes}/>', message) is True
    value = message.variables.get("v", "removed")
    return etree.tostring(value) if isinstance(value, etree._Element) else value


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('value="5"', "5"),
        ('value=""', ""),
        ('value="5" type="STRING"', "5"),
        ('value="5" type="INTEGER"', 5),
        ('value="-9223372036854775808" type="LONG"', -(2**63)),
        ('value="2.5" type="DOUBLE"', 2.5),
        ('value="yes" type="BOOLEAN"', True),
        ('value="no" type="BOOLEAN"', False),
        ('value=\'{"a":[1,null]}\' type="JSON"', {"a": [1, None]}),
        ('value="no json" type="JSON"', "no json"),
        ('value="&lt;a>é&lt;/a>" type="XML"', b"<a>&#233;</a>"),
    ],
)
async def test_constants(attributes: str, expected: Any) -> None:
    found = await _value(attributes)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('expression="${payload.s}"', "text"),
        ('expression="${payload.i}"', 5),
        ('expression="${payload.big}"', 9007199254740993),
        ('expression="${payload.f}"', JsonNumber("2.50")),
        ('expression="${payload.o}"', {"a": [1]}),
        ('expression="${payload.i / 2}"', 2.5),
        ('expression="${payload.missing}"', ""),
        ('expression="${payload.n}"', ""),
        ('expression="${payload.f}" type="STRING"', "2.50"),
        ('expression="${payload.o}" type="STRING"', '{"a":[1]}'),
        ('expression="${payload.f}" type="INTEGER"', 2),
        ('expression="${payload.i}" type="LONG"', 5),
        ('expression="${payload.i}" type="DOUBLE"', 5.0),
        ('expression="${payload.t}" type="BOOLEAN"', True),
        ('expression="${payload.o}" type="JSON"', {"a": [1]}),
        ('expression="${payload.xml}" type="XML"', b"<a>1</a>"),
        ('expression="json-eval($.o.a)"', [1]),
        ('expression="json-eval($.missing)"', ""),
        ('expression="json-eval($.i)" type="STRING"', "5"),
        ('expression="$ctx:p"', "7"),
        ('expression="$ctx:none"', "before"),
        ('action="remove"', "removed"),
        ('action="remove" value="5"', "removed"),
    ],
)
async def test_expressions(attributes: str, expected: Any) -> None:
    found = await _value(attributes)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    "attributes",
    [
        'expression="${payload.s}" type="INTEGER"',
        'expression="${payload.big}" type="INTEGER"',
        'expression="${5.5}" type="INTEGER"',
        'expression="${payload.i}" type="BOOLEAN"',
        'expression="${payload.t}" type="DOUBLE"',
        'expression="${payload.missing}" type="LONG"',
        'expression="${xpath(\'//s\')}" type="JSON"',
    ],
)
async def test_a_value_of_another_type_is_a_fault(attributes: str) -> None:
    with pytest.raises(Fault, match=r"variable 'v': .* is no value of the type"):
        await _value(attributes)


async def test_what_is_no_xml_is_a_fault() -> None:
    with pytest.raises(Fault, match="variable 'v': the value is not XML"):
        await _value('expression="${payload.s}" type="XML"')


async def test_a_value_does_not_change_with_the_payload() -> None:
    harness = Harness()
    message = harness.message(BODY, "application/json")
    await harness.run('<variable name="o" expression="${payload.o}"/>', message)
    message.payload.json()["o"]["a"].append(2)
    assert message.variables["o"] == {"a": [1]}


async def test_variables_are_read_by_xpath_with_their_types() -> None:
    harness = Harness()
    message = harness.message(b"<o><id>7</id></o>", "application/xml")
    steps = """
        <variable name="count" value="3" type="INTEGER"/>
        <variable name="order" expression="${xpath('//o')}"/>
        <variable name="single" expression="${xpath('//o')}" type="XML"/>
        <property name="more" expression="$var:count > 2"/>
        <property name="id" expression="$var:order/id"/>
        <property name="also" expression="$var:single/id/text()"/>
        <property name="none" expression="string($var:none)"/>
    """
    assert await harness.run(steps, message) is True
    assert {name: message.properties[name] for name in ("more", "id", "also", "none")} == {
        "more": "true",
        "id": "7",
        "also": "7",
        "none": "",
    }


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ('name=""', "error[missing-attribute]: <variable>: the name is empty."),
        ('value="1"', "error[missing-attribute]: <variable> needs the attribute 'name'."),
        ('name="a"', "error[missing-attribute]: <variable>: there is no value to set. Add value= or expression=."),
        (
            'name="a" value="x" type="INTEGER"',
            "error[bad-value]: <variable>: 'x' is no value of the type INTEGER.",
        ),
        (
            'name="a" value="x" type="FLOAT"',
            "error[bad-choice]: 'FLOAT' is not one of STRING, BOOLEAN, INTEGER, LONG, DOUBLE, JSON, XML.",
        ),
    ],
)
def test_mistakes_are_problems_at_load(attributes: str, problem: str) -> None:
    [found] = Harness().problems(f"<variable {attributes}/>")
    assert problem in found


@pytest.mark.parametrize("number", ["1e999999999", "-1E+1000000"])
async def test_a_number_beyond_all_bounds_is_a_fault_as_any_other(number: str) -> None:
    harness = Harness()
    message = harness.message(f'{{"n": {number}}}'.encode())
    with pytest.raises(Fault, match="is no value of the type LONG"):
        await harness.run('<variable name="v" expression="${payload.n}" type="LONG"/>', message)
