from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.mediators._json_dialect import checked
from engine.message.codecs import json


@pytest.mark.parametrize(
    "schema",
    [
        "true",
        "{}",
        '{"type":["string","null"],"enum":[1],"const":null,"minLength":"5","maxLength":6,"pattern":"a"}',
        '{"type":"number","minimum":-1.5,"maximum":"2.5","multipleOf":9007199254740993,"exclusiveMinimum":true}',
        '{"type":"object","properties":{"a":{"type":"x"},"b":true},"patternProperties":{"p":{}},"required":["a"]}',
        '{"type":"array","items":[{"type":"integer"},false],"additionalItems":{"minItems":1},"uniqueItems":true}',
        '{"type":"array","items":{"type":"integer"},"$schema":"http://json-schema.org/draft-04/schema#"}',
    ],
)
def test_schemas_that_can_be_used(schema: str) -> None:
    value = json.decode(schema.encode())
    assert checked(value) is value


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ("[]", "[] has no meaning at its root"),
        ("null", "null has no meaning at its root"),
        ('{"type":5}', "5 has no meaning at /type"),
        ('{"maxLength":"x"}', '"x" has no meaning at /maxLength'),
        ('{"minItems":null}', "null has no meaning at /minItems"),
        ('{"minimum":"1,5"}', '"1,5" has no meaning at /minimum'),
        ('{"properties":{"a":{"properties":[]}}}', "[] has no meaning at /properties/a/properties"),
        ('{"patternProperties":{"a":1}}', "1 has no meaning at /patternProperties/a"),
        ('{"items":[{"enum":{}}]}', "{} has no meaning at /items/0/enum"),
        ('{"items":{"required":[1]}}', "1 has no meaning at /items/required/0"),
        ('{"additionalProperties":{"pattern":1}}', "1 has no meaning at /additionalProperties/pattern"),
    ],
)
def test_schemas_that_cannot_be_used(schema: str, why: str) -> None:
    with pytest.raises(Fault) as caught:
        checked(json.decode(schema.encode()))
    assert caught.value.message == f"jsontransform: the schema cannot be used: {why}"
