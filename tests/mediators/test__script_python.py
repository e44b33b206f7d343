from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.mediators._script_python import run
from engine.testing.harness import Harness


@pytest.mark.parametrize(
    ("source", "function", "arguments", "result"),
    [
        ("result = mc.getProperty('p') is None", None, [], True),
        ("\n    x = mc.getPayloadJSON()['a']\n    result = x + 1\n", None, [], 9007199254740994),
        ("def f(mc, n):\n    return n * 2", "f", [21], 42),
        ("result = 'on' if mc.getVariable('v') is None else 'off'", None, [], "on"),
    ],
)
async def test_results(source: str, function: str | None, arguments: list[Any], result: Any) -> None:
    message = Harness().message(b'{"a": 9007199254740993}')
    assert await run(source, function, message, arguments, "s.py") == result


async def test_what_mc_changes() -> None:
    message = Harness().message(b"{}")
    source = (
        "mc.setProperty('a', 1)\nmc.setProperty('h', 'H', 'transport')\nmc.setVariable('v', [1])\n"
        "mc.removeProperty('gone')\nmc.setPayloadJSON({'x': 1})\nassert mc.getPayloadText() == '{\"x\":1}'\n"
        "assert mc.getPayloadXML().tag == 'jsonObject'\nmc.setPayloadXML('<b/>')"
    )
    message.properties["gone"] = 1
    await run(source, None, message, [], "s.py")
    assert message.properties == {"a": 1}
    assert (message.headers.get("h"), message.variables["v"]) == ("H", [1])
    assert message.payload.text() == "<b/>"


@pytest.mark.parametrize(
    ("source", "function", "text"),
    [
        ("1 / 0", None, "ZeroDivisionError"),
        ("x = (", None, "SyntaxError"),
        ("", "f", "no function 'f'"),
        ("mc.setPayloadXML('<a>')", None, "not XML"),
    ],
)
async def test_failures_are_faults(source: str, function: str | None, text: str) -> None:
    with pytest.raises(Fault, match=text):
        await run(source, function, Harness().message(b"{}"), [], "s.py")
