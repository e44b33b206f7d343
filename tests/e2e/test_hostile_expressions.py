"""Expressions of flow authors on what hostile clients send, through a running engine: one fault, and it goes on."""

from __future__ import annotations

from typing import Any

import pytest

ENDLESS = "(a|aa)+$"
ON = "a" * 60 + "b"
NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'

FLOWS = {
    "filter": f'<filter source="json-eval($.v)" regex="{ENDLESS}"><then/></filter>',
    "switch": f'<switch source="json-eval($.v)"><case regex="{ENDLESS}"/></switch>',
    "json-path": f'<property name="x" expression="json-eval($.list[?(@ =~ /{ENDLESS}/)])"/>',
    "split": f'<property name="x" expression="${{split(payload.v, \'{ENDLESS}\')}}"/>',
    "rewrite": '<property name="u" expression="json-eval($.v)"/>'
    f'<rewrite inProperty="u"><rewriterule><action type="replace" regex="{ENDLESS}" value="" fragment="path"/>'
    "</rewriterule></rewrite>",
    "property": f'<property name="x" expression="json-eval($.v)" type="STRING" pattern="{ENDLESS}"/>',
    "free": '<payloadFactory media-type="json" template-type="freemarker"><format>'
    f"{{\"x\": ${{payload.v?matches('{ENDLESS}')?c}}}}</format></payloadFactory>",
}


@pytest.fixture(scope="module")
def engine(start: Any) -> Any:
    proxies = "".join(
        f'<proxy name="{name}"><target><inSequence>{steps}<respond/></inSequence></target></proxy>'
        for name, steps in FLOWS.items()
    )
    return start({"a.xml": f"<definitions {NAMESPACE}>{proxies}</definitions>"})


@pytest.mark.parametrize("flow", FLOWS)
def test_a_regular_expression_without_end_is_one_fault(engine: Any, flow: str) -> None:
    answer = engine.post(f"/services/{flow}", {"v": ON, "list": [ON]})
    assert answer.status_code == 500
    assert answer.json()["error"]["message"].startswith(
        f"the regular expression '{ENDLESS}' took more than 0.5 seconds for a text of 6"
    )
    assert engine.post(f"/services/{flow}", {"v": "aaa", "list": ["aaa"]}).status_code == 200
