from __future__ import annotations

import pytest

from engine.artifacts._inbound import Inbound
from engine.artifacts._inbound_http import Listener
from engine.core.flow import Flow, Part
from engine.declare.convert import Unacceptable

NOTHING = Part("nothing")


@pytest.mark.parametrize("port", ["", "0", "65536", "x", "-1"])
def test_what_is_no_port(port: str) -> None:
    with pytest.raises(Unacceptable, match="must be the number of a port"):
        Listener(Inbound("i", {"inbound.http.port": port}, Flow("i", NOTHING, NOTHING, NOTHING)))
