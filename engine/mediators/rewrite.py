"""<rewrite>"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from engine.core.mediator import Mediator
from engine.declare.convert import Regex, Unacceptable
from engine.declare.fields import attr, child, children, element
from engine.declare.spec import Node
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.mediators._evaluators import Condition, url_of
from engine.message.context import MessageContext
from engine.message.java_regex import expanded

FragmentName = Literal["protocol", "user", "host", "port", "path", "query", "ref", "full"]

_PARAMETER = re.compile(r"\{([^{}]*)\}")
# What may stand in a part as it is (java.net.URI's quoting; RFC 3986 section 3).
_LEGAL: dict[FragmentName, str] = {
    "user": "-_.!~'()*,;:$&+=",
    "path": "-_.!~'()*,;:$&+=/@",
    "query": "-_.!~'()*,;:$&+=/@?[]",
    "ref": "-_.!~'()*,;:$&+=/@?[]",
}


@dataclass(slots=True)
class _Uri:
    """A URI in parts, percent-encoded; None is a part that is not there."""

    protocol: str | None = None
    user: str | None = None
    host: str | None = None
    port: int | None = None
    path: str | None = None
    query: str | None = None
    ref: str | None = None

    @classmethod
    def parse(cls, text: str) -> _Uri:
        """Raises Fault for what is no URI."""
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError as error:
            raise Fault(f"'{text}' is not a URI: {error}") from None
        user, at, rest = parts.netloc.rpartition("@")
        host = rest.removesuffix(":") if port is None else rest.rpartition(":")[0]
        return cls(
            parts.scheme or None,
            user if at else None,
            host or None,
            port,
            parts.path or None,
            parts.query or None,
            parts.fragment or None,
        )

    def read(self, name: FragmentName) -> str:
        """A part as text, decoded; ``""`` when it is not there."""
        value = getattr(self, name)
        return unquote(value) if isinstance(value, str) else ""

    def write(self, name: FragmentName, text: str | None) -> None:
        legal = _LEGAL.get(name)
        setattr(self, name, quote(text, safe=legal) if text is not None and legal is not None else text)

    def __str__(self) -> str:
        authority = ""
        if self.host is not None:
            user = f"{self.user}@" if self.user is not None else ""
            port = f":{self.port}" if self.port is not None else ""
            authority = f"//{user}{self.host}{port}"
        path = self.path or ""
        if path and authority and not path.startswith("/"):
            raise Fault(f"the path '{path}' has no slash at its begin, and cannot stand behind {authority}")
        scheme = f"{self.protocol}:" if self.protocol else ""
        query = f"?{self.query}" if self.query is not None else ""
        ref = f"#{self.ref}" if self.ref is not None else ""
        return f"{scheme}{authority}{path}{query}{ref}"


@element("action")
class Action(Node):
    """One change of one part of the URL."""

    type: Literal["set", "append", "prepend", "replace", "remove", "remove-query-param"] = attr(
        "What to do with the part.", default="set"
    )
    fragment: FragmentName = attr("The part of the URL; `full` and `port` are always set.", default="full")
    value: str | None = attr("Constant value.", default=None)
    xpath: Expression | None = attr("Computes the value.", default=None)
    regex: Regex | None = attr("What `replace` looks for.", default=None)
    resolve: bool = attr("Whether to put properties in for `{name}` in the result.", default=False)

    def __post_init__(self) -> None:
        if self.value is None and self.xpath is None and self.type != "remove":
            raise Unacceptable("there is no value.", code="missing-attribute", hint="Add value= or xpath=.")
        if self.type == "replace" and self.regex is None:
            raise Unacceptable("'replace' needs the attribute 'regex'.", code="missing-attribute")
        if self.type == "remove-query-param" and self.fragment != "query":
            raise Unacceptable("'remove-query-param' works on the fragment 'query' only.", code="requires")

    def apply(self, uri: _Uri, message: MessageContext) -> _Uri:
        """The URI after this action. Raises Fault for a value that does not fit the part."""
        value = self.xpath.text(message) if self.xpath is not None else self.value
        if self.fragment == "full":
            return _Uri.parse(value or "")
        if self.fragment == "port":
            uri.port = _port(value)
            return uri
        text = self._changed(uri.read(self.fragment), value)
        if self.resolve and text is not None:
            text = _resolved(text, message)
        uri.write(self.fragment, text)
        return uri

    def _changed(self, current: str, value: str | None) -> str | None:
        if self.type == "remove":
            return None
        if value is None:
            return None if self.type == "set" else ""
        joint = "&" if self.fragment == "query" and current else ""
        match self.type:
            case "append":
                return f"{current}{joint}{value}"
            case "prepend":
                return f"{value}{joint}{current}"
            case "replace":
                return self._replaced(current, value)
            case "remove-query-param":
                return _without_parameter(current, value)
        return value

    def _replaced(self, current: str, value: str) -> str:
        assert self.regex is not None  # checked above
        try:
            return self.regex.replace(lambda match: expanded(value, match), current)
        except ValueError as error:
            raise Fault(str(error)) from None


@element("rewriterule")
class RewriteRule(Node):
    """Changes that happen when a condition holds."""

    condition: Condition | None = child("When; always without it.", tag="condition")
    actions: tuple[Action, ...] = children("What to change, one after the other.", tag="action")

    def apply(self, uri: _Uri, message: MessageContext) -> _Uri:
        if self.condition is None or self.condition.holds(message, str(uri)):
            for action in self.actions:
                uri = action.apply(uri, message)
        return uri


@element("rewrite", kind="mediator", category="transformation")
class Rewrite(Mediator):
    """Change the address of the message, part by part.

    Rules apply one after the other, each to what the one before left. The parts of a URL are ``protocol``, ``user``,
    ``host``, ``port``, ``path``, ``query``, ``ref``; ``full`` is all of it. A part is read and written decoded. What
    no action touches stays as it was, byte for byte.

    Example::

        <rewrite>
          <rewriterule>
            <condition><match type="url" source="path" regex="/services/.*"/></condition>
            <action type="replace" regex="/services" value="/api" fragment="path"/>
            <action value="orders.example.com" fragment="host"/>
            <action value="https" fragment="protocol"/>
          </rewriterule>
        </rewrite>
    """

    in_property: str | None = attr("Property with the URL, instead of the address.", name="inProperty", default=None)
    out_property: str | None = attr(
        "Property for the result, instead of the address.", name="outProperty", default=None
    )
    rules: tuple[RewriteRule, ...] = children("Rules, applied in order.", tag="rewriterule")

    async def mediate(self, message: MessageContext) -> bool:
        uri = _Uri.parse(self._input(message))
        for rule in self.rules:
            uri = rule.apply(uri, message)
        if self.out_property is not None:
            message.set_property(self.out_property, str(uri))
        else:
            message.to = str(uri)
        return True

    def _input(self, message: MessageContext) -> str:
        if self.in_property is None:
            return url_of(message)
        value = message.properties.get(self.in_property)
        return value if isinstance(value, str) else ""


def _port(value: str | None) -> int | None:
    if value is None:
        return None
    if not re.fullmatch(r"-1|[0-9]{1,5}", value, re.ASCII) or int(value) > 65535:
        raise Fault(f"'{value}' is not a port")
    return None if value == "-1" else int(value)


def _without_parameter(query: str, name: str) -> str:
    """Without the first parameter that ``name=`` (a regular expression in the reference) is found in."""
    pairs = query.split("&")
    for index, pair in enumerate(pairs):
        if f"{name}=" in pair:
            del pairs[index]
            break
    return "&".join(pairs)


def _resolved(text: str, message: MessageContext) -> str:
    """With properties in place of ``{name}``; one that is missing empties the part, as in Synapse."""
    values = {name: message.properties.get(name) for name in _PARAMETER.findall(text)}
    if not all(isinstance(value, str) and value for value in values.values()):
        return ""
    return _PARAMETER.sub(lambda match: str(values[match[1]]), text)
