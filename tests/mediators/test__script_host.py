from __future__ import annotations

import logging
from typing import Any

import pytest
from lxml import etree

from engine.errors import Fault
from engine.mediators import _script_host
from engine.mediators._script_host import Host
from engine.message.codecs import json
from engine.message.context import MessageContext
from engine.testing.harness import Harness


async def given(message: MessageContext, *reads: tuple[str, ...]) -> Any:
    return json.decode((await Host(message).given(set(reads), [], False)).encode())["given"]


async def test_reads() -> None:
    harness = Harness('<localEntry key="e">text</localEntry>')
    message = harness.message(b"<a><b>x</b></a>", "application/xml", headers={"SOAPAction": '"do"'})
    message.properties = {"s": "v", "x": etree.fromstring("<p/>"), "n": 5}
    assert await given(message, ("property", "s"), ("property", "x"), ("property", "none"), ("entry", "e")) == {
        "property": {"s": "v", "x": {"\0xml": "<p/>"}, "none": None},
        "entry": {"e": "text"},
    }
    assert await given(message, ("xml",), ("json",), ("text",)) == {
        "xml": "<a><b>x</b></a>",
        "json": None,
        "text": "<a><b>x</b></a>",
    }
    assert (await given(message, ("body",)))["body"] == {"text": "", "name": "a", "xml": "<a><b>x</b></a>"}
    head = (await given(message, ("head",)))["head"]
    assert (head["action"], head["pox"], head["fault"], head["to"]) == ("do", True, False, None)
    assert await given(message, ("xpath", "//b"), ("xpath", "count(//b)"), ("xpath", "//none")) == {
        "xpath": {
            "//b": [{"text": "x", "name": "b", "xml": "<b>x</b>"}],
            "count(//b)": [{"text": "1.0", "name": "", "xml": "1.0"}],
            "//none": [],
        }
    }
    assert sorted((await given(message, ("properties",)))["properties"]) == ["n", "s", "x"]


async def test_an_xpath_that_is_none_is_a_fault() -> None:
    with pytest.raises(Fault, match="cannot be compiled"):
        await given(Harness().message(b"<a/>", "application/xml"), ("xpath", "//["))


async def test_a_body_that_cannot_be_read_is_a_fault() -> None:
    with pytest.raises(Fault) as caught:
        await given(Harness().message(b"{nope"), ("json",))
    assert caught.value.status == 400


async def test_effects(caplog: pytest.LogCaptureFixture) -> None:
    harness = Harness()
    message = harness.message(b"{}")
    with caplog.at_level(logging.INFO, "myelin.script"):
        await Host(message).apply(
            [
                ["set", "default", "x", {"\0xml": "<p>1</p>"}],
                ["set", "default", "o", {"a": [1]}],
                ["resource", "r", "content"],
                ["log", "warn", "careful"],
                ["action", "go"],
                ["address", "To", "http://x"],
                ["empty"],
            ]
        )
    assert message.properties["x"].tag == "p"
    assert message.properties["o"] == {"a": [1]}
    assert harness.services.registry.get("r") == b"content"
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert (message.headers.get("SOAPAction"), message.to, message.payload.kind) == ('"go"', "http://x", "empty")
    await Host(message).apply([["unresource", "r"]])
    assert harness.services.registry.get("r") is None


async def test_sleeps_are_added_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    slept = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(_script_host.asyncio, "sleep", sleep)
    await Host(Harness().message()).apply([["sleep", 100], ["sleep", 150]])
    await Host(Harness().message()).apply([["sleep", 10_000_000]])
    assert slept == [0.25, _script_host.LONGEST_SLEEP]
