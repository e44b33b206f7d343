from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine.errors import Fault
from engine.expressions.dynamic import Value
from engine.mediators._resources import Compiled, Resource, UnknownResource, as_bytes, entry_of, parser
from engine.source import Source
from engine.testing.harness import Harness


def test_entries_as_bytes() -> None:
    assert as_bytes("é") == "é".encode()
    assert as_bytes(etree.fromstring("<a>é</a>")) == "<a>é</a>".encode()


@pytest.mark.parametrize("key", ["none", ""])
def test_an_entry_that_is_not_there(key: str) -> None:
    with pytest.raises(Fault, match="there is no entry"):
        entry_of(Harness().message(), Value(key))


def test_a_parser_reads_resources_only() -> None:
    schema = etree.fromstring(
        b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="b.xsd"/></xs:schema>',
        parser({"a.xsd": "<x/>"}),
    )
    with pytest.raises((UnknownResource, etree.XMLSchemaParseError)):
        etree.XMLSchema(schema)


def test_things_are_compiled_again_when_an_entry_or_a_resource_changes(tmp_path: Path) -> None:
    harness = Harness('<localEntry key="x"><a xmlns=""/></localEntry>', registry=tmp_path)
    made: list[tuple[list[Any], dict[str, Any]]] = []
    compiled = Compiled(lambda entries, resources: made.append((entries, resources)) or len(made))
    where = Source("test.xml", b"<x/>").parse().where
    resource = Resource.spec.construct(where=where, location=Value("l"), key=Value("conf:/r"))
    assert isinstance(resource, Resource)
    put = harness.services.registry.put
    message = harness.message()

    def get(*, keep: bool = True) -> int:
        return compiled.get(message, (Value("x"), Value("conf:/k")), (resource,), keep=keep)

    put("conf:/k", b"1")
    put("conf:/r", b"1")
    assert [get(), get()] == [1, 1]
    put("conf:/k", b"2")
    assert [get(), get()] == [2, 2]
    put("conf:/r", b"2")
    assert [get(), get()] == [3, 3]
    assert get(keep=False) == 4
    assert made[-1][0][1] == "2"
    assert made[-1][1] == {"l": "2"}


def test_what_is_kept_is_bounded(tmp_path: Path) -> None:
    harness = Harness(registry=tmp_path)
    made: list[str] = []
    compiled = Compiled(lambda entries, _: made.append(entries[0]) or entries[0])
    for number in [*range(70), 0, 69]:
        harness.services.registry.put(f"conf:/{number}", str(number).encode())
        compiled.get(harness.message(), (Value(f"conf:/{number}"),))
    assert made == [*map(str, range(70)), "0"]
