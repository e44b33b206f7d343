from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.mediators._json_types import typed
from engine.message.codecs import json


def made(value: str, schema: str) -> str:
    return json.encode(typed(json.decode(value.encode()), json.decode(schema.encode()))).decode()


@pytest.mark.parametrize(
    ("value", "schema", "result"),
    [
        ('"5"', '{"type":"integer"}', "5"),
        ('"9007199254740993"', '{"type":"integer"}', "9007199254740993"),
        ('"25.0000"', '{"type":"number"}', "25.0000"),
        ("5", '{"type":"string"}', '"5"'),
        ("true", '{"type":"string"}', '"true"'),
        ('"true"', '{"type":"boolean"}', "true"),
        ('"null"', '{"type":"null"}', "null"),
        ("null", '{"type":"null"}', "null"),
        ('"5"', '{"type":"array","items":{"type":"integer"}}', "[5]"),
        ('["1","2"]', '{"type":"array","items":{"type":"number"}}', "[1,2]"),
        ("[]", '{"type":"array","items":{"type":"number"}}', "[]"),
        ('[["1"]]', '{"type":"array","items":{"type":"array","items":{"type":"integer"}}}', "[[1]]"),
        (
            '["1","2","3"]',
            '{"type":"array","items":[{"type":"integer"}],"additionalItems":{"type":"number"}}',
            "[1,2,3]",
        ),
        ('["1","2"]', '{"type":"array","items":[{"type":"integer"},{}]}', '[1,"2"]'),
        (
            '{"a":"1","b":"x","c":{"d":"true"}}',
            '{"type":"object","properties":{"a":{"type":"integer"},"c":{"type":"object",'
            '"properties":{"d":{"type":"boolean"}}}}}',
            '{"a":1,"b":"x","c":{"d":true}}',
        ),
        (
            '{"n_1":"1","x":"2"}',
            '{"type":"object","patternProperties":{"^n_":{"type":"integer"}}}',
            '{"n_1":1,"x":"2"}',
        ),
        ('{"x":"2"}', '{"type":"object","additionalProperties":{"type":"integer"}}', '{"x":2}'),
        ('{"a":"1"}', '{"type":"object","properties":{"a":{"type":["integer","null"]}}}', '{"a":1}'),
        ('{"a":null}', '{"type":"object","properties":{"a":{"type":["integer","null"]}}}', '{"a":null}'),
        ('{"a":5}', '{"type":"object","properties":{"a":{"type":["boolean","string"]}}}', '{"a":"5"}'),
        ('{"a":{"b":1}}', '{"type":"object","properties":{"a":{"type":["array"]}}}', '{"a":[{"b":1}]}'),
        ('[1,"2"]', '{"type":"array","items":[true]}', '[1,"2"]'),
        ("1E9999", '{"type":"number","multipleOf":"10"}', "1E9999"),
        ('"é"', "{}", '"é"'),
        ('"é"', "true", '"é"'),
    ],
)
def test_values_take_the_types_of_the_schema(value: str, schema: str, result: str) -> None:
    assert made(value, schema) == result


@pytest.mark.parametrize(
    ("value", "schema", "why"),
    [
        ('"x"', '{"type":"integer"}', "is no integer"),
        ("1.5", '{"type":"integer"}', "is no integer"),
        ('"1.x"', '{"type":"number"}', "is no number"),
        ("null", '{"type":"string"}', "is no scalar"),
        ('"yes"', '{"type":"boolean"}', "is no boolean"),
        ("1", '{"type":"null"}', "is not null"),
        ("1", '{"type":"object"}', "is no object"),
        ("1", '{"type":"integer","minimum":2}', "beyond the minimum 2"),
        ("2", '{"type":"integer","exclusiveMinimum":2}', "beyond the exclusiveMinimum"),
        ("3", '{"type":"integer","multipleOf":2}', "no multiple of 2"),
        ('"abc"', '{"type":"string","maxLength":2}', "longer than maxLength"),
        ('""', '{"type":"string","minLength":1}', "shorter than minLength"),
        ('"abc"', '{"type":"string","pattern":"ab"}', "does not match the pattern"),
        ('"a"', '{"type":"string","enum":["b"]}', "not in the enum"),
        ("1", '{"type":"integer","const":2}', "is not the const"),
        ("{}", '{"type":"object","required":["a"]}', "are missing"),
        ('{"a":1}', '{"type":"object","additionalProperties":false}', "'a' is not allowed"),
        ("{}", '{"type":"object","minProperties":1}', "no allowed number of properties"),
        ("[1,1]", '{"type":"array","uniqueItems":true}', "not unique"),
        ("[1,2]", '{"type":"array","maxItems":1}', "no allowed number of items"),
        ("[1,2]", '{"type":"array","items":[{}],"additionalItems":false}', "more items"),
        ("1", '{"minimum":1}', "the schema has no type"),
        ("1", "false", "the schema is false"),
        ("[1]", '{"type":"array","items":[false]}', "the schema is false"),
        ("5", '{"type":"integer","multipleOf":0}', "no multiple of 0"),
        ("1E9999", '{"type":"number","multipleOf":7}', "no multiple of 7"),
        ('"a"', '{"type":"string","pattern":"("}', "no regular expression"),
        ('{"a":[]}', '{"type":"object","properties":{"a":{"type":["string"]}}}', "none of the types"),
    ],
)
def test_what_cannot_be_made_to_fit(value: str, schema: str, why: str) -> None:
    with pytest.raises(Fault) as caught:
        made(value, schema)
    assert caught.value.message.startswith("jsontransform: ")
    assert why in caught.value.message


def test_the_value_given_is_not_changed() -> None:
    value: Any = {"a": ["1"]}
    typed(value, {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}}}})
    assert value == {"a": ["1"]}
