"""<cache>"""

from __future__ import annotations

import dataclasses
import email.utils
import logging
import time
from dataclasses import dataclass
from typing import Literal

from engine.core.env import env_of
from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.core.wire import content_of, headers_of
from engine.declare.convert import Regex, Unacceptable
from engine.declare.fields import attr, body, child, child_text, element
from engine.declare.spec import Node
from engine.errors import Fault
from engine.mediators import _request_hash
from engine.mediators._direction import is_response, turn_back
from engine.mediators._request_hash import HeaderChoice
from engine.mediators._response_cache import CachedResponse, ResponseCache
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload

log = logging.getLogger("myelin.flow")

DEFAULT_ENTRIES = 1_000
"""Answers kept when ``maxSize`` does not say; without it the reference keeps any number."""

_PENDING = "CachableResponse"
_HASH = "requestHash"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "PATCH", "*"})
_BODY_HASH = "DOMHASHGenerator"
_KNOWN_HASHES = frozenset({_BODY_HASH, "REQUESTHASHGenerator", "HttpRequestHashGenerator"})
_NOT_MODIFIED = 304


@element("onCacheHit")
class OnCacheHit(Node):
    """What happens with an answer from the cache, in place of sending it to the client."""

    sequence: str | None = attr("Sequence to run.", default=None, refers="sequence")
    steps: tuple[Mediator, ...] = body("Mediators to run.")


@element("protocol")
class Protocol(Node):
    """What counts of HTTP."""

    type: Literal["HTTP"] = attr("The protocol.", default="HTTP")
    methods: str = child_text(
        "Methods whose answers are kept, separated by commas; * = all.", tag="methods", default="*"
    )
    exclude: str = child_text(
        "Headers that make no difference, separated by commas; * = none does.", tag="headersToExcludeInHash", default=""
    )
    include: str = child_text(
        "The only headers that make a difference, separated by commas.", tag="headersToIncludeInHash", default=""
    )
    codes: Regex | None = child_text("Statuses that are kept.", tag="responseCodes")
    cache_control: bool = child_text(
        "Whether Cache-Control of the answer counts: no-store, no-cache with ETag, max-age.",
        tag="enableCacheControl",
        default=False,
    )
    age: bool = child_text("Whether answers from the cache say their Age.", tag="includeAgeHeader", default=False)
    hash_generator: str = child_text("What makes requests equal.", tag="hashGenerator", default="")


@element("implementation")
class Implementation(Node):
    """Where answers are kept: always in the memory of the process."""

    type: str = attr("Accepted, without a meaning here.", default="memory")
    max_size: int = attr("How many answers are kept.", name="maxSize", default=DEFAULT_ENTRIES)


@dataclass(frozen=True, slots=True)
class _Pending:
    """A miss on its way to the back end, for the collector to fill."""

    cache: ResponseCache
    finder: Cache
    key: str
    method: str

    def __str__(self) -> str:
        return self.key


@element("cache", kind="mediator", category="advanced")
class Cache(Mediator):
    """Answer equal requests from memory.

    One ``<cache collector="false">`` before the call looks the request up: an answer that is there goes to the client
    (or through ``onCacheHit``), and the flow ends. Otherwise it goes on, and a ``<cache collector="true"/>`` after the
    call keeps the answer. Requests are equal when method, address, query, headers and body are; ``protocol`` says which
    headers count, ``hashGenerator`` DOMHASHGenerator compares bodies only. Caches with the same ``id`` share their
    answers, across deployments too; others begin anew when their file changes.

    Several misses at the same time all call the back end; the last answer stays. Answers are kept as bytes, so nothing
    that a flow does to its message changes them. With ``enableCacheControl`` an answer whose max-age is over, or that
    says no-cache, is asked for again, with If-None-Match when it has an ETag; a 304 then brings the kept one.

    Example::

        <cache collector="false" timeout="60" maxMessageSize="100000">
          <protocol type="HTTP">
            <methods>GET</methods>
            <headersToIncludeInHash>Accept, Authorization</headersToIncludeInHash>
            <responseCodes>2[0-9][0-9]</responseCodes>
            <enableCacheControl>true</enableCacheControl>
          </protocol>
          <implementation maxSize="500"/>
        </cache>
    """

    reads_body = True

    collector: bool = attr("Whether to keep the answer (true) or to look for one (false).")
    id: str | None = attr("Name under which answers are shared.", default=None)
    timeout: int = attr("Seconds that an answer is kept.", default=5000)
    max_message_size: int = attr("Bytes of the longest body that is kept; -1 = any.", name="maxMessageSize", default=-1)
    hash_generator: str = attr("What makes requests equal.", name="hashGenerator", default="")
    scope: str | None = attr("Accepted, without a meaning: an answer belongs to its cache.", default=None)
    on_hit: OnCacheHit | None = child("What happens with an answer from the cache.", tag="onCacheHit")
    protocol: Protocol | None = child("What counts of HTTP.", tag="protocol")
    implementation: Implementation | None = child("Where answers are kept.", tag="implementation")
    _own: ResponseCache = dataclasses.field(init=False)
    _headers: HeaderChoice = dataclasses.field(init=False)
    _methods: frozenset[str] = dataclasses.field(init=False)
    _hash: str = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        protocol = self.protocol
        self._methods = frozenset(_names(protocol.methods.upper())) if protocol is not None else frozenset("*")
        if unknown := sorted(self._methods - _METHODS):
            raise Unacceptable(f"'{unknown[0]}' is no HTTP method.")
        generator = (protocol.hash_generator if protocol is not None else "") or self.hash_generator
        # People name Java classes, of several packages over the years: the last part tells which one is meant.
        self._hash = generator.strip().rpartition(".")[2]
        if self._hash and self._hash not in _KNOWN_HASHES:
            raise Unacceptable(
                f"the hash generator '{self._hash}' is not known.", hint=f"Known: {', '.join(sorted(_KNOWN_HASHES))}."
            )
        self._headers = HeaderChoice(
            frozenset(_names(protocol.include.lower())) if protocol is not None else frozenset(),
            frozenset(_names(protocol.exclude.lower())) if protocol is not None else frozenset(),
        )
        if self.timeout < 0:
            raise Unacceptable("'timeout' cannot be negative.")
        self._own = self._new_cache()

    async def mediate(self, message: MessageContext) -> bool:
        if self.collector:
            if not (is_response(message) or message.resumed):
                raise Fault("a <cache> that keeps answers stands where answers are: after the call")
            _collect(message)
            return True
        if is_response(message):
            raise Fault("a <cache> that looks for answers stands where requests are: before the call")
        return await self._look_up(message)

    # ---------------------------------------------------------------- finder

    async def _look_up(self, message: MessageContext) -> bool:
        key = _request_hash.of_body(message) if self._hash == _BODY_HASH else self._request_key(message)
        cache = self._own if not self.id else env_of(message).shared("cache", self.id, self._new_cache)
        method = str(message.axis2.get("HTTP_METHOD") or message.exchange.method).upper()
        message.properties[_HASH] = key
        message.properties[_PENDING] = _Pending(cache, self, key, method)
        found = cache.get(key)
        if found is None or self._must_be_asked_again(found, message):
            return True
        self.restore(found, message)
        await self._on_hit(message)
        return False

    async def _on_hit(self, message: MessageContext) -> None:
        action = self.on_hit
        if action is not None and action.sequence is not None:
            await env_of(message).sequence(action.sequence).mediate(message)
        elif action is not None and action.steps:
            await run(action.steps, message)
        else:
            turn_back(message)
            await message.exchange.answer(message)

    def _must_be_asked_again(self, found: CachedResponse, message: MessageContext) -> bool:
        if self.protocol is None or not self.protocol.cache_control:
            return False
        directives = _cache_control(found.header(b"cache-control"))
        max_age = directives.get("max-age", "")
        too_old = max_age.isdigit() and found.age > int(max_age)
        if "no-cache" not in directives and not too_old:
            return False
        if etag := found.header(b"etag"):
            message.headers.set("If-None-Match", etag)
        return True

    def restore(self, found: CachedResponse, message: MessageContext) -> None:
        """The message becomes the answer that was kept."""
        payload = Payload(found.body, found.content_type, origin="backend")
        message.become_response(found.status, found.reason, Headers(found.headers), payload)
        if self.protocol is not None and self.protocol.age:
            message.headers.set("Age", str(found.age))

    # ---------------------------------------------------------------- collector

    def keep(self, pending: _Pending, message: MessageContext) -> None:
        """Keep the answer that the message is now, or forget what was kept for this request."""
        status = str(message.axis2.get("HTTP_SC") or 200).strip()
        control = _cache_control(message.headers.get("cache-control") or "") if self._minds_cache_control else {}
        if status == str(_NOT_MODIFIED) and (found := pending.cache.get(pending.key)) is not None:
            self.restore(found, message)
            return
        if "no-store" in control or not self._wants(status, pending.method):
            pending.cache.remove(pending.key)
            return
        response = _response_of(message, int(status))
        if self.max_message_size < 0 or len(response.body) <= self.max_message_size:
            pending.cache.put(pending.key, response, self.timeout)

    @property
    def _minds_cache_control(self) -> bool:
        return self.protocol is not None and self.protocol.cache_control

    def _wants(self, status: str, method: str) -> bool:
        codes = self.protocol.codes if self.protocol is not None else None
        kept = status.isdigit() and (codes is None or codes.fullmatch(status) is not None)
        return kept and not self._methods.isdisjoint({"*", method})

    def _request_key(self, message: MessageContext) -> str:
        return _request_hash.of_request(message, self._headers)

    def _new_cache(self) -> ResponseCache:
        size = self.implementation.max_size if self.implementation is not None else DEFAULT_ENTRIES
        return ResponseCache(size if size >= 0 else DEFAULT_ENTRIES)


def _collect(message: MessageContext) -> None:
    pending = message.properties.get(_PENDING)
    if isinstance(pending, _Pending):
        pending.finder.keep(pending, message)
    else:
        log.warning("%s: <cache collector> found no <cache> before the call", message.correlation_id)


def _response_of(message: MessageContext, status: int) -> CachedResponse:
    content, content_type = content_of(message, is_answer=True)
    assert isinstance(content, bytes)  # reads_body: it was read before
    headers = headers_of(message, content_type)
    return CachedResponse(
        status=status,
        reason=str(message.axis2.get("HTTP_SC_DESC") or ""),
        headers=headers,
        content_type=content_type or message.headers.get("content-type") or "",
        body=content,
        fetched=_date_of(message),
    )


def _date_of(message: MessageContext) -> float:
    """The answer's Date, which tells its age even when another cache had it before; now, when it has none."""
    try:
        return email.utils.parsedate_to_datetime(message.headers.get("date") or "").timestamp()
    except ValueError:
        return time.time()


def _cache_control(text: str) -> dict[str, str]:
    """``max-age=60, no-cache`` -> {"max-age": "60", "no-cache": ""}."""
    pairs = (part.strip().partition("=") for part in text.lower().split(","))
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs if name}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
