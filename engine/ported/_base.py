"""What ported classes share: properties and parameters as text, with and without `${…}`; the request for a token."""

from __future__ import annotations

import functools
from typing import Literal

from engine.core.env import env_of
from engine.core.http import HttpRequest
from engine.errors import Fault
from engine.expressions.base import Expression, ExpressionError
from engine.expressions.template import Template
from engine.expressions.text_template import parse_text
from engine.expressions.values import text_of
from engine.expressions.variables import parameter
from engine.message.context import MessageContext
from engine.message.payload import Payload

URI_VAR = "uri.var."

MediaType = Literal["json", "xml", "text"]


def text(message: MessageContext, name: str) -> str:
    """A property as text; ``""`` when it is not set."""
    return text_of(message.properties.get(name)) or ""


def argument(message: MessageContext, name: str) -> str:
    """A parameter of the operation as text; ``""`` when it is not given."""
    return text_of(parameter(message, name)) or ""


def required(message: MessageContext, name: str) -> str:
    """A property as text. Raises Fault when it is not set, where the Java class has a null pointer."""
    value = text_of(message.properties.get(name))
    if value is None:
        raise Fault(f"the property '{name}' is not set")
    return value


def written(message: MessageContext, name: str, media: MediaType) -> str:
    """A parameter with its ``${…}`` evaluated; single quotes around JSON go, which keep it from being an expression."""
    value = argument(message, name)
    if media == "json" and len(value) > 1 and value[0] == value[-1] == "'":
        value = value[1:-1]
    if name in message.functions[-1].computed:
        return value
    template = _template(value, media)
    return template.render(message) if isinstance(template, Template) else template.text(message) or ""


@functools.lru_cache(maxsize=1000)
def _template(source: str, media: MediaType) -> Template | Expression:
    try:
        return parse_text(source, {}) if media == "text" else Template(source, media, (), {})
    except ExpressionError as error:
        raise Fault(f"'{source[:80]}' has a mistake at character {error.offset}: {error.message}") from None


async def post_form(message: MessageContext, url: str, form: str) -> tuple[int, Payload]:
    """What a token server answers to a form: the status, and the body, which has been read."""
    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    response = await env_of(message).http.send(HttpRequest("POST", url, headers, form.encode()))
    payload = Payload(response.body, "application/json", origin="backend")
    await payload.load(env_of(message).limits.buffered_body)
    return response.status, payload


def pairs(value: str) -> list[tuple[str, str]]:
    """``a=1&b=2``. Raises Fault for anything else."""
    found = []
    for each in value.split("&"):
        name, equals, rest = each.partition("=")
        if not equals or "=" in rest or not rest:
            raise Fault(f"'{each}' is not name=value")
        found.append((name, rest))
    return found
