"""What is drawn of an artifact: steps, lanes, and where they lead."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from engine.core.redaction import SECRETS
from engine.declare.spec import Node
from engine.deploy import loader
from engine.management.flow_graph import Lane, sections_of, size_of
from engine.runtime.catalog import language

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'


def built(xml: str) -> Node:
    loaded = loader.load_text("a.xml", xml.encode(), language())
    assert not loaded.problems.has_errors, list(map(str, loaded.problems))
    [one] = loaded.artifacts
    return one.artifact


def told(lanes: Iterable[Lane], depth: int = 0) -> list[str]:
    """One line for each lane and step, further in for those within."""
    lines = []
    for lane in lanes:
        lines.append(f"{'  ' * depth}[{lane.label}]{' ends' if lane.ends else ''}")
        for step in lane.steps:
            uses = f" -> {step.uses[0]} {step.uses[1]}" if step.uses else ""
            lines.append(f"{'  ' * depth}{step.tag} {step.detail}".rstrip() + uses)
            lines += told(step.branches, depth + 1)
    return lines


def steps(xml: str) -> list[str]:
    [section] = sections_of(built(f'<sequence {NAMESPACE} name="s">{xml}</sequence>'))
    first, *rest = told(section.lanes)
    assert first.startswith("[]")
    return rest


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<log/>", ["log"]),
        ('<log level="full"/>', ["log full"]),
        ('<header name="To" value="http://a"/>', ["header To"]),
        ('<property name="a" value="1"/><property name="b" value="2"/><log/>', ["property × 2 a, b", "log"]),
        ('<sequence key="x"/><sequence key="x"/>', ["sequence x -> sequence x", "sequence x -> sequence x"]),
        ('<sequence key="{$ctx:x}"/>', ["sequence {$ctx:x}"]),
        ('<call-template target="t"/>', ["call-template t -> template t"]),
        ('<store messageStore="m"/>', ["store m -> message-store m"]),
        ('<call><endpoint key="e"/></call>', ["call e -> endpoint e"]),
        (
            '<call><endpoint><http method="get" uri-template="https://u:p@h/a{?key}"/></endpoint></call>',
            ["call GET https://h/a"],
        ),
        ('<call><endpoint><address uri="http://h/a?key=k"/></endpoint></call>', ["call http://h/a"]),
        ("<send/>", ["send"]),
        (
            '<send receive="r"><endpoint key="e"/></send>',
            ["send", "  [receive]", "  sequence r -> sequence r", "  [endpoint]", "  endpoint e -> endpoint e"],
        ),
        (
            "<call><endpoint><failover>"
            '<endpoint key="a"/><endpoint><address uri="http://b"/></endpoint>'
            "</failover></endpoint></call>",
            ["call failover", "  [endpoint]", "  endpoint a -> endpoint a", "  [endpoint]", "  endpoint http://b"],
        ),
        (
            '<filter xpath="$ctx:a"><then><log/></then></filter>',
            ["filter $ctx:a", "  [then]", "  log", "  [else]"],
        ),
        (
            '<filter source="$ctx:a" regex="x|y"><then/><else><drop/></else></filter>',
            ["filter $ctx:a ~ x|y", "  [then]", "  [else] ends", "  drop"],
        ),
        (
            '<filter xpath="$ctx:a"><then sequence="t"/><else/></filter>',
            ["filter $ctx:a", "  [then]", "  sequence t -> sequence t", "  [else]"],
        ),
        (
            '<switch source="$ctx:a"><case regex="x"><log/></case></switch>',
            ["switch $ctx:a", "  [case x]", "  log", "  [default]"],
        ),
        (
            '<clone><target sequence="a"/><target><endpoint key="e"/></target></clone>',
            ["clone", "  [target]", "  sequence a -> sequence a", "  [target]", "  endpoint e -> endpoint e"],
        ),
        (
            '<xslt key="style"/><validate><schema key="x"/><on-fail><drop/></on-fail></validate>',
            ["xslt style -> local-entry style", "validate", "  [on-fail] ends", "  drop"],
        ),
    ],
)
def test_steps(xml: str, expected: list[str]) -> None:
    assert steps(xml) == expected


@pytest.mark.parametrize(
    ("xml", "ends"),
    [
        ("<respond/>", True),
        ("<log/><drop/>", True),
        ("<log/>", False),
        ('<filter xpath="$ctx:a"><then><respond/></then><else><drop/></else></filter>', True),
        ('<filter xpath="$ctx:a"><then><respond/></then></filter>', False),
        ('<sequence name="in-place"><respond/></sequence>', True),
        ('<sequence key="named"/>', False),
        ("<clone><target><sequence><drop/></sequence></target></clone>", False),
    ],
)
def test_where_a_flow_ends(xml: str, ends: bool) -> None:
    [section] = sections_of(built(f'<sequence {NAMESPACE} name="s">{xml}</sequence>'))
    assert section.lanes[0].ends is ends


def test_a_proxy_has_a_lane_for_each_direction() -> None:
    xml = (
        f'<proxy {NAMESPACE} name="p"><target faultSequence="f" endpoint="e">'
        "<inSequence><log/></inSequence><outSequence/></target></proxy>"
    )
    [section] = sections_of(built(xml))
    assert (section.title, told(section.lanes)) == (
        "",
        [
            "[faultSequence]",
            "sequence f -> sequence f",
            "[endpoint]",
            "endpoint e -> endpoint e",
            "[inSequence]",
            "log",
            "[outSequence]",
        ],
    )


def test_an_api_has_a_section_for_each_resource() -> None:
    xml = (
        f'<api {NAMESPACE} name="a" context="/a">'
        '<resource methods="GET PUT" uri-template="/{id}"><inSequence><respond/></inSequence></resource>'
        '<resource methods="POST" inSequence="s"/></api>'
    )
    assert [(section.title, told(section.lanes)) for section in sections_of(built(xml))] == [
        ("GET PUT /{id}", ["[inSequence] ends", "respond"]),
        ("POST", ["[inSequence]", "sequence s -> sequence s"]),
    ]


def test_what_only_holds_something_has_nothing_to_draw() -> None:
    assert sections_of(built(f'<localEntry {NAMESPACE} key="k">text</localEntry>')) == []


def test_secrets_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SECRETS, "masked", lambda text: text.replace("hunter2", "***"))
    assert steps("<filter xpath=\"$ctx:a = 'hunter2'\"/>")[0] == "filter $ctx:a = '***'"
    assert steps('<switch source="$ctx:a"><case regex="hunter2"/></switch>')[1] == "  [case ***]"


def test_the_size_is_that_of_all_steps() -> None:
    [section] = sections_of(
        built(f'<sequence {NAMESPACE} name="s"><log/><filter xpath="$ctx:a"><then><drop/></then></filter></sequence>')
    )
    assert size_of(section.lanes) == 3


def test_a_step_knows_its_place(tmp_path: Path) -> None:
    [section] = sections_of(built(f'<sequence {NAMESPACE} name="s">\n  <log/></sequence>'))
    assert str(section.lanes[0].steps[0].where) == "a.xml:2:3"
