from __future__ import annotations

from pathlib import Path

import pytest

from engine.declare.catalog import Catalog
from engine.declare.spec import SYNAPSE
from engine.deploy.http_connection import SUFFIX, endpoint_of
from engine.errors import Problems
from engine.plugins.wso2_calls import Library
from engine.plugins.wso2_connector import read_connector
from engine.runtime.catalog import language
from engine.source import Element, Source
from engine.testing.harness import Harness, LoadError, StubClient, response
from tests.plugins.wso2 import files, template, write_folder

FIELDS = '<parameter name="name"/><parameter name="timeoutDuration"/>'
TOKEN = b'{"access_token": "T", "expires_in": 3600}'
CALL = f"""<sequence name="s"><property name="uri.var.base" value="http://h"/>
<property name="uri.var.path" value="/a/{{b}}"/>
<property name="uri.var.query" value="?c=1"/><property name="HTTP_METHOD" scope="axis2" value="GET"/>
<call><endpoint key="shop{SUFFIX}"/></call></sequence>"""


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """With a connector ``http``; none of its operations is called."""
    connector = read_connector(
        write_folder(tmp_path, files({"init": template("init", "", FIELDS)}, "http")), Problems()
    )
    assert connector is not None
    return Library([connector], language()).catalog


def entry(fields: str) -> str:
    return f'<localEntry key="k"><http.init><name>shop</name>{fields}</http.init></localEntry>'


def made(fields: str) -> str:
    """The endpoint as text: tags, attributes and texts."""
    root = Source(
        "f.xml", f'<localEntry xmlns="{SYNAPSE}" {entry(fields).removeprefix("<localEntry ")}'.encode()
    ).parse()
    endpoint = endpoint_of(root)
    assert endpoint is not None
    return shown(endpoint)


def shown(element: Element) -> str:
    attributes = "".join(
        f" {name}={value}" for name, value in element.attributes.items() if name not in ("uri-template",)
    )
    return f"{element.tag}{attributes}({element.text}{' '.join(map(shown, element.children))})"


@pytest.mark.parametrize(
    ("fields", "http"),
    [
        ("<baseUrl>http://h</baseUrl>", "http()"),
        ("<trace>enable</trace><statistics>disable</statistics>", "http trace=enable()"),
        (
            "<timeoutDuration>2000</timeoutDuration><timeoutAction>Never</timeoutAction>",
            "http(timeout(duration(2000)))",
        ),
        ("<timeoutAction>fault</timeoutAction>", "http(timeout(responseAction(fault)))"),
        (
            "<suspendErrorCodes>101503</suspendErrorCodes><suspendInitialDuration>1</suspendInitialDuration>"
            "<suspendMaximumDuration>9</suspendMaximumDuration><suspendProgressionFactor>2</suspendProgressionFactor>",
            "http(suspendOnFailure(errorCodes(101503) initialDuration(1) progressionFactor(2) maximumDuration(9)))",
        ),
        (
            "<retryErrorCodes>1</retryErrorCodes><retryCount>2</retryCount><retryDelay>3</retryDelay>",
            "http(markForSuspension(errorCodes(1) retriesBeforeSuspension(2) retryDelay(3)))",
        ),
        (
            "<authType>Basic Auth</authType><username>u</username><password> p </password>",
            "http(authentication(basicAuth(username(u) password(p))))",
        ),
        (
            "<authType>oauth</authType><oauthGrantType>Client Credentials</oauthGrantType><clientId>c</clientId>"
            "<clientSecret>s</clientSecret><tokenUrl>http://t</tokenUrl>"
            "<oauthAuthorizationMode>Header</oauthAuthorizationMode><oauthSocketTimeout>5</oauthSocketTimeout>"
            "<additionalProperties>scope:a, x: y,broken</additionalProperties>",
            "http(authentication(oauth(clientCredentials(clientId(c) clientSecret(s) tokenUrl(http://t)"
            " authMode(Header) socketTimeout(5) requestParameters(parameter name=scope(a) parameter name=x(y))))))",
        ),
        (
            "<authType>OAuth</authType><oauthGrantType>Authorization Code</oauthGrantType>"
            "<refreshToken>r</refreshToken>",
            "http(authentication(oauth(authorizationCode(refreshToken(r)))))",
        ),
        (
            "<authType>OAuth</authType><oauthGrantType>Password</oauthGrantType><username>u</username>",
            "http(authentication(oauth(passwordCredentials(username(u)))))",
        ),
        ("<authType>None</authType><username>u</username>", "http()"),
        ("<qualityServiceAddressOption>enable</qualityServiceAddressOption>", "http(enableAddressing())"),
        ("<qualityServiceSecurityOption>enable</qualityServiceSecurityOption>", "http(enableSec())"),
    ],
)
def test_what_a_connection_says(fields: str, http: str) -> None:
    assert made(fields) == f"endpoint name=shop{SUFFIX}({http})"


def test_properties_of_the_endpoint() -> None:
    fields = "<miscellaneousProperties>a:default:1, b : axis2 : 2,c</miscellaneousProperties>"
    properties = "property name=a scope=default value=1() property name=b scope=axis2 value=2()"
    assert made(fields) == f"endpoint name=shop{SUFFIX}(http() {properties})"


def test_other_local_entries_have_no_endpoint() -> None:
    for inside in ("", "text", "<acme.init><name>shop</name></acme.init>", '<http.init xmlns="urn:other"/>'):
        assert endpoint_of(Source("f", f'<localEntry xmlns="{SYNAPSE}">{inside}</localEntry>'.encode()).parse()) is None


async def test_a_flow_calls_it_with_the_credentials_of_the_connection(catalog: Catalog) -> None:
    client = StubClient(lambda request: response(body=TOKEN))
    fields = """<authType>OAuth</authType><oauthGrantType>Client Credentials</oauthGrantType><clientId>c</clientId>
    <clientSecret>s</clientSecret><tokenUrl>http://t/token</tokenUrl>
    <oauthAuthorizationMode>Payload</oauthAuthorizationMode>"""
    harness = Harness(entry(fields) + CALL, http=client, catalog=catalog)
    assert await harness.run('<sequence key="s"/>', harness.message(b"{}", "application/json"))
    token, sent = client.requests
    assert (token.url, token.body) == ("http://t/token", b"grant_type=client_credentials&client_id=c&client_secret=s")
    assert (sent.method, sent.url, dict(sent.headers)[b"authorization"]) == (
        "GET",
        "http://h/a/%7Bb%7D?c=1",
        b"Bearer T",
    )


def test_a_mistake_is_told_where_it_stands(catalog: Catalog) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(entry("\n  <timeoutDuration>soon</timeoutDuration>"), catalog=catalog)
    [problem] = raised.value.problems
    assert (problem.code, problem.where.line) == ("bad-value", 2)
