"""Access tokens of the newer connectors (Gmail, Google Sheets, BigQuery, SharePoint, Salesforce, X), by OAuth2.

The Java classes ask the token endpoint and keep the token in memory until it expires. Here the engine's own client does
(``core/oauth2.py``): calls that need a token at the same time share one request, it is renewed a little before it
expires, and a rotated refresh token is kept.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from engine.core.clock import Clock
from engine.core.env import Environment, env_of
from engine.core.java_class import JavaClass, java_class
from engine.core.oauth2 import OAuth2, TokenCache
from engine.errors import ErrorCode, Fault
from engine.message.context import MessageContext
from engine.ported._base import argument

_HOUR = 3600.0


class _AccessToken(JavaClass):
    """Leaves an access token in a property. Raises Fault when a parameter is missing or no token is to be had."""

    property: ClassVar[str] = ""
    scheme: ClassVar[str] = ""
    """What stands before the token in the property."""
    needed: ClassVar[tuple[str, ...]] = ("clientId", "clientSecret")
    connection: ClassVar[str] = "name"
    """The parameter with the name of the connection: two connections never share a token."""
    bad_parameters: ClassVar[int] = 701002
    """ERROR_CODE when a parameter is missing."""
    no_token: ClassVar[int] = 701003
    """ERROR_CODE when there is no token."""

    async def mediate(self, message: MessageContext) -> None:
        missing = [name for name in self.needed if not argument(message, name).strip()]
        if missing:
            raise Fault(f"the connection needs the parameters: {', '.join(missing)}", code=self.bad_parameters)
        env = env_of(message)
        try:
            token = await token_cache(env).current(env, self.client(message))
        except Fault as fault:
            text = f"there is no access token: {fault.message}"
            raise Fault(text, code=self.no_token, status=fault.status) from None
        message.properties[self.property] = self.scheme + token

    def client(self, message: MessageContext) -> OAuth2:
        """The client, by client credentials in the form; subclasses add what is special."""
        return OAuth2(
            owner=argument(message, self.connection),
            token_url=self.token_url(message),
            client_id=argument(message, "clientId"),
            client_secret=argument(message, "clientSecret"),
            grant="client_credentials",
            credentials_in_form=True,
        )

    def token_url(self, message: MessageContext) -> str:
        raise NotImplementedError


@java_class("org.wso2.integration.connector.core.authentication.ClientCredentialsHandler")
class RefreshedToken(_AccessToken):
    """``_ACTIVE_ACCESS_TOKEN_`` by a refresh token, whatever the name says; ``uri.var.base`` from ``base``."""

    property = "_ACTIVE_ACCESS_TOKEN_"
    needed = ("clientId", "clientSecret", "tokenEndpoint", "refreshToken")

    async def mediate(self, message: MessageContext) -> None:
        _keep_base(message)
        await super().mediate(message)

    def client(self, message: MessageContext) -> OAuth2:
        refresh_token = argument(message, "refreshToken")
        return replace(super().client(message), grant="refresh_token", refresh_token=refresh_token)

    def token_url(self, message: MessageContext) -> str:
        return argument(message, "tokenEndpoint")


@java_class("org.wso2.carbon.sharepoint.connector.ClientCredentialsAccessTokenHandler")
class SharePointToken(_AccessToken):
    """``_ACCESS_TOKEN_``, with its ``Bearer``, for Microsoft Graph; ``uri.var.base`` from ``base``."""

    property = "_ACCESS_TOKEN_"
    scheme = "Bearer "
    needed = ("clientId", "clientSecret", "tenant")
    no_token = 701001

    async def mediate(self, message: MessageContext) -> None:
        _keep_base(message)
        await super().mediate(message)

    def client(self, message: MessageContext) -> OAuth2:
        return replace(super().client(message), form=(("scope", "https://graph.microsoft.com/.default"),))

    def token_url(self, message: MessageContext) -> str:
        return f"https://login.microsoftonline.com/{argument(message, 'tenant')}/oauth2/v2.0/token"


@java_class("org.wso2.carbon.salesforce.marketingcloud.connector.ClientCredentialsAccessTokenHandler")
class MarketingCloudToken(_AccessToken):
    """``_OH_INTERNAL_ACCESS_TOKEN_`` of a subdomain, whose addresses become ``uri.var.base`` and ``uri.var.auth``."""

    property = "_OH_INTERNAL_ACCESS_TOKEN_"
    needed = ("subdomain", "clientId", "clientSecret")

    async def mediate(self, message: MessageContext) -> None:
        subdomain = argument(message, "subdomain")
        message.properties["uri.var.base"] = f"https://{subdomain}.rest.marketingcloudapis.com"
        message.properties["uri.var.auth"] = f"https://{subdomain}.auth.marketingcloudapis.com"
        await super().mediate(message)

    def client(self, message: MessageContext) -> OAuth2:
        return replace(super().client(message), form=(("account_id", argument(message, "accountId")),))

    def token_url(self, message: MessageContext) -> str:
        return f"https://{argument(message, 'subdomain')}.auth.marketingcloudapis.com/v2/token"


@java_class("org.wso2.carbon.salesforce.connector.SalesforceOAuthAccessTokenHandler")
class SalesforceToken(_AccessToken):
    """``_OH_INTERNAL_ACCESS_TOKEN_``, good for an hour when the answer does not say, and
    ``_OH_INTERNAL_INSTANCE_URL_`` from ``instanceUrl``."""

    property = "_OH_INTERNAL_ACCESS_TOKEN_"
    needed = ("clientId", "clientSecret", "tokenUrl")
    connection = "connectionName"

    async def mediate(self, message: MessageContext) -> None:
        await super().mediate(message)
        if instance := argument(message, "instanceUrl"):
            message.properties["_OH_INTERNAL_INSTANCE_URL_"] = instance

    def client(self, message: MessageContext) -> OAuth2:
        scope = argument(message, "scope").strip()
        form = (("scope", scope),) if scope else ()
        return replace(super().client(message), form=form, interval=_HOUR)

    def token_url(self, message: MessageContext) -> str:
        return argument(message, "tokenUrl")


@java_class("org.wso2.carbon.twitter.connector.OAuthAccessTokenHandler")
class TwitterToken(_AccessToken):
    """``_OH_INTERNAL_ACCESS_TOKEN_`` and ``uri.var.accessToken`` by a refresh token; else those of ``accessToken``."""

    property = "_OH_INTERNAL_ACCESS_TOKEN_"
    needed = ("refreshToken", "clientId", "clientSecret")
    connection = "connectionName"
    bad_parameters = no_token = ErrorCode.DEFAULT

    async def mediate(self, message: MessageContext) -> None:
        given = argument(message, "accessToken").strip()
        if given and not all(argument(message, name).strip() for name in self.needed):
            message.properties[self.property] = given
        else:
            await super().mediate(message)
        message.properties["uri.var.accessToken"] = message.properties[self.property]

    def client(self, message: MessageContext) -> OAuth2:
        return replace(
            super().client(message),
            grant="refresh_token",
            refresh_token=argument(message, "refreshToken"),
            credentials_in_form=False,
            form=(("client_id", argument(message, "clientId")),),
        )

    def token_url(self, message: MessageContext) -> str:
        return f"{argument(message, 'apiUrl').strip() or 'https://api.twitter.com'}/2/oauth2/token"


def token_cache(env: Environment) -> TokenCache:
    """The tokens of all connections of ported connectors."""
    return env.shared("connector-tokens", "", lambda: TokenCache(Clock()))


def _keep_base(message: MessageContext) -> None:
    if base := argument(message, "base"):
        message.properties["uri.var.base"] = base.removesuffix("/")
