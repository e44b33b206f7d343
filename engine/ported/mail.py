"""WSO2's email connector, as far as it sends mail. Its mailboxes (``email.list`` and the like) have no port.

``<email.init>`` with the type SMTP or SMTPS names a server; ``<email.send>`` sends by it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import functools
import mimetypes
import re
import smtplib
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses, make_msgid
from typing import Any, Literal

from engine.core.env import env_of
from engine.core.java_class import JavaClass, java_class
from engine.core.oauth2 import Grant, OAuth2
from engine.errors import Fault
from engine.message.codecs import json, xml
from engine.message.codecs.errors import DecodeError
from engine.message.content_type import parse_content_type
from engine.message.context import MessageContext
from engine.ported._base import argument, written
from engine.ported.oauth2 import token_cache

_OPERATIONS = "org.wso2.carbon.connector.operations"
_CONNECTION = "email"
_UNREACHABLE, _WRONG = 700203, 700204
"""ERROR_CODE: the server did not take it; the flow does not say what is needed."""
_TIMEOUT = 30_000
"""Milliseconds, where the connection does not say it."""
_THREADS = 16
_HEADER = "EMAIL-HEADER"
_FIELD_NAME = re.compile(r"[!-9;-~]+")
"""RFC 5322 section 3.6.8."""
_LINE_BREAK = re.compile(r"(?:\r\n|\r(?!\n)|\n)(?![ \t])")
"""One that does not go on with the same header."""
_GRANTS: dict[str, Grant] = {"authorization_code": "refresh_token", "client_credentials": "client_credentials"}
_SUCCESS = "<result><success>true</success></result>"


@dataclass(frozen=True, slots=True)
class MailServer:
    """An SMTP server. ``tls`` is from the first byte, after STARTTLS, or none; ``secret`` is a password or a token."""

    host: str
    port: int
    tls: Literal["", "start", "all"]
    verified: bool
    timeout: float
    username: str = ""
    secret: str = field(default="", repr=False)
    is_token: bool = False

    def send(self, mail: EmailMessage, sender: str, recipients: list[str]) -> int:
        """How many recipients it refused. Raises OSError, of which smtplib's own errors are one kind."""
        with self._connected() as smtp:
            if self.is_token:
                smtp.ehlo_or_helo_if_needed()
                smtp.auth("XOAUTH2", lambda _=None: f"user={self.username}\1auth=Bearer {self.secret}\1\1")
            elif self.username:
                smtp.login(self.username, self.secret)
            return len(smtp.send_message(mail, sender, recipients))

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        if not self.verified:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if self.tls == "all":
            with smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context) as smtp:
                yield smtp
            return
        with smtplib.SMTP(self.host, self.port, timeout=self.timeout) as smtp:
            if self.tls == "start":
                smtp.starttls(context=context)
            yield smtp


@java_class(f"{_OPERATIONS}.EmailConfig")
class MailConnection(JavaClass):
    """The server, for the operations that follow. Raises Fault when something is missing."""

    async def mediate(self, message: MessageContext) -> None:
        kind = argument(message, "connectionType").upper()
        if kind not in ("SMTP", "SMTPS"):
            text = f"the connection's type '{kind}' is neither SMTP nor SMTPS: mail is only sent here"
            raise Fault(text, code=_WRONG)
        has_account = argument(message, "requireAuthentication").lower() != "false"
        by_token = has_account and argument(message, "enableOAuth2").lower() == "true"
        needed = ["host", "port", *(["username"] if has_account else [])]
        needed += ["tokenUrl", "clientId"] if by_token else ["password"] if has_account else []
        if missing := [name for name in needed if not argument(message, name).strip()]:
            raise Fault(f"the connection needs the parameters: {', '.join(missing)}", code=_WRONG)
        trusted = {each.strip() for each in argument(message, "trustedHosts").split(",")}
        host = argument(message, "host").strip()
        message.connections[_CONNECTION] = MailServer(
            host,
            _number(message, "port"),
            ("start" if argument(message, "requireTLS").lower() == "true" else "all") if kind == "SMTPS" else "",
            verified=not trusted & {host, "*"},
            timeout=max(_number(message, name, _TIMEOUT) for name in ("connectionTimeout", "readTimeout")) / 1000,
            username=argument(message, "username") if has_account else "",
            secret=await _token(message) if by_token else argument(message, "password"),
            is_token=by_token,
        )


async def _token(message: MessageContext) -> str:
    name = argument(message, "grantType").lower()
    if name not in _GRANTS:
        raise Fault(f"the connection's grantType '{name}' is none of {', '.join(_GRANTS)}", code=_WRONG)
    client = OAuth2(
        owner=f"{argument(message, 'name')} {argument(message, 'username')}",
        token_url=argument(message, "tokenUrl"),
        client_id=argument(message, "clientId"),
        client_secret=argument(message, "clientSecret"),
        refresh_token=argument(message, "refreshToken"),
        grant=_GRANTS[name],
        form=(("scope", scope),) if (scope := argument(message, "scope")) else (),
        credentials_in_form=True,
    )
    env = env_of(message)
    return await token_cache(env).current(env, client)


def _number(message: MessageContext, name: str, default: int = 0) -> int:
    value = argument(message, name).strip()
    if value and not value.isdecimal():
        raise Fault(f"the connection's {name} must be a number, and is '{value}'", code=_WRONG)
    return int(value) if value else default


@java_class(f"{_OPERATIONS}.EmailSend")
class SendMail(JavaClass):
    """The answer is ``{"success": true}``, in XML for flows of before ``responseVariable``. Files of this machine are
    not attached: whoever writes the message could name any.
    """

    async def mediate(self, message: MessageContext) -> None:
        server = message.connections.get(_CONNECTION)
        if not isinstance(server, MailServer):
            text = "<email.init> must come before <email.send>, or stand in the entry of its configKey"
            raise Fault(text, code=_WRONG)
        try:
            sender = _addresses(argument(message, "from"))
            recipients = [
                each.addr_spec for name in ("to", "cc", "bcc") for each in _addresses(argument(message, name))
            ]
            mail = _mail(message, sender)
        except (ValueError, LookupError, MessageError) as error:
            # A header with a line break, no address, an unknown charset or transfer encoding.
            raise Fault(f"the mail cannot be made: {error}", code=_WRONG) from None
        if not sender or not recipients:
            raise Fault(f"the mail has no {'recipients' if sender else 'sender'}", code=_WRONG)
        send = functools.partial(server.send, mail, sender[0].addr_spec, recipients)
        try:
            refused = await asyncio.get_running_loop().run_in_executor(_threads(), send)
        except OSError as error:
            # Its text may have the account in it.
            reason = f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()
            text = f"{server.host}:{server.port} did not take the mail: {reason}"
            raise Fault(text, code=_UNREACHABLE, status=502) from None
        if refused:
            text = f"{server.host}:{server.port} refused {refused} of {len(recipients)} recipients; the others have it"
            raise Fault(text, code=_UNREACHABLE, status=502)
        if argument(message, "responseVariable"):
            message.payload.set_json({"success": True})
            message.set_axis2("messageType", "application/json")
        else:
            message.payload.set_content(xml.decode_text(_SUCCESS))


@functools.cache
def _threads() -> ThreadPoolExecutor:
    """Not asyncio's own: a server that hangs must not keep those who look up addresses waiting."""
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="mail")


def _addresses(listed: str) -> list[Address]:
    return [Address(name, addr_spec=address) for name, address in getaddresses([listed]) if address]


def _mail(message: MessageContext, sender: list[Address]) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    if personal := argument(message, "personalName").strip():
        sender = [Address(personal, addr_spec=each.addr_spec) for each in sender]
    headers: dict[str, Any] = {
        "Date": datetime.now(UTC),
        "Message-ID": make_msgid(domain=sender[0].domain if sender else "localhost"),
        "From": sender,
        "To": _addresses(argument(message, "to")),
        "Cc": _addresses(argument(message, "cc")),
        "Reply-To": _addresses(argument(message, "replyTo")),
        "Subject": written(message, "subject", "text"),
    }
    for name, value in message.properties.items():
        if name.startswith(f"{_HEADER}:"):
            headers[_field_name(name.split(":")[1])] = str(value)
    for name, value in headers.items():
        if value:
            mail[name] = value
    encoding = (argument(message, "contentTransferEncoding") or "base64").lower()
    _set_content(mail, message, encoding)
    for each in _listed(message, "inlineImages"):
        _attach(mail, _member(each, "fileName"), _member(each, "base64Content"), _member(each, "contentID"))
    for each in _listed(message, "attachments"):
        _attach(mail, _member(each, "name"), _member(each, "content"))
    _check_headers(mail)
    return mail


def _field_name(name: str) -> str:
    """``name`` when a header can have it. Python's own answer to one that it cannot have changes with its version."""
    if not _FIELD_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a header")
    return name


def _check_headers(mail: EmailMessage) -> None:
    """Some versions of Python decode what looks encoded (``=?utf-8?q?=0D=0ABcc:?=``) and write it as it is.

    Raises ValueError.
    """
    for part in mail.walk():
        for name, value in part.items():
            if _LINE_BREAK.search(SMTP.fold(name, value).removesuffix(SMTP.linesep)):
                raise ValueError(f"the header {name!r} has a line break")


def _set_content(mail: EmailMessage, message: MessageContext, encoding: str) -> None:
    media = parse_content_type(argument(message, "contentType") or "text/html").media
    kind, _, subtype = media.partition("/")
    text, charset = written(message, "content", "text"), argument(message, "encoding") or "utf-8"
    if kind == "text":
        mail.set_content(text, subtype=subtype, charset=charset, cte=encoding, disposition="inline")
    else:
        body = text.encode(charset)
        mail.set_content(body, maintype=kind, subtype=subtype, cte=encoding, params={"charset": charset})


def _listed(message: MessageContext, name: str) -> list[Any]:
    value = argument(message, name).strip()
    if not value:
        return []
    try:
        items = json.decode(value.encode("utf-8", "replace"))
    except DecodeError:
        items = None
    if not isinstance(items, list):
        text = f"{name} must be a JSON array of files with their content; files of this machine are not sent"
        raise Fault(text, code=_WRONG)
    return items


def _member(item: Any, name: str) -> str:
    value = item.get(name) if isinstance(item, dict) else None
    if not isinstance(value, str):
        raise Fault(f"a file that is sent with a mail needs the member '{name}'", code=_WRONG)
    return value


def _attach(mail: EmailMessage, name: str, content: str, content_id: str = "") -> None:
    """What is base64 is taken for it, as by the Java class."""
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        data = content.encode()
    kind, _, subtype = (mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
    if content_id:
        mail.add_attachment(data, kind, subtype, filename=name, disposition="inline", cid=f"<{content_id}>")
    else:
        mail.add_attachment(data, kind, subtype, filename=name)
