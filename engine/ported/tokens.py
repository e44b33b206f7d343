"""Logins and tokens: Power BI, GoodData, Gmail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from engine.core.java_class import JavaClass, java_class
from engine.errors import Fault
from engine.expressions.values import text_of
from engine.expressions.variables import parameter
from engine.message.context import MessageContext
from engine.ported._base import post_form, required


@java_class("org.wso2.carbon.connector.powerbi.auth.PowerBIAccessTokenGenerator")
class PowerBiToken(JavaClass):
    """``uri.var.resultObject``: the JSON that the token server answers to the form in ``uri.var.requestQuery``."""

    async def mediate(self, message: MessageContext) -> None:
        url, form = required(message, "uri.var.authApiUrl"), required(message, "uri.var.requestQuery")
        _, payload = await post_form(message, url, form)
        message.properties["uri.var.resultObject"] = payload.json_text()


@java_class("org.wso2.carbon.connector.auth.GoodDataAuthentication")
class GoodDataToken(JavaClass):
    """``uri.var.superSecureToken``: the second cookie of the login's answer, or its only one."""

    def mediate(self, message: MessageContext) -> None:
        cookies = message.headers.get_all("set-cookie")
        if not cookies:
            raise Fault("the answer to the login has no cookie with a token")
        message.properties["uri.var.superSecureToken"] = cookies[min(1, len(cookies) - 1)]


_GMAIL = ("org.wso2.carbon.connector", "org.wso2.carbon.connector.gmail")
"""The connectors of Gmail's API and of its mail protocols have the same classes in two packages."""


class _GmailLogin(JavaClass):
    """Keeps the parameters of the login as properties, and its kind as ``login.mode`` in the axis2 scope."""

    mode: ClassVar[str] = ""
    kept: ClassVar[Mapping[str, str]] = {}
    """Parameter -> property."""

    def mediate(self, message: MessageContext) -> None:
        message.axis2["login.mode"] = self.mode
        for given, name in self.kept.items():
            message.set_property(name, text_of(parameter(message, given)))


@java_class(*(f"{package}.GmailConfig" for package in _GMAIL))
class GmailOauthLogin(_GmailLogin):
    """With a token."""

    mode = "OAUTH"
    kept: ClassVar[Mapping[str, str]] = {
        "username": "gmail.oauth.username",
        "oauthAccessToken": "gmail.oauth.accessToken",
    }


@java_class(*(f"{package}.GmailPasswordLogin" for package in _GMAIL))
class GmailPasswordLogin(_GmailLogin):
    """With a password."""

    mode = "SASL"
    kept: ClassVar[Mapping[str, str]] = {"username": "gmail.user.username", "password": "gmail.user.password"}


@java_class(*(f"{package}.GmailEndSession" for package in _GMAIL))
class GmailEndSession(JavaClass):
    """Forgets the login. The Java class also closes connections to mail servers, of which there are none here."""

    def mediate(self, message: MessageContext) -> None:
        message.axis2.pop("login.mode", None)
