"""The functions of ``${…}`` that ask for a type or change it, and those that look something up."""

from __future__ import annotations

import re
from typing import Any

from engine.errors import Fault
from engine.expressions.functions.registry import synapse_function
from engine.expressions.functions.secrets import hashicorp_lookup, vault_lookup
from engine.expressions.functions.synapse_text import text
from engine.expressions.synapse_values import EvaluationError, as_array, as_object, is_number, shown, text_of
from engine.message.codecs import text as text_codec
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


@synapse_function("isString", example=("${isString('a')}", "true"))
def is_string(message: MessageContext, value: Any) -> bool:
    """Whether the value is a text."""
    return isinstance(value, str)


@synapse_function("isNumber", example=("${isNumber('5')}", "false"))
def is_a_number(message: MessageContext, value: Any) -> bool:
    """Whether the value is a number; a text of digits is none."""
    return is_number(value)


@synapse_function("isArray", example=("${isArray([1])}", "true"))
def is_array(message: MessageContext, value: Any) -> bool:
    """Whether the value is a JSON array, or a text that is one."""
    return as_array(value) is not None


@synapse_function("isObject", example=("${isObject('{}')}", "true"))
def is_object(message: MessageContext, value: Any) -> bool:
    """Whether the value is a JSON object, or a text that is one."""
    return as_object(value) is not None


@synapse_function("string", example=("${string(5) + 'x'}", "5x"))
def string(message: MessageContext, value: Any) -> str:
    """The value as text."""
    return text_of(value)


@synapse_function("integer", example=("${integer('5') + 1}", "6"))
def to_integer(message: MessageContext, value: Any) -> int:
    """A whole number, or the text of one. A fraction is an error."""
    spelled = text_of(value)
    found = int(spelled) if _INTEGER.fullmatch(spelled) else None
    if found is None or not -(2**63) <= found < 2**63:
        raise EvaluationError(f"integer() takes a whole number, not {shown(value)}")
    return found


@synapse_function("float", example=("${float('5')}", "5.0"))
def to_float(message: MessageContext, value: Any) -> float:
    """The number, or the text of one, as a double."""
    spelled = text_of(value).strip()
    if not _FLOAT.fullmatch(spelled):
        raise EvaluationError(f"float() takes a number, not {shown(value)}")
    return float(spelled)


@synapse_function("boolean", example=("${boolean('TRUE')}", "true"))
def boolean(message: MessageContext, value: Any) -> bool:
    """Whether the value is true, or the text "true" in any case."""
    return text_of(value).lower() == "true"


@synapse_function("object", example=("${object('{\"a\":5}').a}", "5"))
def to_object(message: MessageContext, value: Any) -> dict[str, Any]:
    """The JSON object that a text spells, to go on with a path."""
    found = as_object(value)
    if found is None:
        raise EvaluationError(f"{shown(value)} is no JSON object")
    return found


@synapse_function("array", example=("${array('[7,8]')[1]}", "8"))
def to_array(message: MessageContext, value: Any) -> list[Any]:
    """The JSON array that a text spells, to go on with a path."""
    found = as_array(value)
    if found is None:
        raise EvaluationError(f"{shown(value)} is no JSON array")
    return found


@synapse_function("not", example=("${not(1 > 2)}", "true"))
def negation(message: MessageContext, value: Any) -> bool:
    """The other truth value. Anything but a boolean is an error."""
    if not isinstance(value, bool):
        raise EvaluationError(f"not() takes true or false, not {shown(value)}")
    return not value


@synapse_function("exists", example=("${exists(vars.unknown)}", "false"))
def exists(message: MessageContext, value: Any) -> bool:
    """Whether there is a value and it is not null. Errors in the argument mean no."""
    return value is not None


@synapse_function("xpath", example=("${xpath('2 > 1')}", "true"))
def xpath(message: MessageContext, expression: Any, variable: Any = None) -> Any:
    """An XPath on the message, or on a variable that is XML: ``xpath('//id/text()', 'order')``.

    ``'answer.payload'`` is the payload in the answer of a connector. As an operand the result is text.
    """
    raise AssertionError("the parser makes a node of its own of xpath()")


@synapse_function("registry", example=("${registry('conf:/greeting.txt')}", "hello"))
def registry(message: MessageContext, path: Any, name: Any = None) -> str:
    """A resource of the registry as text, to go on with a path: ``registry('conf:/a.json').b``.

    ``registry('…').property('…')`` asks for a property of the resource, which no registry here keeps.
    """
    key = text(path, "registry")
    if name is not None:
        raise EvaluationError(f"the registry resource '{key}' has no property {shown(name)}")
    content = message.env.registry.get(key)
    if content is None:
        raise EvaluationError(f"there is no registry resource '{key}'")
    try:
        return text_codec.decode(content, "utf-8")
    except DecodeError as error:
        raise EvaluationError(f"the registry resource '{key}' is {error}") from None


@synapse_function("wso2-vault", example=("${wso2-vault('db.password')}", "s3cret"))
def wso2_vault(message: MessageContext, alias: Any) -> str:
    """A secret by its alias; an unknown one is an error."""
    return _secret(lambda: vault_lookup(message, text(alias, "wso2-vault")))


@synapse_function("hashicorp-vault", example=("${hashicorp-vault('secret/db', 'password')}", "s3cret"))
def hashicorp_vault(message: MessageContext, path: Any, field: Any, name: Any = None) -> str:
    """A field of a secret: (path, field) or (namespace, path, field); an unknown one is an error.

    The secret is that of the engine's own store under the alias ``path/field``.
    """
    given = [text(each, "hashicorp-vault") for each in (path, field, name) if each is not None]
    return _secret(lambda: hashicorp_lookup(message, *given))


def _secret(read: Any) -> str:
    try:
        return str(read())
    except Fault as fault:
        raise EvaluationError(fault.message) from None
