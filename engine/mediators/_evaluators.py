"""Conditions of rewrite and conditionalRouter: ``<equal>``, ``<match>``, ``<and>``, ``<or>``, ``<not>``.

They are Synapse's evaluators (commons/evaluators). Each takes a text from the HTTP headers, the URL, a query
parameter, a property or the SOAP envelope; a text that is missing makes the condition false.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable
from urllib.parse import SplitResult, unquote, urlsplit

from engine.declare.convert import Unacceptable
from engine.declare.fields import element, inline
from engine.declare.spec import Node
from engine.errors import did_you_mean
from engine.expressions.base import ExpressionError
from engine.expressions.values import text_of
from engine.expressions.xpath import compile_xpath
from engine.message.context import MessageContext
from engine.message.pattern import Pattern, compile_pattern
from engine.source import Element

Test = Callable[[MessageContext, str], bool]
"""``test(message, url)``."""

Reader = Callable[[MessageContext, str], str | None]
"""``read(message, url)``: the text a condition looks at, None when there is none."""

_KINDS = ("header", "param", "url", "property", "soap")


def url_of(message: MessageContext) -> str:
    """The address the message is going to; for a message that has none, what the client asked for."""
    address = message.destination
    return address if address is not None else message.requested


@element("condition")
class Condition(Node):
    """When something happens."""

    content: tuple[Element, ...] = inline("One of `<equal>`, `<match>`, `<and>`, `<or>`, `<not>`.")
    _test: Test = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        if len(self.content) != 1:
            raise Unacceptable("takes exactly one of equal, match, and, or, not.", code="one-of")
        self.reads_body = any(_looks_into_envelope(each) for each in self.content)
        self._test = compile_test(self.content[0])

    def holds(self, message: MessageContext, url: str) -> bool:
        """Whether it holds for the message on its way to ``url``. Raises Fault as expressions do."""
        return self._test(message, url)


def compile_test(condition: Element) -> Test:
    """The test that one evaluator element describes. Raises Unacceptable."""
    compile_ = _EVALUATORS.get(condition.tag)
    if compile_ is None:
        message = f"<{condition.tag}> at {condition.where} is no condition."
        raise Unacceptable(message, code="bad-choice", hint=did_you_mean(condition.tag, _EVALUATORS))
    return compile_(condition)


def _looks_into_envelope(condition: Element) -> bool:
    return condition.attributes.get("type") == "soap" or any(map(_looks_into_envelope, condition.children))


def _equal(condition: Element) -> Test:
    """The text is ``value``, whatever the case of its letters."""
    read, value = _reader(condition), _required(condition, "value").lower()

    def test(message: MessageContext, url: str) -> bool:
        text = read(message, url)
        return text is not None and text.lower() == value

    return test


def _match(condition: Element) -> Test:
    """The whole text matches ``regex``."""
    read, pattern = _reader(condition), _pattern(condition)

    def test(message: MessageContext, url: str) -> bool:
        text = read(message, url)
        return text is not None and pattern.fullmatch(text) is not None

    return test


def _and(condition: Element) -> Test:
    tests = _several(condition)
    return lambda message, url: all(test(message, url) for test in tests)


def _or(condition: Element) -> Test:
    tests = _several(condition)
    return lambda message, url: any(test(message, url) for test in tests)


def _not(condition: Element) -> Test:
    if len(condition.children) != 1:
        raise Unacceptable(f"<not> at {condition.where} takes exactly one condition.", code="one-of")
    test = compile_test(condition.children[0])
    return lambda message, url: not test(message, url)


_EVALUATORS: dict[str, Callable[[Element], Test]] = {
    "equal": _equal,
    "match": _match,
    "and": _and,
    "or": _or,
    "not": _not,
}


def _several(condition: Element) -> list[Test]:
    if len(condition.children) < 2:
        raise Unacceptable(f"<{condition.tag}> at {condition.where} takes two conditions or more.", code="one-of")
    return [compile_test(child) for child in condition.children]


def _required(condition: Element, name: str) -> str:
    value = condition.attributes.get(name)
    if value is None:
        message = f"<{condition.tag}> at {condition.where} needs the attribute '{name}'."
        raise Unacceptable(message, code="missing-attribute")
    return value


def _pattern(condition: Element) -> Pattern:
    text = _required(condition, "regex")
    try:
        return compile_pattern(text)
    except re.error as error:
        place = condition.where_attribute("regex", error.pos or 0)
        raise Unacceptable(f"'{text}' at {place} is not a regular expression: {error.msg}.") from None


# ---------------------------------------------------------------- what conditions look at


def _reader(condition: Element) -> Reader:
    kind = condition.attributes.get("type", "header")
    if kind == "url":
        return _url_reader(condition)
    if kind not in _KINDS:
        message = f"'{kind}' at {condition.where_attribute('type')} is not one of {', '.join(_KINDS)}."
        raise Unacceptable(message, code="bad-choice", hint=did_you_mean(kind, _KINDS))
    name = _required(condition, "source")
    match kind:
        case "param":
            return lambda message, url: _parameter(url, name)
        case "property":
            return lambda message, url: text_of(message.properties.get(name))
        case "soap":
            return _envelope_reader(condition, name)
    return lambda message, url: message.headers.get(name)


def _url_reader(condition: Element) -> Reader:
    part = condition.attributes.get("source")
    if part is None:
        return lambda message, url: url
    read = _URL_PARTS.get(part)
    if read is None:
        message = f"'{part}' at {condition.where_attribute('source')} is not one of {', '.join(_URL_PARTS)}."
        raise Unacceptable(message, code="bad-choice", hint=did_you_mean(part, _URL_PARTS))
    return lambda message, url: _part(url, read)


def _envelope_reader(condition: Element, path: str) -> Reader:
    prefixes = {prefix: uri for prefix, uri in condition.namespaces.items() if prefix}
    try:
        expression = compile_xpath(path, prefixes)
    except ExpressionError as error:
        place = condition.where_attribute("source", error.offset)
        raise Unacceptable(f"{error.message} at {place}.", code="bad-expression", hint=error.hint) from None
    return lambda message, url: expression.text(message)


def _part(url: str, read: Callable[[SplitResult], str | None]) -> str | None:
    try:
        return read(urlsplit(url))
    except ValueError:  # a port that is no number, brackets that do not match
        return None


def _user(parts: SplitResult) -> str | None:
    user, at, _ = parts.netloc.rpartition("@")
    return unquote(user) if at else None


_URL_PARTS: dict[str, Callable[[SplitResult], str | None]] = {
    "protocol": lambda parts: parts.scheme or None,
    "user": _user,
    "host": lambda parts: parts.hostname,
    # Java's word for no port.
    "port": lambda parts: str(parts.port if parts.port is not None else -1),
    "path": lambda parts: unquote(parts.path),
    "query": lambda parts: unquote(parts.query) if parts.query else None,
    "ref": lambda parts: unquote(parts.fragment) if parts.fragment else None,
}


def _parameter(url: str, name: str) -> str | None:
    """The last value of a query parameter, decoded; one without ``=`` and a value does not count."""
    pairs: Iterable[list[str]] = (pair.split("=") for pair in url.partition("?")[2].split("&"))
    values = {pair[0]: pair[1] for pair in pairs if len(pair) > 1 and pair[1]}
    value = values.get(name)
    return None if value is None else unquote(value)
