"""Tumblr: the requests that its connector's Java classes send themselves, signed by OAuth 1.0a.

The template says where to, in ``tumblr.url.…``, and with which parameters, in ``tumblr.param.…``. The body of the
answer, whatever its status, becomes ``tumblr.response``. Parameters that are empty are left out.
"""

from __future__ import annotations

from typing import ClassVar

from engine.core.env import env_of
from engine.core.http import HttpRequest
from engine.core.java_class import JavaClass, java_class
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.ported import signing
from engine.ported._base import required, text

_PAGE = ("limit", "offset")
_POST = ("type", "state", "tags", "tweet", "format", "slug")
_LISTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "GetFollowers": ("followers", _PAGE),
    "GetFollowing": ("following", _PAGE),
    "GetLikes": ("likes", _PAGE),
    "GetQueuedPosts": ("queuedPosts", (*_PAGE, "filter")),
    "GetDrafts": ("drafts", ("beforeId", "filter")),
    "GetSubmissions": ("submissions", ("offset", "filter")),
    "GetUserInfo": ("userInfo", ()),
    "GetUserDashboard": ("dashboard", (*_PAGE, "type", "sinceId", "needReblogInfo", "needNoteInfo")),
}
"""Java class -> address, parameters in the query of a GET."""
_ACTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "CreatePost": ("createPost", _POST),
    "EditPost": ("editPost", ("id", *_POST)),
    "ReblogPost": ("createPost", ("id", "reblogId", *_POST, "comment")),
    "DeletePost": ("deletePost", ("id",)),
    "Follow": ("follow", ("url",)),
    "Unfollow": ("unFollow", ("url",)),
    "Like": ("like", ("id", "reblogId")),
    "Unlike": ("unlike", ("id", "reblogId")),
}
"""Java class -> address, parameters in the form of a POST."""
_CALLED = {
    "beforeId": "before_id",
    "sinceId": "since_id",
    "needReblogInfo": "reblog_info",
    "needNoteInfo": "notes_info",
    "reblogId": "reblog_key",
}
"""What the API calls a parameter, where that is not its own name."""
_CONTENT = {
    "text": {"title": "title", "body": "body"},
    "quote": {"quote": "quote", "source": "source"},
    "link": {"title": "title", "source": "url", "description": "description"},
    "chat": {"title": "title", "conversation": "conversation"},
    "audio": {"caption": "caption", "source": "external_url"},
    "video": {"caption": "caption", "embed": "embed"},
}
"""By the type of a post: parameter -> what the API calls it."""


class _Tumblr(JavaClass):
    """One request."""

    method: ClassVar[str] = ""
    address: ClassVar[str] = ""
    names: ClassVar[tuple[str, ...]] = ()

    async def mediate(self, message: MessageContext) -> None:
        url = required(message, f"tumblr.url.{self.address}")
        pairs = self._pairs(message)
        encoded = "&".join(f"{name}={signing.rfc3986(value)}" for name, value in pairs)
        if self.method == "GET":
            url, form, body, headers = f"{url}?{encoded}" if encoded else url, [], b"", []
        else:
            form, body = pairs, encoded.encode()
            headers = [(b"content-type", b"application/x-www-form-urlencoded")]
        keys = [text(message, f"tumblr.oauth.{name}") for name in _SECRETS]
        signed = signing.oauth1_header(self.method, url, (keys[0], keys[1]), (keys[2], keys[3]), form)
        request = HttpRequest(self.method, url, [*headers, (b"authorization", signed.encode())], body)
        response = await env_of(message).http.send(request)
        answer = Payload(response.body, "text/plain; charset=utf-8", origin="backend")
        await answer.load(env_of(message).limits.buffered_body)
        message.properties["tumblr.response"] = answer.text()

    def _pairs(self, message: MessageContext) -> list[tuple[str, str]]:
        called = {name: _CALLED.get(name, name) for name in self.names}
        if _POST[-1] in called:
            called |= _CONTENT.get(_parameter(message, "type"), {})
        return [(called[name], value) for name in called if (value := _parameter(message, name))]


_SECRETS = ("consumerKey", "consumerSecret", "accessToken", "accessSecret")


def _parameter(message: MessageContext, name: str) -> str:
    return text(message, f"tumblr.param.{name}")


for _method, _table in (("GET", _LISTS), ("POST", _ACTIONS)):
    for _name, (_address, _names) in _table.items():
        java_class(f"org.wso2.carbon.connector.tumblr.Tumblr{_name}")(
            type(f"Tumblr{_name}", (_Tumblr,), {"method": _method, "address": _address, "names": _names})
        )
