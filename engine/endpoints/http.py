"""<endpoint><http …/></endpoint>"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Iterable, Mapping
from typing import Any, Literal
from urllib.parse import quote, unquote_plus

from engine.core.env import env_of
from engine.core.http import HttpRequest, HttpResponse
from engine.declare.fields import attr, child, element
from engine.endpoints._authentication import Authentication
from engine.endpoints._placeholders import filled
from engine.endpoints.addressing import with_postfix
from engine.endpoints.leaf import Leaf
from engine.expressions.uri_template import UriTemplate
from engine.message.context import MessageContext

_LEGACY = "legacy-encoding:"
_IN_PATH = "/:@!$&'()*+,;=-._~"
_IN_QUERY = f"{_IN_PATH}?[]"
_URL = re.compile(
    r"(?P<origin>[^:/?#]+://[^/?#\x00-\x20\x7f]+)(?P<path>(?:/[^?#]*)?)"
    r"(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.DOTALL,
)
_TRIMMED = "".join(map(chr, range(33)))
"""What java.net.URL takes off both ends of an address."""

Method = Literal["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]


@element("http", kind="endpoint-type", category="endpoint")
class Http(Leaf):
    """Call a REST back end.

    The template's variables are the properties ``uri.var.*`` and ``query.param.*`` (Synapse traps 33 and 34). When the
    message has no such property, ``${name}`` in the template is the property of that name.

    Without a method the message keeps the one it has, and the rest of a REST request's path and its query are appended,
    as to an address; with a method they are not (trap 35).

    Example::

        <endpoint><http method="get" uri-template="https://api.example.com/orders/{uri.var.id}"/></endpoint>
    """

    method: Method | None = attr("HTTP method.", default=None)
    uri_template: UriTemplate = attr("Where to call.", name="uri-template")

    version: Literal["1.1", "2.0"] = attr("HTTP version; 1.1 is spoken in any case.", default="1.1")
    authentication: Authentication | None = child("How requests show who sends them.", tag="authentication")

    async def deliver(self, message: MessageContext) -> None:
        if self.authentication is not None and self.authentication.oauth is not None:
            # A refused token means sending a second time, which a stream cannot do.
            await message.payload.load(env_of(message).limits.buffered_body)
        await super().deliver(message)

    def ask(self, message: MessageContext, request: HttpRequest) -> Awaitable[HttpResponse]:
        if self.authentication is None:
            return super().ask(message, request)
        return self.authentication.ask(message, request, self.place.name)

    def __post_init__(self) -> None:
        self._legacy: UriTemplate | None = None
        if self.uri_template.text.startswith(_LEGACY):
            self._legacy = UriTemplate(self.uri_template.text.removeprefix(_LEGACY))

    def remarks(self) -> Iterable[tuple[str, str]]:
        yield from super().remarks()
        if self.version == "2.0":
            yield "HTTP/2 is not spoken here.", "The request goes out in HTTP/1.1, which servers with HTTP/2 take too."

    def address_for(self, message: MessageContext) -> str:
        properties = message.properties
        if self._legacy is not None:
            template, expanded = self._legacy, _expanded_as_once(self._legacy, properties)
        else:
            template, expanded = self.uri_template, self.uri_template.expand(properties)
        # Only what the author wrote has placeholders, never a value.
        url = filled(expanded, properties) if expanded == template.text else expanded
        return with_postfix(url, message) if self.method is None else url

    def method_for(self, message: MessageContext) -> str:
        return self.method or super().method_for(message)


def _expanded_as_once(template: UriTemplate, properties: Mapping[str, Any]) -> str:
    """How WSO2 expanded templates before it followed RFC 6570: values may be encoded already, and ``%20`` stays one.

    Values and the result are decoded, then what no URL may hold is encoded (HTTPEndpoint's legacySupport).
    """
    decoded = {
        name: unquote_plus(str(value)) if name.startswith(("uri.var.", "query.param.")) else value
        for name, value in properties.items()
        if value is not None
    }
    expanded = template.expand_any(decoded)
    if expanded == template.text and "{" in expanded:
        return expanded
    match = _URL.fullmatch(unquote_plus(expanded).strip(_TRIMMED))
    if match is None:
        return template.text
    query, fragment = match["query"], match["fragment"]
    address = match["origin"] + quote(match["path"], safe=_IN_PATH)
    if query is not None:  # an empty one keeps its question mark
        address += f"?{quote(query, safe=_IN_QUERY)}"
    return address if fragment is None else f"{address}#{quote(fragment, safe=_IN_QUERY)}"
