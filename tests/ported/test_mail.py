from __future__ import annotations

import base64
import json
import re
import socketserver
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from engine.core.java_class import JavaClass
from engine.errors import Fault
from engine.expressions.values import element_xml
from engine.message.context import MessageContext
from engine.message.parameters import Parameters
from engine.ported import find
from engine.testing.certificates import Certificates
from engine.testing.harness import Harness, StubClient, response

OPERATIONS = "org.wso2.carbon.connector.operations"
ACCOUNT = {"username": "ann", "password": "pw"}
MAIL = {"from": "ann@acme.example", "to": "bob@acme.example", "subject": "Hi", "content": "Hello"}
BROKEN = "=?utf-8?q?=0D=0AX-A=3A_b?="
PNG = base64.b64encode(b"\x89PNG").decode()


class Server(socketserver.ThreadingTCPServer):
    """An SMTP server that notes what it gets. It offers STARTTLS when it has a ``context`` and is not ``all_tls``."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, context: ssl.SSLContext | None, *, all_tls: bool, unknown: str) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.context, self.all_tls, self.unknown = context, all_tls, unknown
        self.commands: list[str] = []
        self.mails: list[bytes] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that does not trust the certificate is no news."""


class Session(socketserver.StreamRequestHandler):
    server: Server

    def setup(self) -> None:
        if self.server.context and self.server.all_tls:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        self.answer("220 hello")
        while line := self.rfile.readline().decode().strip():
            self.server.commands.append(line)
            match line.split()[0].upper():
                case "EHLO":
                    tls = self.server.context and not self.server.all_tls
                    self.answer("250-me", *(["250-STARTTLS"] if tls else []), "250 AUTH PLAIN XOAUTH2")
                case "STARTTLS":
                    assert self.server.context
                    self.answer("220 go on")
                    self.request = self.server.context.wrap_socket(self.request, server_side=True)
                    super().setup()
                case "AUTH":
                    said = base64.b64decode(line.split()[-1])
                    self.answer("535 no" if b"wrong" in said else "235 yes")
                case "RCPT" if self.server.unknown and self.server.unknown in line:
                    self.answer("550 who is that")
                case "DATA":
                    self.answer("354 go on")
                    self.server.mails.append(b"".join(takewhile(lambda each: each != b".\r\n", self.rfile)))
                    self.answer("250 taken")
                case "QUIT":
                    self.answer("221 bye")
                    return
                case _:
                    self.answer("250 good")

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def answer(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def serving(context: ssl.SSLContext | None = None, *, all_tls: bool = False, unknown: str = "") -> Iterator[Server]:
    with Server(context, all_tls=all_tls, unknown=unknown) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def call(name: str, message: MessageContext, parameters: Mapping[str, str]) -> Any:
    message.functions.append(Parameters(dict(parameters)))
    found = find(f"{OPERATIONS}.{name}")
    assert found is not None
    assert issubclass(found, JavaClass)
    return found().mediate(message)


async def connect(message: MessageContext, parameters: Mapping[str, str]) -> None:
    await call("EmailConfig", message, {"connectionType": "SMTP", "host": "127.0.0.1"} | dict(parameters))


async def sent(parameters: Mapping[str, str], properties: Mapping[str, str] | None = None) -> tuple[Server, Any]:
    """The server after one mail, and the mail."""
    message = Harness().message(b'{"n": "Ann"}', "application/json")
    message.properties |= properties or {}
    with serving() as server:
        await connect(message, {"port": str(server.port), "requireAuthentication": "false"})
        await call("EmailSend", message, MAIL | dict(parameters))
    (mail,) = server.mails
    return server, message_from_bytes(mail, policy=SMTP)


async def failure(parameters: Mapping[str, str], *, connection: Mapping[str, str], **options: Any) -> Fault:
    message = Harness().message()
    with serving(**options) as server:
        try:
            await connect(message, {"port": str(server.port)} | dict(connection))
            await call("EmailSend", message, MAIL | dict(parameters))
        except Fault as fault:
            return fault
    raise AssertionError("it was sent")


@pytest.mark.parametrize(
    ("parameters", "headers"),
    [
        ({}, {"From": "ann@acme.example", "To": "bob@acme.example", "Subject": "Hi", "Cc": None, "Reply-To": None}),
        ({"to": "Bob <bob@acme.example>, c@d.example"}, {"To": "Bob <bob@acme.example>, c@d.example"}),
        ({"cc": "c@d.example", "replyTo": "r@d.example"}, {"Cc": "c@d.example", "Reply-To": "r@d.example"}),
        ({"bcc": "c@d.example"}, {"To": "bob@acme.example", "Bcc": None}),
        ({"personalName": "Ann Ö."}, {"From": '"Ann Ö." <ann@acme.example>'}),
        ({"subject": "For ${payload.n}: Ö"}, {"Subject": "For Ann: Ö"}),
        ({}, {"Content-Type": 'text/html; charset="utf-8"', "Content-Transfer-Encoding": "base64"}),
        ({"contentType": "text/plain", "encoding": "ISO-8859-1"}, {"Content-Type": 'text/plain; charset="ISO-8859-1"'}),
        ({"contentType": "application/json"}, {"Content-Type": 'application/json; charset="utf-8"'}),
        ({"contentTransferEncoding": "Quoted-Printable"}, {"Content-Transfer-Encoding": "quoted-printable"}),
    ],
)
async def test_headers(parameters: dict[str, str], headers: dict[str, str | None]) -> None:
    _, mail = await sent(parameters)
    assert {name: mail[name] for name in headers} == headers


async def test_properties_are_headers() -> None:
    _, mail = await sent({}, {"EMAIL-HEADER:X-Order": "7", "EMAIL-HEADER:Subject": "Other", "EMAIL": "no"})
    assert (mail["X-Order"], mail["Subject"]) == ("7", "Other")


@pytest.mark.parametrize("name", ["X-A\r\nBcc", "X-A\n", "X\rA", " X-A", "X A", "X-Ä", ""])
async def test_a_property_that_names_no_header(name: str) -> None:
    with pytest.raises(Fault, match=re.escape(f"the mail cannot be made: {name!r} is not the name of a header")):
        await sent({}, {f"EMAIL-HEADER:{name}": "c@d.example"})


async def test_a_date_and_an_id() -> None:
    _, mail = await sent({})
    assert abs(mail["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=1)
    assert re.fullmatch(r"<[^@<>\s]+@acme\.example>", mail["Message-ID"])


async def test_every_recipient_gets_it() -> None:
    server, _ = await sent({"to": "a@d.example, B <b@d.example>", "cc": "c@d.example", "bcc": "e@d.example"})
    assert [each.partition(":")[2] for each in server.commands if each.upper().startswith(("MAIL", "RCPT"))] == [
        "<ann@acme.example>",
        *(f"<{name}@d.example>" for name in "abce"),
    ]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"content": "<p>${payload.n} Ö</p>"}, "<p>Ann Ö</p>\n"),
        ({"content": "Ö", "encoding": "ISO-8859-1", "contentTransferEncoding": "8bit"}, "Ö\n"),
        ({"content": "a\n.\nb"}, "a\n.\nb\n"),
        ({"content": ""}, "\n"),
    ],
)
async def test_content(parameters: dict[str, str], expected: str) -> None:
    _, mail = await sent(parameters)
    assert mail.get_content().replace("\r\n", "\n") == expected


async def test_files_go_with_it() -> None:
    files = [{"name": "a.txt", "content": "plain text"}, {"name": "b.bin", "content": PNG}]
    images = [{"fileName": "logo.png", "base64Content": PNG, "contentID": "logo"}]
    _, mail = await sent({"attachments": json.dumps(files), "inlineImages": json.dumps(images)})
    body, *parts = list(mail.iter_parts())
    assert (mail.get_content_type(), body.get_content_type()) == ("multipart/mixed", "text/html")
    found = [(each.get_filename(), each.get_content_type(), each["Content-ID"], content(each)) for each in parts]
    assert found == [
        ("logo.png", "image/png", "<logo>", b"\x89PNG"),
        ("a.txt", "text/plain", None, b"plain text"),
        ("b.bin", "application/octet-stream", None, b"\x89PNG"),
    ]


def content(part: EmailMessage) -> bytes:
    found = part.get_payload(decode=True)
    assert isinstance(found, bytes)
    return found


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"attachments": "/etc/passwd"}, "attachments must be a JSON array of files with their content"),
        ({"attachments": "{}"}, "attachments must be a JSON array of files with their content"),
        ({"inlineImages": '[{"filePath": "/etc/passwd", "contentID": "a"}]'}, "needs the member 'fileName'"),
        ({"attachments": '[{"name": "a.txt", "content": 7}]'}, "needs the member 'content'"),
        ({"attachments": '["a"]'}, "needs the member 'name'"),
        ({"subject": "a\r\nBcc: c@d.example"}, "the mail cannot be made"),
        ({"to": '"b\r\nDATA"@d.example'}, "the mail cannot be made"),
        ({"contentType": "text/html\r\nX-A"}, "the mail cannot be made"),
        ({"attachments": r'[{"name": "a\r\nX-A: b", "content": ""}]'}, "the mail cannot be made"),
        ({"to": "bob"}, "the mail cannot be made"),
        ({"encoding": "no-such"}, "the mail cannot be made"),
        ({"contentTransferEncoding": "none"}, "the mail cannot be made"),
        ({"to": ""}, "the mail has no recipients"),
        ({"from": ""}, "the mail has no sender"),
    ],
)
async def test_a_mail_that_is_not_made(parameters: dict[str, str], text: str) -> None:
    fault = await failure(parameters, connection={"requireAuthentication": "false"})
    assert text in fault.message
    assert fault.code == 700204


@pytest.mark.parametrize(
    "parameters",
    [
        {"subject": f"a {BROKEN}"},
        {"personalName": BROKEN},
        {"cc": f"{BROKEN} <c@d.example>"},
        {"attachments": json.dumps([{"name": BROKEN, "content": ""}])},
        {"inlineImages": json.dumps([{"fileName": "a.png", "base64Content": "", "contentID": BROKEN}])},
    ],
)
async def test_no_header_comes_out_of_a_value(parameters: dict[str, str]) -> None:
    """Versions of Python that encode it again send it; with others the mail is not made."""
    with serving() as server, suppress(Fault):
        message = Harness().message()
        await connect(message, ACCOUNT | {"port": str(server.port)})
        await call("EmailSend", message, MAIL | parameters)
    assert b"\nX-A" not in b"".join(server.mails)


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"connectionType": "IMAPS"}, "the connection's type 'IMAPS' is neither SMTP nor SMTPS"),
        ({"password": ""}, "the connection needs the parameters: password"),
        ({"username": " ", "port": ""}, "the connection needs the parameters: port, username"),
        ({"port": "x"}, "the connection's port must be a number, and is 'x'"),
        ({"readTimeout": "1s"}, "the connection's readTimeout must be a number, and is '1s'"),
        ({"enableOAuth2": "true"}, "the connection needs the parameters: tokenUrl, clientId"),
        (
            {"enableOAuth2": "true", "tokenUrl": "http://t", "clientId": "c", "grantType": "password"},
            "the connection's grantType 'password' is none of authorization_code, client_credentials",
        ),
    ],
)
async def test_a_connection_with_a_mistake(parameters: dict[str, str], text: str) -> None:
    fault = await failure({}, connection=ACCOUNT | parameters)
    assert fault.message.startswith(text)
    assert fault.code == 700204


async def test_without_a_connection() -> None:
    with pytest.raises(Fault, match=r"<email\.init> must come before <email\.send>"):
        await call("EmailSend", Harness().message(), MAIL)


@pytest.mark.parametrize(
    ("connection", "options", "text"),
    [
        (ACCOUNT | {"password": "wrong"}, {}, "SMTPAuthenticationError 535"),
        (ACCOUNT, {"unknown": "bob"}, "SMTPRecipientsRefused"),
        (ACCOUNT | {"port": "1"}, {}, "ConnectionRefusedError"),
        (ACCOUNT | {"connectionType": "SMTPS", "requireTLS": "true"}, {}, "SMTPNotSupportedError"),
    ],
)
async def test_a_server_that_does_not_take_it(connection: dict[str, str], options: dict[str, Any], text: str) -> None:
    fault = await failure({}, connection=connection, **options)
    assert fault.message.endswith(f" did not take the mail: {text}")
    assert (fault.code, fault.status) == (700203, 502)


async def test_a_recipient_that_is_refused() -> None:
    fault = await failure({"to": "bob@d.example,c@d.example"}, connection=ACCOUNT, unknown="bob")
    assert fault.message.endswith(" refused 1 of 2 recipients; the others have it")


@pytest.mark.parametrize("all_tls", [True, False])
@pytest.mark.parametrize(
    ("trusted", "goes"), [("127.0.0.1", True), ("*", True), ("a.example, 127.0.0.1", True), ("", False)]
)
async def test_tls(tmp_path: Path, all_tls: bool, trusted: str, goes: bool) -> None:
    certificates = Certificates(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.server, certificates.server_key)
    message = Harness().message()
    connection = {"connectionType": "SMTPS", "requireTLS": str(not all_tls), "trustedHosts": trusted} | ACCOUNT
    with serving(context, all_tls=all_tls) as server:
        await connect(message, connection | {"port": str(server.port)})
        if goes:
            await call("EmailSend", message, MAIL)
        else:
            with pytest.raises(Fault, match="SSLCertVerificationError"):
                await call("EmailSend", message, MAIL)
    assert len(server.mails) == goes
    assert any(each.startswith("AUTH") for each in server.commands) == goes


@pytest.mark.parametrize(
    ("grant", "form"),
    [
        ("authorization_code", {b"grant_type=refresh_token", b"refresh_token=r"}),
        ("CLIENT_CREDENTIALS", {b"grant_type=client_credentials", b"scope=all"}),
    ],
)
async def test_an_account_with_a_token(grant: str, form: set[bytes]) -> None:
    client = StubClient(lambda _: response(body=b'{"access_token": "T", "expires_in": 3600}'))
    message = Harness(http=client).message()
    oauth = {"enableOAuth2": "true", "tokenUrl": "http://t", "clientId": "c", "clientSecret": "s", "grantType": grant}
    with serving() as server:
        for _ in range(2):
            more = {"username": "ann", "refreshToken": "r", "scope": "all", "port": str(server.port)}
            await connect(message, oauth | more)
            await call("EmailSend", message, MAIL)
    (request,) = client.requests
    assert isinstance(request.body, bytes)
    assert form <= set(request.body.split(b"&"))
    assert [base64.b64decode(each.split()[-1]) for each in server.commands if each.startswith("AUTH XOAUTH2")] == [
        b"user=ann\1auth=Bearer T\1\1"
    ] * 2


async def test_the_answer() -> None:
    message, later = Harness().message(), Harness().message()
    with serving() as server:
        for each, parameters in (message, MAIL), (later, MAIL | {"responseVariable": "sent"}):
            await connect(each, ACCOUNT | {"port": str(server.port)})
            await call("EmailSend", each, parameters)
    answer = message.payload.content()
    assert answer is not None
    assert element_xml(answer) == "<result><success>true</success></result>"
    assert (later.payload.json(), later.message_type) == ({"success": True}, "application/json")
