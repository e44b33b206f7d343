from __future__ import annotations

import pytest

from engine.artifacts._inbound import Inbound, listener, protocols
from engine.core.flow import Flow, Part
from engine.declare.convert import Unacceptable

NOTHING = Part("nothing")


def inbound(**parameters: str) -> Inbound:
    return Inbound("i", parameters, Flow("i", NOTHING, NOTHING, NOTHING))


def test_a_protocol_is_a_file() -> None:
    assert {"file", "http"} <= set(protocols())
    made = listener("file", inbound(**{"transport.vfs.FileURI": "/in"}))
    assert type(made).__module__ == "engine.artifacts._inbound_file"


def test_an_unknown_protocol_is_told_with_those_there_are() -> None:
    with pytest.raises(Unacceptable, match=r"'feed' is not for this engine, which has .*file, http") as raised:
        listener("feed", inbound())
    assert raised.value.code == "unsupported"


def test_numbers() -> None:
    assert inbound(interval="20").number("interval", 5) == 20
    assert inbound().number("interval", 5) == 5
    with pytest.raises(Unacceptable, match="the parameter 'interval' is '-1', which is no whole number"):
        inbound(interval="-1").number("interval", 5)
