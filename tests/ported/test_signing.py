"""Published test vectors of Amazon, of RFC 5849 and of Twitter's documentation."""

from __future__ import annotations

import hashlib
from urllib.parse import unquote

import pytest

from engine.ported import signing


def test_aws_2_example_of_the_s3_documentation() -> None:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html, "Object GET"
    text = "GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n/awsexamplebucket1/photos/puppy.jpg"
    key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    assert signing.hmac_sha1(key, text) == "qgk2+6Sv9/oM7G3qLEjTH1a1l1g="


def test_hmac_sha1_of_rfc_2202() -> None:
    assert signing.hmac_sha1("Jefe", "what do ya want for nothing?") == "7/zfauXrL6LSdBbV8YTfnCWafHk="


def test_aws_4_key_of_the_documentation() -> None:
    # https://docs.aws.amazon.com/general/latest/gr/signature-v4-examples.html
    key = signing.aws4_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20120215", "us-east-1", "iam", "aws4_request")
    assert key.hex() == "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"


def test_aws_4_signature_of_the_documentation() -> None:
    # "ListUsers" of the Signature Version 4 signing process
    canonical = (
        "GET\n/\nAction=ListUsers&Version=2010-05-08\n"
        "content-type:application/x-www-form-urlencoded; charset=utf-8\nhost:iam.amazonaws.com\n"
        "x-amz-date:20150830T123600Z\n\ncontent-type;host;x-amz-date\n" + hashlib.sha256(b"").hexdigest()
    )
    key = signing.aws4_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "iam", "aws4_request")
    scope = "20150830/us-east-1/iam/aws4_request"
    signature = signing.aws4_signature(key, "20150830T123600Z", scope, canonical)
    assert signature == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"


def test_the_base_string_of_rfc_5849() -> None:
    # Section 3.4.1.1, with the parameters of the body and the header given.
    base = signing.oauth1_base(
        "post",
        "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
        [
            ("oauth_consumer_key", "9djdj82h48djs9d2"),
            ("oauth_token", "kkk9d7dh3k39sjv7"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "7d8f3e4a"),
            ("c2", ""),
            ("a3", "2 q"),
        ],
    )
    assert base == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26"
        "c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26"
        "oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


TWITTER = {
    "oauth_consumer_key": "xvz1evFS4wEEPTGEFPHBog",
    "oauth_nonce": "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
    "oauth_signature_method": "HMAC-SHA1",
    "oauth_timestamp": "1318622958",
    "oauth_token": "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
    "oauth_version": "1.0",
    "status": "Hello Ladies + Gentlemen, a signed OAuth request!",
}
CONSUMER_SECRET = "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw"
TOKEN_SECRET = "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"


def test_the_signature_of_twitters_documentation() -> None:
    # https://developer.x.com/en/docs/authentication/oauth-1-0a/creating-a-signature
    url = "https://api.twitter.com/1.1/statuses/update.json?include_entities=true"
    base = signing.oauth1_base("POST", url, TWITTER.items())
    assert signing.hmac_sha1(signing.oauth1_key(CONSUMER_SECRET, TOKEN_SECRET), base) == "hCtSmYh+iHYCEqBWrE7C7hYmtUk="


def test_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "now", lambda: 1318622958.5)
    monkeypatch.setattr(signing, "nonce", lambda: "n")
    header = signing.oauth1_header("GET", "https://h/p?a=b", ("ck", "cs"), ("t", "ts"))
    assert header.startswith('OAuth oauth_consumer_key="ck", oauth_nonce="n", oauth_signature="')
    base = signing.oauth1_base(
        "GET",
        "https://h/p?a=b",
        [("oauth_consumer_key", "ck"), ("oauth_nonce", "n"), ("oauth_signature_method", "HMAC-SHA1"),
         ("oauth_timestamp", "1318622958"), ("oauth_token", "t"), ("oauth_version", "1.0")],
    )  # fmt: skip
    signature = unquote(header.partition('oauth_signature="')[2].partition('"')[0])
    assert signature == signing.hmac_sha1("cs&ts", base)


@pytest.mark.parametrize(
    ("text", "java", "oauth"),
    [
        ("a b", "a+b", "a%20b"),
        ("*-._~", "*-._%7E", "%2A-._~"),
        ("é/+&=", "%C3%A9%2F%2B%26%3D", "%C3%A9%2F%2B%26%3D"),
        ("", "", ""),
    ],
)
def test_encodings(text: str, java: str, oauth: str) -> None:
    assert (signing.java_encode(text), signing.rfc3986(text)) == (java, oauth)


def test_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "now", lambda: 1175024202.0)
    assert signing.utc(signing.RFC_1123) == "Tue, 27 Mar 2007 19:36:42 GMT"
    assert signing.utc("%Y%m%dT%H%M%SZ") == "20070327T193642Z"


@pytest.mark.parametrize(
    ("method", "signature"),
    [
        ("GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ],
)
def test_aws_version_4_header(method: str, signature: str) -> None:
    """get-vanilla and post-vanilla of Amazon's own test suite."""
    secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    signer = signing.Aws4("AKIDEXAMPLE", secret, "us-east-1", "service", "aws4_request")
    headers = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
    assert signer.header("20150830T123600Z", method, "/", headers, "") == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
        f"SignedHeaders=host;x-amz-date,Signature={signature}"
    )
    assert secret not in repr(signer)
