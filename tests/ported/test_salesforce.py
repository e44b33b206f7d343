from __future__ import annotations

import inspect
from typing import Any

import pytest

from engine.errors import Fault
from engine.expressions.values import element_xml
from engine.message.context import MessageContext
from engine.message.parameters import Parameters
from engine.ported import find
from engine.testing.harness import Harness, StubClient, response

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
P, Q = "urn:partner.soap.sforce.com", "urn:sobject.partner.soap.sforce.com"


def ran(
    name: str, operation: str, parameters: dict[str, Any], properties: dict[str, Any] | None = None
) -> MessageContext:
    content = f'<urn:{operation} xmlns:urn="{P}"/>'
    body = f'<e:Envelope xmlns:e="{SOAP}"><e:Header><h/></e:Header><e:Body>{content}</e:Body></e:Envelope>'
    message = Harness().message(body.encode(), "text/xml")
    message.functions.append(Parameters(parameters))
    message.properties |= properties or {}
    found = find(f"org.wso2.carbon.connector.salesforce.{name}")
    assert found is not None
    found().mediate(message)
    return message


def content(message: MessageContext) -> list[tuple[str, str]]:
    """Names and texts below the operation."""
    element = message.payload.content()
    assert element is not None
    return [
        (str(each.tag).replace(f"{{{P}}}", "p:").replace(f"{{{Q}}}", "o:"), each.text or "")
        for each in element.iter("*")
    ][1:]


OBJECTS = '<f:sObjects xmlns:f="sfdc" type="Account"><f:a><f:Name>N</f:Name></f:a><a><Id>1</Id></a></f:sObjects>'


@pytest.mark.parametrize(
    ("name", "operation", "parameter"),
    [
        ("SetupCreateSobjects", "create", "sobjects"),
        ("SetupUpdateSobjects", "update", "sobjects"),
        ("SetupMerge", "merge", "mergerequests"),
        ("SetupConvertLead", "convertLead", "leadconvertrequests"),
        ("SetupFindDuplicates", "findDuplicates", "sobjects"),
    ],
)
def test_objects(name: str, operation: str, parameter: str) -> None:
    message = ran(name, operation, {parameter: OBJECTS})
    assert content(message) == [
        *[("p:sObjects", ""), ("o:type", "Account"), ("o:Name", "N")],
        *[("p:sObjects", ""), ("o:type", "Account"), ("o:Id", "1")],
    ]
    assert message.payload.envelope().find("{*}Header/h") is not None


def test_an_object_inside_of_an_object() -> None:
    message = ran("SetupCreateSobjects", "create", {"sobjects": "<s><a><b><c>1</c><d/></b></a></s>"})
    assert content(message) == [("p:sObjects", ""), ("o:b", ""), ("o:c", "1"), ("o:d", "")]


def test_upsert_names_the_field_that_identifies() -> None:
    message = ran("SetupUpsertSobjects", "upsert", {"sobjects": "<s><a/></s>"}, {"salesforce.crud.externalId": "Id"})
    assert content(message) == [("p:externalIDFieldName", "Id"), ("p:sObjects", "")]


@pytest.mark.parametrize(
    ("name", "operation", "parameter", "made"),
    [
        ("SetupDeleteSobjects", "delete", "sobjects", "p:ids"),
        ("SetupUndelete", "undelete", "sobjects", "p:ids"),
        ("SetupEmptyRecycleBin", "emptyRecycleBin", "sobjects", "p:ids"),
        ("SetupRetriveSobjects", "retrieve", "objectIDS", "p:ids"),
        ("SetupSendEmailMessage", "sendEmailMessage", "sendEmailMessage", "p:ids"),
        ("SetupFindDuplicatesByIds", "findDuplicatesByIds", "ids", "p:ids"),
        ("SetupDescribeSobjects", "describeSObjects", "sobjects", "p:sObjectType"),
    ],
)
def test_texts(name: str, operation: str, parameter: str, made: str) -> None:
    message = ran(name, operation, {parameter: "<s><id>1</id><id>2</id></s>"})
    assert content(message) == [(made, "1"), (made, "2")]


def test_mails() -> None:
    message = ran("SetupSendEmail", "sendEmail", {"sendEmail": "<m><a type='urn:X'><subject>s</subject></a><a/></m>"})
    assert content(message) == [("p:messages", ""), ("p:subject", "s"), ("p:messages", "")]
    element = message.payload.content()
    assert element is not None
    types = [each.get("{http://www.w3.org/2001/XMLSchema-instance}type") for each in element.iterchildren("*")]
    assert types == ["urn:X", "urn:SingleEmailMessage"]


def test_a_body_of_another_operation_stays() -> None:
    message = ran("SetupCreateSobjects", "other", {"sobjects": OBJECTS})
    assert content(message) == []


def test_a_parameter_that_is_no_xml() -> None:
    with pytest.raises(Fault, match="'sobjects' is not XML"):
        ran("SetupCreateSobjects", "create", {"sobjects": "nonsense"})


def test_defaults() -> None:
    message = ran("SetupCRUDParams", "create", {"allOrNone": "0", "externalId": ""})
    assert message.properties == {
        "salesforce.crud.allOrNone": "0",
        "salesforce.crud.allowFieldTruncate": "0",
        "salesforce.crud.externalId": "Id",
    }


@pytest.mark.parametrize(
    ("parameters", "operation"), [({"forceLogin": "true"}, {"salesforce.login.done": "false"}), ({}, {})]
)
def test_login(parameters: dict[str, str], operation: dict[str, str]) -> None:
    assert ran("SetupLoginParams", "login", parameters).operation == operation


@pytest.mark.parametrize(
    ("locator", "size", "pages"),
    [("x-200", "500", ["Page2", "Page3"]), ("x-200", "200", []), ("x", "500", []), ("x-0", "5", []), ("x-200", "", [])],
)
def test_pages(locator: str, size: str, pages: list[str]) -> None:
    properties = {"salesforce.query.queryLocator": locator, "salesforce.query.recordSize": size}
    message = ran("QueryMoreIterator", "queryResponse", {}, properties)
    element = message.payload.content()
    assert element is not None
    assert [each.text for each in element.iterfind(".//{*}iterator")] == pages
    assert ("sfdc:iterators" in element_xml(element)) is bool(pages)


def test_todays_connector_has_the_same_classes_in_another_package() -> None:
    for name in ("SetupCreateSobjects", "SetupCRUDParams", "QueryMoreIterator"):
        assert find(f"org.wso2.carbon.salesforce.connector.{name}") is find(
            f"org.wso2.carbon.connector.salesforce.{name}"
        )


LOGIN = {"loginUrl": "https://login/soap", "username": "u<", "password": "p&"}


def answer(inside: str) -> bytes:
    return f'<e:Envelope xmlns:e="{SOAP}"><e:Body>{inside}</e:Body></e:Envelope>'.encode()


async def logged_in(client: StubClient, parameters: dict[str, str], done: str = "") -> MessageContext:
    message = Harness(http=client).message()
    message.functions.append(Parameters(parameters))
    message.set_property("salesforce.login.done", done or None)
    found = find("org.wso2.carbon.salesforce.connector.SalesforceSOAPLoginHandler")
    assert found is not None
    result = found().mediate(message)
    assert inspect.isawaitable(result)
    await result
    return message


async def test_login_by_soap() -> None:
    result = f'<loginResponse xmlns="{P}"><result><sessionId>S</sessionId><serverUrl>https://i</serverUrl></result></loginResponse>'
    client = StubClient(lambda request: response(body=answer(result)))
    message = await logged_in(client, LOGIN)
    assert message.properties == {
        "salesforce.sessionId": "S",
        "salesforce.serviceUrl": "https://i",
        "salesforce.login.done": "true",
    }
    [request] = client.requests
    assert (request.method, request.url) == ("POST", "https://login/soap")
    assert dict(request.headers)[b"soapaction"] == b"urn:partner.soap.sforce.com/Soap/loginRequest"
    assert isinstance(request.body, bytes)
    assert b"<urn:username>u&lt;</urn:username><urn:password>p&amp;</urn:password>" in request.body
    await logged_in(client, {}, "true")
    assert len(client.requests) == 1
    await logged_in(client, LOGIN | {"forceLogin": "TRUE"}, "true")
    assert len(client.requests) == 2


@pytest.mark.parametrize(
    ("body", "parameters", "fault"),
    [
        (b"", {"username": "u"}, "needs the parameters: loginUrl, username, password"),
        (
            answer("<e:Fault><faultcode>x</faultcode><faultstring>INVALID_LOGIN</faultstring></e:Fault>"),
            LOGIN,
            "INVALID_LOGIN",
        ),
        (answer("<r><sessionId>S</sessionId></r>"), LOGIN, "the answer to the login has no <serverUrl>"),
    ],
)
async def test_no_login(body: bytes, parameters: dict[str, str], fault: str) -> None:
    with pytest.raises(Fault, match=fault):
        await logged_in(StubClient(lambda request: response(body=body)), parameters)


def bulk(parameters: dict[str, str], csv: bytes = b'a,b\n1,"x, y"\n2\n') -> MessageContext:
    message = Harness().message(csv, "text/csv")
    message.functions.append(Parameters(parameters))
    found = find("org.wso2.carbon.salesforce.connector.ProcessResults")
    assert found is not None
    found().mediate(message)
    return message


def test_rows_of_a_bulk_job() -> None:
    assert bulk({}).payload.json() == [{"a": "1", "b": "x, y"}, {"a": "2", "b": ""}]
    assert bulk({"outputType": "JSON"}, b"").payload.json() == []
    assert bulk({"outputType": "CSV"}).payload.text().startswith("a,b")
    with pytest.raises(Fault, match="'FILE' is not supported"):
        bulk({"includeResultTo": "FILE", "filePath": "/x"})
