from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from engine.message import json_rules
from engine.message.json_rules import JsonRules, rules_from
from engine.message.payload import Payload


@pytest.fixture(autouse=True)
def _defaults() -> Iterator[None]:
    yield
    json_rules.use(JsonRules())


def test_names_of_the_reference() -> None:
    rules = rules_from(
        {
            "synapse.commons.json.output.autoPrimitive": False,
            "synapse.commons.json.output.namespaceSepChar": "::",
            "synapse.commons.json.output.emptyXmlElemToEmptyStr": "TRUE",
            "synapse.commons.json.buildValidNCNames": "true",
            "synapse.commons.json.output.jsonoutAutoArray": "true",
        }
    )
    assert rules == JsonRules(primitives=False, namespace_separator=":", empty_is_null=False)


def test_what_is_not_named_stays_as_it_was() -> None:
    assert rules_from({"synapse.commons.enableXmlNilReadWrite": "true"}, JsonRules(primitives=False)) == JsonRules(
        primitives=False, nil=True
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "synapse.commons.json.output.autoPrimitiv",
            "true",
            "there is no payload setting 'synapse.commons.json.output.autoPrimitiv'. "
            "Did you mean 'synapse.commons.json.output.autoPrimitive'?",
        ),
        ("synapse.commons.json.output.autoPrimitive", "yes", "expected true or false, found 'yes'"),
        ("synapse.commons.json.output.disableAutoPrimitive.regex", "(", "is not a regular expression"),
        ("synapse.commons.json.output.namespaceSepChar", " ", "expected a character"),
        ("synapse.commons.json.output.jsonoutAutoArray", "false", "cannot be turned off"),
    ],
)
def test_mistakes(name: str, value: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        rules_from({name: value})


def test_the_rules_of_the_process_are_those_of_payloads() -> None:
    json_rules.use(JsonRules(primitives=False))
    assert json_rules.active() == JsonRules(primitives=False)
    assert Payload(b"<a>1</a>", "application/xml").json() == {"a": "1"}
