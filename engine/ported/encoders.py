"""Hashes and encodings of public connectors."""

from __future__ import annotations

import hashlib

from engine.core.java_class import JavaClass, java_class
from engine.message.context import MessageContext
from engine.ported import signing
from engine.ported._base import required


def _encoded(text: str) -> str:
    return signing.java_encode(text).replace("+", "%20")


@java_class("org.wso2.carbon.connector.flickr.Encoder")
class FlickrEncoder(JavaClass):
    """``flickr.encoded``: ``flickr.unencoded`` for a URL."""

    def mediate(self, message: MessageContext) -> None:
        message.properties["flickr.encoded"] = _encoded(required(message, "flickr.unencoded"))


@java_class("org.wso2.carbon.connector.Encoder")
class YelpOrSlideShareEncoder(JavaClass):
    """The connectors of Yelp and SlideShare have a class of the same name; their properties tell which is meant.

    Yelp: ``yelp.encoded``, as Flickr's. SlideShare: ``uri.var.ts``, the time, and ``uri.var.hash``, the SHA-1 of
    ``uri.var.sha1Key`` with it.
    """

    def mediate(self, message: MessageContext) -> None:
        if "yelp.unencoded" in message.properties:
            message.properties["yelp.encoded"] = _encoded(required(message, "yelp.unencoded"))
            return
        timestamp = str(int(signing.now()))
        text = required(message, "uri.var.sha1Key") + timestamp
        digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        message.properties |= {"uri.var.ts": timestamp, "uri.var.hash": digest}
