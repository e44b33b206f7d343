from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness


@pytest.mark.parametrize(
    ("attributes", "code", "text"),
    [
        ('type="E1" errorMessage="no such order"', "E1", "no such order"),
        ('type="E1" errorMessage="{json-eval($.reason)}"', "E1", "sold out"),
        ('type="E1" errorMessage="{$ctx:missing}"', "E1", "Error occurred in the mediation flow"),
        ('type="E1"', "E1", "Error occurred in the mediation flow"),
        ('errorMessage="no"', "ANY", "no"),
        ('type="" errorMessage=""', "ANY", "Error occurred in the mediation flow"),
    ],
)
async def test_the_fault(attributes: str, code: str, text: str) -> None:
    harness = Harness()
    message = harness.message(b'{"reason": "sold out"}')
    with pytest.raises(Fault) as caught:
        await harness.run(f"\n<throwError {attributes}/>", message)
    assert (caught.value.code, caught.value.message, caught.value.status) == (code, text, 500)
    assert caught.value.at() == "test.xml:2:1 <throwError>"


async def test_trap_42_its_code_replaces_the_one_of_an_earlier_fault() -> None:
    harness = Harness('<sequence name="handler"/>')
    message = harness.message()
    message.properties["ERROR_CODE"] = 101503
    xml = '<sequence name="s" onError="handler"><throwError type="E2" errorMessage="two"/></sequence>'
    assert await harness.run(xml, message) is False
    assert message.properties["ERROR_CODE"] == "E2"
    assert message.properties["ERROR_MESSAGE"] == "two"
