"""The arithmetic of signatures: HMAC, Java's URL encoding, AWS version 2 and 4, OAuth 1.0a."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit, urlunsplit


def now() -> float:
    """Seconds since 1970; tests put their own in its place."""
    return time.time()


def nonce() -> str:
    return uuid.uuid4().hex


def utc(pattern: str) -> str:
    """The time of now in UTC, by a pattern of ``strftime``. Names of days and months are English."""
    moment = time.gmtime(now())
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.tm_wday]
    month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][moment.tm_mon - 1]
    return time.strftime(pattern.replace("%a", day).replace("%b", month), moment)


RFC_1123 = "%a, %d %b %Y %H:%M:%S GMT"


def hmac_sha1(key: str, text: str) -> str:
    """Base64 of the HMAC-SHA1."""
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()).decode()


def java_encode(text: str) -> str:
    """Java's ``URLEncoder``: a space is ``+``, ``*`` stays and ``~`` does not."""
    return quote_plus(text, safe="*").replace("~", "%7E")


def rfc3986(text: str) -> str:
    """Percent-encoding as OAuth 1.0a wants it (RFC 5849 section 3.6)."""
    return quote(text, safe="")


# -------------------------------------------------------------------- AWS


def aws4_key(secret: str, date: str, region: str, service: str, termination: str) -> bytes:
    """The derived key of AWS Signature Version 4; ``date`` is yyyymmdd."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, termination):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def aws4_signature(key: bytes, timestamp: str, scope: str, canonical_request: str) -> str:
    """The hexadecimal signature of a canonical request; ``scope`` is date/region/service/aws4_request."""
    digest = hashlib.sha256(canonical_request.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{digest}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Aws4:
    """Who signs with Version 4, and for which service."""

    key_id: str
    secret: str = field(repr=False)
    region: str
    service: str
    termination: str

    def header(self, timestamp: str, method: str, path: str, headers: Mapping[str, str], body: str) -> str:
        """The header Authorization of a request without a query.

        ``timestamp`` is yyyymmddThhmmssZ; the names of ``headers`` are lower case and in their order.
        """
        date = timestamp[:8]
        parts = (self.region, self.service, self.termination)
        scope, signed = "/".join([date, *parts]), ";".join(headers)
        lines = [method, path, "", *(f"{name}:{value}" for name, value in headers.items())]
        canonical = "\n".join([*lines, "", signed, hashlib.sha256(body.encode()).hexdigest()])
        signature = aws4_signature(aws4_key(self.secret, date, *parts), timestamp, scope, canonical)
        return f"AWS4-HMAC-SHA256 Credential={self.key_id}/{scope},SignedHeaders={signed},Signature={signature}"


# -------------------------------------------------------------------- OAuth 1.0a


def oauth1_base(method: str, url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """The signature base string (RFC 5849 section 3.4.1); the query of ``url`` counts among the parameters."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port not in (None, 80 if parts.scheme == "http" else 443) else ""
    base_url = urlunsplit((parts.scheme.lower(), f"{(parts.hostname or '').lower()}{port}", parts.path or "/", "", ""))
    pairs = [*parameters, *parse_qsl(parts.query, keep_blank_values=True)]
    encoded = sorted((rfc3986(name), rfc3986(value)) for name, value in pairs)
    normalised = "&".join(f"{name}={value}" for name, value in encoded)
    return "&".join((method.upper(), rfc3986(base_url), rfc3986(normalised)))


def oauth1_key(consumer_secret: str, token_secret: str) -> str:
    return f"{rfc3986(consumer_secret)}&{rfc3986(token_secret)}"


def oauth1_header(
    method: str, url: str, consumer: tuple[str, str], token: tuple[str, str], form: Iterable[tuple[str, str]] = ()
) -> str:
    """The header Authorization of a request with that form as its body; ``consumer`` and ``token``: key and secret."""
    parameters = {
        "oauth_consumer_key": consumer[0],
        "oauth_nonce": nonce(),
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(int(now())),
        "oauth_token": token[0],
        "oauth_version": "1.0",
    }
    base = oauth1_base(method, url, [*parameters.items(), *form])
    parameters["oauth_signature"] = hmac_sha1(oauth1_key(consumer[1], token[1]), base)
    return "OAuth " + quoted_pairs(dict(sorted(parameters.items())), ", ")


def quoted_pairs(values: Mapping[str, str], separator: str) -> str:
    """``name="value"`` with the values percent-encoded."""
    return separator.join(f'{name}="{rfc3986(value)}"' for name, value in values.items())
