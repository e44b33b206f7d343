from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import pytest

from engine.errors import Fault
from engine.message.context import MessageContext
from engine.ported import find, oauth1, signing
from engine.testing.harness import Harness
from tests.ported.test_signing import CONSUMER_SECRET, TOKEN_SECRET, TWITTER


@pytest.fixture(autouse=True)
def _fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "now", lambda: 1318622958.0)
    monkeypatch.setattr(signing, "nonce", lambda: TWITTER["oauth_nonce"])
    monkeypatch.setattr(oauth1, "_number", lambda: "42")


def ran(name: str, properties: dict[str, Any]) -> MessageContext:
    message = Harness().message()
    message.properties.update(properties)
    found = find(f"org.wso2.carbon.connector.{name}")
    assert found is not None
    found().mediate(message)
    return message


TWITTER_PROPERTIES = {
    "twitter.consumerKey": TWITTER["oauth_consumer_key"],
    "twitter.consumerSecret": CONSUMER_SECRET,
    "twitter.accessToken": TWITTER["oauth_token"],
    "twitter.accessTokenSecret": TOKEN_SECRET,
    "uri.var.httpMethod": "POST",
    "uri.var.apiUrl": "https://api.twitter.com",
    "uri.var.apiUrl.final": "https://api.twitter.com/1.1/statuses/update.json",
    "uri.var.status": f"status={quote(TWITTER['status'], safe='')}",
    "uri.var.entities": "include_entities=true",
    "uri.var.absent": "",
    "uri.var.uriParams": "ignored=1",
}


def test_twitter_signs_as_its_documentation_does() -> None:
    header = ran("twitter.TwitterSignatureGeneration", TWITTER_PROPERTIES).properties["uri.var.signature"]
    assert header.startswith('OAuth oauth_consumer_key="xvz1evFS4wEEPTGEFPHBog",oauth_signature_method="HMAC-SHA1",')
    signature = unquote(header.partition('oauth_signature="')[2].partition('"')[0])
    assert signature == "hCtSmYh+iHYCEqBWrE7C7hYmtUk="


def test_twitter_sorts_whole_parameters() -> None:
    """The quirk of the Java class: ``a=…`` and ``a.b=…`` are sorted with their values, not by their names."""
    one = ran("twitter.TwitterSignatureGeneration", TWITTER_PROPERTIES | {"uri.var.x": "a=1", "uri.var.y": "a.b=1"})
    other = ran("twitter.TwitterSignatureGeneration", TWITTER_PROPERTIES | {"uri.var.y": "a.b=1", "uri.var.x": "a=1"})
    assert one.properties["uri.var.signature"] == other.properties["uri.var.signature"]


def test_twitter_needs_its_keys() -> None:
    with pytest.raises(Fault, match=r"'twitter\.consumerKey' is not set"):
        ran("twitter.TwitterSignatureGeneration", {})


def test_remove_twitter_context() -> None:
    message = ran("twitter.RemoveTwitterContext", TWITTER_PROPERTIES)
    assert {name for name in message.properties if name.startswith("uri.var")} == {
        "uri.var.apiUrl",
        "uri.var.apiUrl.final",
    }
    assert message.properties["twitter.consumerKey"]


@pytest.mark.parametrize(
    ("name", "more", "url"),
    [
        ("quickbooks.auth.QuickBooksOAuthSignpost", {}, "https://h/v3/company?a=b"),
        ("xero.auth.XeroOAuthSignpost", {"uri.var.uriAppender": "/api.xro"}, "https://h/api.xro/v3/company?a=b"),
    ],
)
def test_signpost(name: str, more: dict[str, str], url: str) -> None:
    properties = {
        "uri.var.method": "get",
        "uri.var.apiUrl": "https://h",
        "uri.var.uriRemainder": "/v3/company",
        "uri.var.params": "a=b",
        "uri.var.consumerKey": "ck",
        "uri.var.consumerSecret": "cs",
        "uri.var.accessToken": "t",
        "uri.var.accessTokenSecret": "ts",
    }
    header = ran(name, properties | more).properties["auth"]
    assert header == signing.oauth1_header("GET", url, ("ck", "cs"), ("t", "ts"))


def test_flickr() -> None:
    properties = {
        "flickr.httpMethod": "GET",
        "flickr.apiUri": "https://api.flickr.com/services/rest",
        "flickr.parameters": "a=1&oauth_nonce=dummynonce&oauth_timestamp=dummytimestamp",
        "flickr.oauth.consumerKeySecret": "cs",
        "flickr.oauth.accessTokenSecret": "ts",
    }
    message = ran("flickr.GenerateSignature", properties)
    filled = "a=1&oauth_nonce=42&oauth_timestamp=1318622958"
    assert message.properties["flickr.parameters"] == filled
    base = f"GET&{quote(properties['flickr.apiUri'], safe='')}&{quote(filled, safe='')}"
    assert unquote(message.properties["flickr.oauth.signature"]) == signing.hmac_sha1("cs&ts", base)


def test_yelp() -> None:
    properties = {
        "yelp.httpMethod": "GET",
        "yelp.apiUri": "http://api.yelp.com/v2/search",
        "yelp.oauth.timestamp": "dummytimestamp",
        "yelp.oauth.nonce": "dummynonce",
        "yelp.parameters": "n=dummynonce&t=dummytimestamp",
        "yelp.oauth.consumerKeySecret": "cs",
        "yelp.oauth.accessTokenSecret": "ts",
    }
    message = ran("GenerateSignature", properties)
    assert message.properties["yelp.parameters"] == "n=42&t=1318622958"
    assert (message.properties["yelp.oauth.nonce"], message.properties["yelp.oauth.timestamp"]) == ("42", "1318622958")
    base = f"GET&{quote(properties['yelp.apiUri'], safe='')}&n%3D42%26t%3D1318622958"
    assert unquote(message.properties["yelp.oauth.signature"]) == signing.hmac_sha1("cs&ts", base)
