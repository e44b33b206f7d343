from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from engine.artifacts.inbound_endpoint import InboundEndpoint
from engine.core.java_class import InboundClass, Inject, JavaClass, java_class
from engine.testing.harness import Harness, LoadError

FLOWS = """
    <sequence name="take">
      <property name="word" expression="json-eval($.word)"/>
      <filter source="get-property('word')" regex="bad">
        <then><throwError type="X" errorMessage="no"/></then>
        <else><class name="test.Keep"/></else>
      </filter>
    </sequence>
    <inboundEndpoint name="i" class="test.Words" sequence="take" suspend="false"><parameters>
      <parameter name="interval">1</parameter>
      <parameter name="words">%s</parameter>
    </parameters></inboundEndpoint>"""


class Words(InboundClass):
    """Takes the words of its parameter; an empty one is an error of the class."""

    outcomes: list[bool]
    begun = 0

    def __init__(self, name: str, parameters: Mapping[str, str]) -> None:
        super().__init__(name, parameters)
        self.words = parameters["words"].split(",")
        Words.outcomes, Words.begun = [], 0

    async def receive(self, inject: Inject) -> None:
        Words.begun += 1
        while self.words:
            word = self.words.pop(0)
            if not word:
                raise ConnectionError("the line is dead")
            body = f'{{"word": "{word}"}}'
            self.outcomes.append(await inject(body, "application/json", {"X-From": self.name}, {"length": len(word)}))


class Keep(JavaClass):
    kept: list[tuple[Any, ...]]

    def mediate(self, message: Any) -> None:
        properties = message.properties
        self.kept.append((properties["word"], properties["length"], message.headers.get("x-from")))
        assert (properties["isInbound"], properties["inbound.endpoint.name"]) == (True, "i")


@pytest.fixture(autouse=True)
def registered() -> None:
    java_class("test.Words")(Words)
    java_class("test.Keep")(Keep)
    Keep.kept = []


async def run(words: str, begun: int) -> None:
    """Run the endpoint until its class has begun so often."""
    harness = Harness(FLOWS % words)
    [found] = [each for each in harness.snapshot.artifacts() if isinstance(each, InboundEndpoint)]
    running = asyncio.create_task(found.run(lambda: harness.snapshot))
    while Words.begun < begun:
        await asyncio.sleep(0.001)
        assert not running.done()
    running.cancel()
    await harness.services.drain(10)


async def test_each_message_runs_through_the_sequence() -> None:
    await run("one,bad,three", begun=2)
    assert Keep.kept == [("one", 3, "i"), ("three", 5, "i")]
    assert Words.outcomes == [True, False, True]


async def test_a_class_that_fails_begins_again(caplog: pytest.LogCaptureFixture) -> None:
    await run("one,,three", begun=3)
    assert [word for word, *_ in Keep.kept] == ["one", "three"]
    assert "inbound endpoint 'i': ConnectionError: the line is dead" in caplog.messages


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ('class="test.Words"', "the class test.Words refuses its parameters: KeyError: 'words'"),
        ('class="test.Keep"', "the class test.Keep is one for <class>."),
        ('class="test.None"', "the Java class test.None has no port."),
    ],
)
def test_mistakes_are_found_at_load(given: str, problem: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(f'<sequence name="take"/><inboundEndpoint name="i" {given} sequence="take"/>')
    [found] = raised.value.problems
    assert problem in found.message


def test_a_class_for_endpoints_is_no_mediator() -> None:
    with pytest.raises(LoadError) as raised:
        Harness('<sequence name="take"><class name="test.Words"/></sequence>')
    [found] = raised.value.problems
    assert "the class test.Words is one for <inboundEndpoint>." in found.message
