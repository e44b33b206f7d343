from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from engine.errors import Fault
from engine.mediators._inputs import Target, keep
from engine.testing.harness import Harness


@pytest.mark.parametrize(
    ("result", "text", "type_"),
    [
        ({"a": 1}, '{"a":1}', "application/json"),
        ("x", "x", "text/plain"),
        (etree.fromstring("<a/>"), "<a/>", "application/xml"),
    ],
)
def test_the_body_as_target(result: Any, text: str, type_: str) -> None:
    message = Harness().message(b"old", "text/plain")
    keep(message, "body", None, result)
    assert (message.payload.text(), message.message_type) == (text, type_)


@pytest.mark.parametrize(("target", "variables"), [("variable", {"v": 5}), ("none", {})])
def test_other_targets(target: Target, variables: dict[str, Any]) -> None:
    message = Harness().message(b"old", "text/plain")
    keep(message, target, "v", 5)
    assert (message.variables, message.payload.text()) == (variables, "old")


async def test_an_argument_of_the_wrong_type_is_a_fault() -> None:
    harness = Harness('<localEntry key="f">function mediate(mc, n) {}</localEntry>')
    xml = (
        '<script language="js" key="f" target="none"><inputs><argument name="n" type="INTEGER" expression="$ctx:x"/>'
        "</inputs></script>"
    )
    with pytest.raises(Fault, match="'n' is no value of the type INTEGER"):
        await harness.run(xml, harness.message(b"{}"))
