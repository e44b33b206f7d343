from __future__ import annotations

import inspect
from urllib.parse import parse_qsl

import pytest

from engine.core.http import HttpRequest
from engine.errors import Fault
from engine.message.context import MessageContext
from engine.ported import find, signing
from engine.testing.harness import Harness, StubClient, response

API = "http://api.tumblr.com/v2"
OAUTH = {"consumerKey": "ck", "consumerSecret": "cs", "accessToken": "at", "accessSecret": "as"}
POST = {"state": "draft", "tags": "a,b", "tweet": "", "format": "html", "slug": "s"}


async def run(name: str, address: str, parameters: dict[str, str], client: StubClient) -> MessageContext:
    message = Harness(http=client).message()
    message.properties[f"tumblr.url.{address}"] = f"{API}/{address}"
    message.properties |= {f"tumblr.param.{each}": value for each, value in parameters.items()}
    message.properties |= {f"tumblr.oauth.{each}": value for each, value in OAUTH.items()}
    found = find(f"org.wso2.carbon.connector.tumblr.Tumblr{name}")
    assert found is not None
    result = found().mediate(message)
    assert inspect.isawaitable(result)
    await result
    return message


def authorized(request: HttpRequest, form: list[tuple[str, str]]) -> bool:
    """Whether the header is the signature of what is sent."""
    header = dict(request.headers)[b"authorization"].decode()
    assert header.startswith("OAuth ")
    given = {name: value.strip('"') for name, _, value in (each.partition("=") for each in header[6:].split(", "))}
    parameters = [(name, value) for name, value in given.items() if name != "oauth_signature"]
    base = signing.oauth1_base(request.method, request.url, [*parameters, *form])
    return given["oauth_signature"] == signing.rfc3986(signing.hmac_sha1("cs&as", base))


@pytest.mark.parametrize(
    ("name", "address", "parameters", "query"),
    [
        ("GetFollowers", "followers", {"limit": "5", "offset": ""}, "?limit=5"),
        ("GetFollowing", "following", {}, ""),
        ("GetLikes", "likes", {"limit": "1", "offset": "2"}, "?limit=1&offset=2"),
        ("GetQueuedPosts", "queuedPosts", {"offset": "2", "filter": "a b"}, "?offset=2&filter=a%20b"),
        ("GetDrafts", "drafts", {"beforeId": "7", "filter": "raw"}, "?before_id=7&filter=raw"),
        ("GetSubmissions", "submissions", {"limit": "no", "offset": "1"}, "?offset=1"),
        ("GetUserInfo", "userInfo", {"limit": "no"}, ""),
        (
            "GetUserDashboard",
            "dashboard",
            {"type": "text", "sinceId": "7", "needReblogInfo": "true", "needNoteInfo": "false"},
            "?type=text&since_id=7&reblog_info=true&notes_info=false",
        ),
    ],
)
async def test_lists(name: str, address: str, parameters: dict[str, str], query: str) -> None:
    client = StubClient(lambda request: response(body='{"é": 1}'.encode()))
    message = await run(name, address, parameters, client)
    [request] = client.requests
    assert (request.method, request.url, request.body) == ("GET", f"{API}/{address}{query}", b"")
    assert authorized(request, [])
    assert message.properties["tumblr.response"] == '{"é": 1}'


@pytest.mark.parametrize(
    ("name", "address", "parameters", "form"),
    [
        (
            "CreatePost",
            "createPost",
            POST | {"type": "text", "title": "T & ü", "body": "b", "source": "no", "id": "no"},
            {"state": "draft", "tags": "a,b", "format": "html", "slug": "s"}
            | {"type": "text", "title": "T & ü", "body": "b"},
        ),
        ("CreatePost", "createPost", {"type": "quote", "quote": "q", "source": "s", "title": "no"},
         {"type": "quote", "quote": "q", "source": "s"}),
        ("CreatePost", "createPost", {"type": "link", "title": "t", "source": "http://x", "description": "d"},
         {"type": "link", "title": "t", "url": "http://x", "description": "d"}),
        ("CreatePost", "createPost", {"type": "chat", "title": "t", "conversation": "c"},
         {"type": "chat", "title": "t", "conversation": "c"}),
        ("EditPost", "editPost", {"id": "7", "type": "audio", "caption": "c", "source": "s"},
         {"id": "7", "type": "audio", "caption": "c", "external_url": "s"}),
        ("ReblogPost", "createPost", {"id": "7", "reblogId": "k", "type": "video", "embed": "<e>", "comment": "c"},
         {"id": "7", "reblog_key": "k", "type": "video", "comment": "c", "embed": "<e>"}),
        ("DeletePost", "deletePost", {"id": "7", "type": "text", "title": "no"}, {"id": "7"}),
        ("Follow", "follow", {"url": "a.tumblr.com"}, {"url": "a.tumblr.com"}),
        ("Unfollow", "unFollow", {"url": "a.tumblr.com"}, {"url": "a.tumblr.com"}),
        ("Like", "like", {"id": "7", "reblogId": "k"}, {"id": "7", "reblog_key": "k"}),
        ("Unlike", "unlike", {"id": "7", "reblogId": "k"}, {"id": "7", "reblog_key": "k"}),
    ],
)  # fmt: skip
async def test_actions(name: str, address: str, parameters: dict[str, str], form: dict[str, str]) -> None:
    client = StubClient(lambda request: response(404, b"not here", "text/plain"))
    message = await run(name, address, parameters, client)
    [request] = client.requests
    assert isinstance(request.body, bytes)
    assert (request.method, request.url) == ("POST", f"{API}/{address}")
    assert dict(request.headers)[b"content-type"] == b"application/x-www-form-urlencoded"
    sent = parse_qsl(request.body.decode())
    assert dict(sent) == form
    assert authorized(request, sent)
    assert message.properties["tumblr.response"] == "not here"


async def test_without_an_address() -> None:
    with pytest.raises(Fault, match=r"the property 'tumblr.url.likes' is not set"):
        await run("GetLikes", "followers", {}, StubClient())
