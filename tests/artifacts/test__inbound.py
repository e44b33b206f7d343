from __future__ import annotations

import pytest

from engine.artifacts._inbound import Inbound, listener_of, protocols
from engine.core.flow import Flow, Part
from engine.declare.convert import Unacceptable

NOTHING = Part("nothing")


def inbound(**parameters: str) -> Inbound:
    return Inbound("i", parameters, Flow("i", NOTHING, NOTHING, NOTHING))


def test_a_protocol_is_a_file() -> None:
    assert {"file", "http"} <= set(protocols())
    assert listener_of("file").__module__ == "engine.artifacts._inbound_file"


def test_an_unknown_protocol_is_told_with_those_there_are() -> None:
    with pytest.raises(Unacceptable, match=r"'feed' is not for this engine, which has .*file, http") as raised:
        listener_of("feed")
    assert raised.value.code == "unsupported"


def test_schedules() -> None:
    assert inbound().schedule().delay() == 1
    assert inbound(interval="20").schedule().delay() == 0.02
    assert 0 <= inbound(cron="* * * * *").schedule().delay() <= 60
    with pytest.raises(Unacceptable, match="'at noon' is no cron schedule"):
        inbound(cron="at noon").schedule()


def test_numbers() -> None:
    assert inbound(interval="20").number("interval", 5) == 20
    assert inbound().number("interval", 5) == 5
    with pytest.raises(Unacceptable, match="the parameter 'interval' is '-1', which is no whole number"):
        inbound(interval="-1").number("interval", 5)
