"""A WSO2 connector dropped beside the flows of a running server: added, replaced, removed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.declare.spec import SYNAPSE
from tests.plugins.wso2 import ACME, files, template, write_zip

LIVE_WITHIN = 2.0
FLOW = f"""<proxy xmlns="{SYNAPSE}" name="orders"><target><inSequence>
<acme.init><url>{{json-eval($.url)}}</url><token>T</token></acme.init>
<acme.getOrder><id>{{json-eval($.id)}}</id></acme.getOrder>
<respond/></inSequence></target></proxy>"""
SCRIPTED = template(
    "getOrder",
    "<script language='js'><![CDATA[ if (mc.getProperty('uri.var.url') == 'loop') for (;;);"
    "mc.setPayloadJSON({replaced: true}); ]]></script>"
    "<property name='messageType' scope='axis2' value='application/json'/>",
    '<parameter name="id"/>',
)


def put(engine: Any, operations: dict[str, str]) -> Path:
    """The connector, complete at once as careful tools do it."""
    target: Path = engine.folder / "flows" / "acme.zip"
    write_zip(target.with_suffix(".part"), files(operations)).replace(target)
    return target


@pytest.fixture(scope="module")
def engine(start: Any) -> Any:
    return start({"orders.xml": FLOW}, "scripts: {time: 0.5}")


def test_added_replaced_and_removed(engine: Any, back_end: Any, until: Any) -> None:
    body = {"url": back_end.url, "id": 400000000000000001}
    assert engine.post("/services/orders", body).status_code == 404
    target = put(engine, ACME)
    until(lambda: engine.post("/services/orders", body).status_code == 200, LIVE_WITHIN)
    assert back_end.last().target == "/orders/400000000000000001"
    assert back_end.last().header("authorization") == "Bearer T"
    put(engine, ACME | {"getOrder": SCRIPTED})
    until(lambda: engine.post("/services/orders", body).json() == {"replaced": True}, LIVE_WITHIN)
    # A script of a connector that never ends is a fault, and the engine goes on.
    assert engine.post("/services/orders", body | {"url": "loop"}).status_code == 500
    assert engine.post("/services/orders", body).json() == {"replaced": True}
    target.unlink()
    until(lambda: engine.health().status_code == 503, LIVE_WITHIN)
    assert engine.post("/services/orders", body).json() == {"replaced": True}, "the last good version of the flow"
