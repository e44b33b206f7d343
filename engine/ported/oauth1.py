"""OAuth 1.0a as public connectors sign with it: Twitter, QuickBooks, Xero, Flickr, Yelp."""

from __future__ import annotations

import random
from typing import ClassVar

from engine.core.java_class import JavaClass, java_class
from engine.message.context import MessageContext
from engine.ported import signing
from engine.ported._base import URI_VAR, required, text


@java_class("org.wso2.carbon.connector.twitter.TwitterSignatureGeneration")
class TwitterSignature(JavaClass):
    """``uri.var.signature``: the header Authorization.

    Each ``uri.var.*`` is a parameter written ``name=value``, but for uriParams, apiUrl and httpMethod. They are sorted
    as a whole, which is the order of OAuth as long as no name is the beginning of another.
    """

    def mediate(self, message: MessageContext) -> None:
        consumer, token = required(message, "twitter.consumerKey"), required(message, "twitter.accessToken")
        oauth = {
            "oauth_consumer_key": consumer,
            "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": str(int(signing.now())),
            "oauth_nonce": signing.nonce(),
            "oauth_version": "1.0",
        }
        pieces = [f"{name}={value}" for name, value in oauth.items()] + [f"oauth_token={token}"]
        ignored = ("uri.var.uriParams", "uri.var.apiUrl", "uri.var.httpMethod")
        pieces += [
            text(message, name)
            for name in message.properties
            if name.startswith(URI_VAR) and not name.startswith(ignored)
        ]
        parameters = "&".join(sorted(piece for piece in pieces if piece))
        url = text(message, "uri.var.apiUrl.final")
        base = f"{text(message, 'uri.var.httpMethod')}&{signing.rfc3986(url)}&{signing.rfc3986(parameters)}"
        secret = required(message, "twitter.consumerSecret")
        key = f"{secret}&{signing.rfc3986(required(message, 'twitter.accessTokenSecret'))}"
        oauth |= {"oauth_signature": signing.hmac_sha1(key, base), "oauth_token": token}
        message.properties["uri.var.signature"] = "OAuth " + signing.quoted_pairs(oauth, ",")


@java_class("org.wso2.carbon.connector.twitter.RemoveTwitterContext")
class RemoveTwitterContext(JavaClass):
    """Forget the parameters of the operation before (``uri.var.*``), but for the URL of the API."""

    def mediate(self, message: MessageContext) -> None:
        for name in [each for each in message.properties if each.startswith(URI_VAR)]:
            if not name.startswith("uri.var.apiUrl"):
                del message.properties[name]


class _Signpost(JavaClass):
    """``auth``: the header Authorization for ``uri.var.method`` and the URL of ``url_parts`` and ``uri.var.params``."""

    url_parts: ClassVar[tuple[str, ...]] = ("apiUrl", "uriRemainder")

    def mediate(self, message: MessageContext) -> None:
        url = "".join(required(message, URI_VAR + part) for part in self.url_parts)
        if parameters := required(message, "uri.var.params"):
            url += f"?{parameters}"
        consumer = (required(message, "uri.var.consumerKey"), required(message, "uri.var.consumerSecret"))
        token = (required(message, "uri.var.accessToken"), required(message, "uri.var.accessTokenSecret"))
        message.properties["auth"] = signing.oauth1_header(required(message, "uri.var.method"), url, consumer, token)


@java_class("org.wso2.carbon.connector.quickbooks.auth.QuickBooksOAuthSignpost")
class QuickBooksSignature(_Signpost):
    """For QuickBooks."""


@java_class("org.wso2.carbon.connector.xero.auth.XeroOAuthSignpost")
class XeroSignature(_Signpost):
    """For Xero."""

    url_parts = ("apiUrl", "uriAppender", "uriRemainder")


class _DummySignature(JavaClass):
    """Sign ``PRODUCT.parameters``, in which the words dummynonce and dummytimestamp stand for what is made here."""

    product = ""

    def mediate(self, message: MessageContext) -> None:
        self.fill(message)
        base = "&".join(
            (
                required(message, f"{self.product}.httpMethod"),
                signing.java_encode(required(message, f"{self.product}.apiUri")),
                signing.java_encode(required(message, f"{self.product}.parameters")),
            )
        )
        secrets = [required(message, f"{self.product}.oauth.{name}Secret") for name in ("consumerKey", "accessToken")]
        signature = signing.hmac_sha1("&".join(secrets), base)
        message.properties[f"{self.product}.oauth.signature"] = signing.java_encode(signature)

    def fill(self, message: MessageContext) -> None:
        """Put nonce and timestamp in."""
        name = f"{self.product}.parameters"
        filled = required(message, name).replace("dummynonce", _number())
        message.properties[name] = filled.replace("dummytimestamp", str(int(signing.now())))


@java_class("org.wso2.carbon.connector.flickr.GenerateSignature")
class FlickrSignature(_DummySignature):
    """For Flickr."""

    product = "flickr"


@java_class("org.wso2.carbon.connector.GenerateSignature")
class YelpSignature(_DummySignature):
    """For Yelp, which has nonce and timestamp as properties of their own too."""

    product = "yelp"

    def fill(self, message: MessageContext) -> None:
        timestamp = required(message, "yelp.oauth.timestamp").replace("dummytimestamp", str(int(signing.now())))
        nonce = required(message, "yelp.oauth.nonce").replace("dummynonce", _number())
        message.properties |= {"yelp.oauth.timestamp": timestamp, "yelp.oauth.nonce": nonce}
        filled = required(message, "yelp.parameters").replace("dummynonce", nonce)
        message.properties["yelp.parameters"] = filled.replace("dummytimestamp", timestamp)


def _number() -> str:
    return str(random.SystemRandom().randrange(100_000_000))
