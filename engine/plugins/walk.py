"""Reads a list that comes in pages to its end; the message becomes one array."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.core.env import env_of
from engine.core.http import HttpResponse
from engine.errors import Fault
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import JsonValue
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload
from engine.plugins.connection import Connection
from engine.plugins.exchange import ApiRequest, Exchange
from engine.plugins.paging import Position
from engine.plugins.variant import Plan

MAX_PAGES = 1_000


async def read_all(
    message: MessageContext, connection: Connection, exchange: Exchange, plan: Plan, arguments: Mapping[str, Any]
) -> None:
    """Call for one page after the other, each within the rate limit of the account.

    An answer that is no page, such as an error, becomes the message itself. Raises Fault 502 for a list of more than
    ``MAX_PAGES`` pages, or of more bytes than a message that flows look into may have.
    """
    paging, env = plan.paging, env_of(message)
    assert paging is not None  # callers ask for all pages only where there are pages
    limit = env.limits.buffered_body
    items: list[JsonValue] = []
    size, position = 0, paging.start
    request = plan.request(connection.values, {**arguments, **paging.query(position)})
    for _ in range(MAX_PAGES):
        response = await exchange.fetch(env, connection, request)
        page = _json(response)
        found = paging.items_of(page)
        if found is None:
            exchange.become(message, response)
            return
        items += found
        size += len(response.body) if isinstance(response.body, bytes) else 0
        if size > limit:
            raise Fault(f"the pages of the API's list have over {limit:,} bytes", status=502)
        url = connection.base_url + request.path
        position = paging.after(position, page, len(found), len(items), Headers(response.headers), url)
        if position is None:
            exchange.become(message, response)
            message.payload.set_json(items)
            return
        if paging.style == "link":
            request = _linked(request, position, connection)
        else:
            request = plan.request(connection.values, {**arguments, **paging.query(position)})
    raise Fault(f"the API's list has more than {MAX_PAGES:,} pages", status=502)


def _json(response: HttpResponse) -> JsonValue:
    """The JSON of a good answer, else None."""
    content_type = Headers(response.headers).get("content-type") or ""
    if response.status >= 300 or not isinstance(response.body, bytes):
        return None
    if Payload(response.body, content_type, origin="backend").kind != "json":
        return None
    try:
        return json.decode(response.body)
    except DecodeError:
        return None


def _linked(request: ApiRequest, url: Position, connection: Connection) -> ApiRequest:
    """The request for a link. Raises Fault 502 for another place, which would be sent this one's credentials."""
    base, link = connection.base_url, str(url)
    if not link.startswith(f"{base}/"):
        raise Fault("the API's next page lies outside its base URL", status=502)
    return replace(request, path=link.removeprefix(base))
