from __future__ import annotations

import pytest

from engine.core.redaction import SECRETS
from engine.declare.convert import Unacceptable
from engine.errors import Fault
from engine.expressions.dynamic import Value, parse_value
from engine.plugins.arguments import Arguments
from engine.plugins.parameters import Parameter
from engine.testing.harness import Harness

PARAMETERS = (
    Parameter("key", "d", type="key", required=True),
    Parameter("name", "d", required=True),
    Parameter("flag", "d", type="boolean"),
    Parameter("mode", "d", default="fast"),
    Parameter("begin", "d", needs="end"),
    Parameter("end", "d", needs="begin"),
    Parameter("password", "d", max_length=3, secret=True),
)


def values(**texts: str) -> dict[str, Value | None]:
    return {name: parse_value(text, {}) for name, text in texts.items()}


def evaluate(texts: dict[str, str], properties: dict[str, object]) -> dict[str, object]:
    message = Harness().message(b"{}")
    message.properties.update(properties)
    return Arguments("acme.op", PARAMETERS, values(**texts)).evaluate(message)


def test_values_are_converted() -> None:
    texts = {"key": "{$ctx:k}", "name": "fixed", "flag": "{$ctx:f}", "mode": "{$ctx:missing}"}
    assert evaluate(texts, {"k": "9007199254740993", "f": "true"}) == {
        "key": "9007199254740993",
        "name": "fixed",
        "flag": True,
        "mode": "fast",
    }


@pytest.mark.parametrize("absent", ["", "null"])
def test_missing_json_and_json_null_are_absent(absent: str) -> None:
    """Synapse trap 1: a missing path of json-eval is empty text, null is the text ``null``."""
    texts = {"key": "1", "name": "n", "flag": "{$ctx:f}", "mode": "{$ctx:f}"}
    assert evaluate(texts, {"f": absent}) == {"key": "1", "name": "n", "mode": "fast"}


def test_json_values_of_a_flow_arrive_as_text() -> None:
    message = Harness().message(b'{"key": 8274965567047301900, "name": ["a", 1], "flag": false}')
    texts = values(key="{json-eval($.key)}", name="{json-eval($.name)}", flag="{json-eval($.flag)}")
    assert Arguments("acme.op", PARAMETERS, texts).evaluate(message) == {
        "key": "8274965567047301900",
        "name": '["a",1]',
        "flag": False,
        "mode": "fast",
    }


@pytest.mark.parametrize(
    ("texts", "properties", "violations"),
    [
        ({}, {}, [("key", "required"), ("name", "required")]),
        ({"key": "{$ctx:k}", "name": "n"}, {"k": "x"}, [("key", "digits only")]),
        ({"key": "{$ctx:k}"}, {"k": "x"}, [("key", "digits only"), ("name", "required")]),
        ({"key": "1", "name": "n", "begin": "{$ctx:b}"}, {"b": "1"}, [("end", "required together with begin")]),
        ({"key": "1", "name": "n", "begin": "{$ctx:b}", "end": "{$ctx:b}"}, {"b": ""}, []),
    ],
)
def test_violations(texts: dict[str, str], properties: dict[str, object], violations: list[tuple[str, str]]) -> None:
    if not violations:
        assert evaluate(texts, properties) == {"key": "1", "name": "n", "mode": "fast"}
        return
    with pytest.raises(Fault) as caught:
        evaluate(texts, properties)
    found = [(each["parameter"], each["rule"]) for each in caught.value.details["violations"]]
    assert found == violations
    assert caught.value.status == 400


def test_secrets_are_masked() -> None:
    with pytest.raises(Fault) as caught:
        evaluate({"key": "1", "name": "n", "password": "{$ctx:p}"}, {"p": "hunter2"})
    assert caught.value.details["value"] == "***"
    assert "hunter2" not in f"{caught.value.message}{caught.value.details}"


def test_a_secret_as_another_parameter_is_masked_before_it_is_shortened() -> None:
    SECRETS.add("a-secret-of-many-characters")
    with pytest.raises(Fault) as caught:
        evaluate({"key": "{$ctx:k}", "name": "n"}, {"k": "x" * 90 + "a-secret-of-many-characters"})
    assert caught.value.details["value"] == "x" * 90 + "***"


@pytest.mark.parametrize(
    ("texts", "message"),
    [({"key": "x1"}, "'x1' as key must be digits only."), ({"password": "long"}, "'***' as password must be at most")],
)
def test_constants_are_checked_at_load(texts: dict[str, str], message: str) -> None:
    with pytest.raises(Unacceptable, match=message.replace("*", r"\*")):
        Arguments("acme.op", PARAMETERS, values(**texts))


def test_hint_for_a_forgotten_content_type() -> None:
    message = Harness().message(b"key=1", "application/x-www-form-urlencoded")
    with pytest.raises(Fault, match="came with application/x-www-form-urlencoded; for JSON send Content-Type"):
        Arguments("acme.op", PARAMETERS, {}).evaluate(message)
    with pytest.raises(Fault, match="The request has no body"):
        Arguments("acme.op", PARAMETERS, {}).evaluate(Harness().message())
