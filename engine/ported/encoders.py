"""Hashes, encodings and payloads of public connectors."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from engine.core.java_class import JavaClass, java_class
from engine.errors import Fault
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext
from engine.ported import signing
from engine.ported._base import URI_VAR, required, text


def _encoded(value: str) -> str:
    return signing.java_encode(value).replace("+", "%20")


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
        keyed = required(message, "uri.var.sha1Key") + timestamp
        digest = hashlib.sha1(keyed.encode(), usedforsecurity=False).hexdigest()
        message.properties |= {"uri.var.ts": timestamp, "uri.var.hash": digest}


@java_class("org.wso2.carbon.connector.createMail")
class GmailMessage(JavaClass):
    """``uri.var.encoded``: the property ``parameters`` in base64 for URLs, as Gmail's API takes mails."""

    def mediate(self, message: MessageContext) -> None:
        encoded = base64.urlsafe_b64encode(required(message, "parameters").encode())
        message.properties["uri.var.encoded"] = encoded.decode()


def _shaping(names: Mapping[str, str], lists: tuple[str, ...] = ()) -> type[JavaClass]:
    """A class that makes the body a JSON object of the properties ``uri.var.*`` that are set.

    ``names`` are members of the object -> last parts of the properties; those in ``lists`` hold JSON themselves.
    """

    class Shape(JavaClass):
        """A payload made of properties."""

        def mediate(self, message: MessageContext) -> None:
            members: dict[str, Any] = {}
            for member, last in names.items():
                if value := text(message, URI_VAR + last):
                    members[member] = _json(value, last) if member in lists else value.strip()
            message.payload.set_json(members)

    return Shape


def _json(value: str, name: str) -> Any:
    try:
        return json.decode(value.encode())
    except DecodeError as error:
        raise Fault(f"the property 'uri.var.{name}' is {error}") from None


_OWNED = {"leadUser": "leadUser", "cust": "customer", "cf": "customFields", "tags": "tags"}
_NAMED = {"name": "name", "description": "description"}
_DEAL = {**_NAMED, "value": "value", "status": "status", "currency": "currency", **_OWNED}
_PLACE = {"address": "address", "city": "city", "postcode": "postCode", "country": "country"}
_REACHED = {"description": "description", "email": "email", "phones": "phones", "website": "website", **_PLACE}
_KNOWN = {**_REACHED, "smids": "socialMediaIds", "ctype": "customerType", "cf": "customFields", "tags": "tags"}
_PERSON = {"fn": "firstName", "ln": "lastName", "title": "title", "is_company": "isCompany", "companyId": "companyId"}
_JSON_MEMBERS = ("cf", "tags", "email", "phones", "website", "smids")

for _name, _members in {
    "CreateCase": {**_NAMED, **_OWNED},
    "UpdateCase": {"id": "id", **_NAMED, **_OWNED},
    "CreateOpportunity": _DEAL,
    "UpdateOpportunity": {"id": "id", **_DEAL},
    "CreateCompany": {"cn": "companyName", **_KNOWN},
    "CreateContact": {**_PERSON, **_KNOWN},
}.items():
    java_class(f"org.wso2.carbon.connector.clevertim.{_name}")(_shaping(_members, _JSON_MEMBERS))
