from __future__ import annotations

import re

import pytest

from engine.artifacts._inbound import Inbound
from engine.artifacts._inbound_http import Listener
from engine.core.env import Services
from engine.core.flow import Flow, Part
from engine.declare.convert import Unacceptable

NOTHING = Part("nothing")


@pytest.mark.parametrize("port", ["", "0", "65536", "x", "-1"])
def test_what_is_no_port(port: str) -> None:
    with pytest.raises(Unacceptable, match="must be the number of a port"):
        Listener(Inbound("i", {"inbound.http.port": port}, Flow("i", NOTHING, NOTHING, NOTHING)))


def test_services_need_no_sequence() -> None:
    made = Listener(Inbound("i", {"inbound.http.port": "1", "dispatch.filter.pattern": "/a/.*"}, None))
    assert made.serves == Services(re.compile("/a/.*"))


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({}, "an inbound endpoint needs a sequence."),
        ({"dispatch.filter.pattern": "*"}, "the parameter 'dispatch.filter.pattern' is no regular expression: "),
    ],
)
def test_mistakes(parameters: dict[str, str], problem: str) -> None:
    with pytest.raises(Unacceptable) as raised:
        Listener(Inbound("i", {"inbound.http.port": "1"} | parameters, None))
    assert raised.value.message.startswith(problem)
