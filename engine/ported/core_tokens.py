"""Tokens as the core library of WSO2's connectors gets them, for templates that write and read them themselves.

``uri.var.tokenEndpointUrl`` is asked with what stands in other properties of the prefix ``uri.var.``. The token goes to
``uri.var.accessToken``, and into the resource of the registry that ``uri.var.accessTokenRegistryPath`` names.
"""

from __future__ import annotations

import time
from typing import ClassVar

from engine.core.env import env_of
from engine.core.java_class import JavaClass, java_class
from engine.errors import Fault
from engine.message.codecs.text import decode as decode_text
from engine.message.context import MessageContext
from engine.ported._base import URI_VAR, post_form, required, text

_PACKAGES = ("org.wso2.carbon.connector.core", "org.wso2.integration.connector.core")
"""Of old connectors and of today's."""
_REGISTRY_PATH = f"{URI_VAR}accessTokenRegistryPath"
_INTERVAL = 300_000
"""Milliseconds that a token is used, where the flow does not say it."""


def _names(name: str) -> list[str]:
    return [f"{package}.{name}" for package in _PACKAGES]


class _AccessToken(JavaClass):
    """Asks for a token. Raises Fault when there is none to be had."""

    grant: ClassVar[str] = ""
    whole: ClassVar[str] = ""
    """The property that may have the whole form; it goes before all others."""
    fields: ClassVar[dict[str, str]] = {}
    """Fields of the form, and where their values stand; those that are empty are left out. Values go into the form as
    they are, as the Java class does: one with a ``&`` has to be encoded by the flow."""

    async def mediate(self, message: MessageContext) -> None:
        path = text(message, _REGISTRY_PATH)
        if not path:
            raise Fault(f"{_REGISTRY_PATH} must say where the registry keeps the access token")
        await self.renew(message, path)

    async def renew(self, message: MessageContext, path: str) -> None:
        """Get a token and keep it."""
        status, payload = await post_form(message, required(message, f"{URI_VAR}tokenEndpointUrl"), self._form(message))
        if 400 <= status < 500:
            raise Fault(f"the token endpoint answered {status}")
        answer = payload.json()
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise Fault("the token endpoint's answer has no access_token")
        message.properties[f"{URI_VAR}accessToken"] = token
        if isinstance(answer.get("instance_url"), str):
            message.properties[f"{URI_VAR}apiUrl"] = answer["instance_url"]
        if token:
            env_of(message).registry.put(path, token.encode())

    def _form(self, message: MessageContext) -> str:
        if form := text(message, f"{URI_VAR}{self.whole}"):
            return form
        given = {field: text(message, f"{URI_VAR}{name}") for field, name in self.fields.items()}
        parts = [f"{field}={value}" for field, value in given.items() if value]
        return "&".join((f"grant_type={self.grant}", *parts, "format=json"))


@java_class(*_names("GenerateAccessToken"))
class GenerateAccessToken(_AccessToken):
    """With the application's own credentials."""

    grant = "client_credentials"
    whole = "customTokenGenerationUrl"
    fields: ClassVar[dict[str, str]] = {"client_id": "clientId", "client_secret": "clientSecret", "scope": "scope"}


@java_class(*_names("RefreshAccessToken"))
class RefreshAccessToken(_AccessToken):
    """With a refresh token."""

    grant = "refresh_token"
    whole = "customRefreshUrl"
    fields: ClassVar[dict[str, str]] = {
        "client_id": "clientId",
        "client_secret": "clientSecret",
        "refresh_token": "refreshToken",
    }


@java_class(*_names("RefreshAccessTokenWithExpiry"))
class RefreshAccessTokenWithExpiry(RefreshAccessToken):
    """The token that the registry has, as long as it is no older than ``uri.var.intervalTime`` milliseconds."""

    async def renew(self, message: MessageContext, path: str) -> None:
        kept = self._kept(message, path)
        if kept is None:
            await super().renew(message, path)
        else:
            message.properties[f"{URI_VAR}accessToken"] = kept

    def _kept(self, message: MessageContext, path: str) -> str | None:
        interval = text(message, f"{URI_VAR}intervalTime") or str(_INTERVAL)
        if not interval.isdecimal():
            raise Fault(f"{URI_VAR}intervalTime must be milliseconds, and is '{interval}'")
        registry = env_of(message).registry
        try:
            written = registry.file_of(path).stat().st_mtime
        except FileNotFoundError:
            return None
        content = registry.get(path)
        if content is None or time.time() - written > int(interval) / 1000:
            return None
        return decode_text(content, "utf-8")
