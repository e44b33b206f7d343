"""Salesforce (SOAP) and Zuora: lists of objects, given as XML in a template's parameter, put into the body."""

from __future__ import annotations

import copy
import csv
import io
from typing import ClassVar

from lxml import etree

from engine.core.env import env_of
from engine.core.http import HttpRequest
from engine.core.java_class import JavaClass, java_class
from engine.errors import Fault
from engine.expressions.values import text_of
from engine.expressions.variables import parameter
from engine.message.codecs import soap, xml
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext
from engine.message.convert import own_text
from engine.message.payload import Payload
from engine.ported._base import argument, text

PARTNER = "urn:partner.soap.sforce.com"
OBJECT = "urn:sobject.partner.soap.sforce.com"
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_PACKAGES = ("org.wso2.carbon.connector.salesforce", "org.wso2.carbon.salesforce.connector")
"""Of the old connector and of today's."""
_CRUD = "salesforce.crud."


def _names(name: str) -> list[str]:
    return [f"{package}.{name}" for package in _PACKAGES]


class _FillsBody(JavaClass):
    """Adds elements, made from the XML in a parameter, to the operation element in the body."""

    operation: ClassVar[str] = ""
    parameter: ClassVar[str] = ""

    def mediate(self, message: MessageContext) -> None:
        envelope = copy.deepcopy(message.payload.envelope())
        found = envelope.find(f"{{*}}Body/{{*}}{self.operation}")
        if found is None:
            return
        given = _as_element(parameter(message, self.parameter), self.parameter)
        self.fill(message, found, given)
        message.payload.set_envelope(envelope)

    def fill(self, message: MessageContext, operation: xml.Element, given: xml.Element) -> None:
        raise NotImplementedError


class _Objects(_FillsBody):
    """``<urn:sObjects>`` for each child of the parameter, with its type and fields."""

    def fill(self, message: MessageContext, operation: xml.Element, given: xml.Element) -> None:
        type_ = given.get("type")
        for each in given.iterchildren("*"):
            made = etree.SubElement(operation, f"{{{PARTNER}}}sObjects")
            if type_ is not None:
                etree.SubElement(made, f"{{{OBJECT}}}type").text = type_
            _copy_fields(each, made, OBJECT)


class _Texts(_FillsBody):
    """One element with the text of each child of the parameter: identifiers."""

    made: ClassVar[str] = "ids"

    def fill(self, message: MessageContext, operation: xml.Element, given: xml.Element) -> None:
        for each in given.iterchildren("*"):
            etree.SubElement(operation, f"{{{PARTNER}}}{self.made}").text = own_text(each)


class _Upsert(_Objects):
    """Also the name of the field that identifies an object."""

    def fill(self, message: MessageContext, operation: xml.Element, given: xml.Element) -> None:
        if external := text(message, f"{_CRUD}externalId"):
            etree.SubElement(operation, f"{{{PARTNER}}}externalIDFieldName").text = external
        super().fill(message, operation, given)


class _Messages(_FillsBody):
    """``<urn:messages>`` for each child of the parameter."""

    def fill(self, message: MessageContext, operation: xml.Element, given: xml.Element) -> None:
        for each in given.iterchildren("*"):
            made = etree.SubElement(operation, f"{{{PARTNER}}}messages")
            made.set(_XSI_TYPE, each.get("type") or "urn:SingleEmailMessage")
            _copy_fields(each, made, PARTNER)


class _Types(_Texts):
    """``<urn:sObjectType>`` with the text of each child."""

    made = "sObjectType"


_FILLERS: dict[str, tuple[type[_FillsBody], str, str]] = {
    "SetupConvertLead": (_Objects, "convertLead", "leadconvertrequests"),
    "SetupCreateSobjects": (_Objects, "create", "sobjects"),
    "SetupDeleteSobjects": (_Texts, "delete", "sobjects"),
    "SetupDescribeSobjects": (_Types, "describeSObjects", "sobjects"),
    "SetupEmptyRecycleBin": (_Texts, "emptyRecycleBin", "sobjects"),
    "SetupFindDuplicates": (_Objects, "findDuplicates", "sobjects"),
    "SetupFindDuplicatesByIds": (_Texts, "findDuplicatesByIds", "ids"),
    "SetupMerge": (_Objects, "merge", "mergerequests"),
    "SetupRetriveSobjects": (_Texts, "retrieve", "objectIDS"),
    "SetupSendEmail": (_Messages, "sendEmail", "sendEmail"),
    "SetupSendEmailMessage": (_Texts, "sendEmailMessage", "sendEmailMessage"),
    "SetupUndelete": (_Texts, "undelete", "sobjects"),
    "SetupUpdateSobjects": (_Objects, "update", "sobjects"),
    "SetupUpsertSobjects": (_Upsert, "upsert", "sobjects"),
}
"""Java class -> what it adds, to which operation element, from which parameter."""

for _name, (_filler, _operation, _parameter) in _FILLERS.items():
    java_class(*_names(_name))(type(_name, (_filler,), {"operation": _operation, "parameter": _parameter}))


@java_class(*_names("SetupCRUDParams"))
class CrudDefaults(JavaClass):
    """The parameters of the CRUD operations as properties, with their defaults."""

    def mediate(self, message: MessageContext) -> None:
        for name, default in (("allOrNone", "1"), ("allowFieldTruncate", "0"), ("externalId", "Id")):
            message.properties[_CRUD + name] = text_of(parameter(message, name)) or default


@java_class(*_names("SetupLoginParams"))
class LoginParameters(JavaClass):
    """A parameter ``forceLogin`` makes the connector log in again."""

    def mediate(self, message: MessageContext) -> None:
        if parameter(message, "forceLogin") is not None:
            message.operation["salesforce.login.done"] = "false"


@java_class(*_names("QueryMoreIterator"))
class QueryPages(JavaClass):
    """``<sfdc:iterators>`` in the answer of a query: one for each page after the first."""

    def mediate(self, message: MessageContext) -> None:
        parts = text(message, "salesforce.query.queryLocator").split("-")
        total = text(message, "salesforce.query.recordSize")
        if len(parts) < 2 or not parts[1].isdigit() or not total.isdigit() or int(parts[1]) == 0:
            return
        envelope = copy.deepcopy(message.payload.envelope())
        found = next(iter(envelope.iterfind("{*}Body/{*}*")), None)
        pages = -(-int(total) // int(parts[1]))
        if found is None or pages < 2:
            return
        namespace = "http://wso2.org/salesforce/adaptor"
        iterators = etree.SubElement(found, f"{{{namespace}}}iterators", nsmap={"sfdc": namespace})
        for page in range(2, pages + 1):
            etree.SubElement(iterators, f"{{{namespace}}}iterator").text = f"Page{page}"
        message.payload.set_envelope(envelope)


@java_class(f"{_PACKAGES[1]}.SalesforceSOAPLoginHandler")
class SoapLogin(JavaClass):
    """Log in by name and password: ``salesforce.sessionId`` and ``salesforce.serviceUrl``."""

    async def mediate(self, message: MessageContext) -> None:
        is_forced = argument(message, "forceLogin").lower() == "true"
        if text(message, "salesforce.login.done") == "true" and not is_forced:
            return
        url, username, password = (argument(message, name) for name in ("loginUrl", "username", "password"))
        if not (url and username and password):
            raise Fault("the connection needs the parameters: loginUrl, username, password")
        answer = await _logged_in(message, url, username, password)
        for property_, tag in (("salesforce.sessionId", "sessionId"), ("salesforce.serviceUrl", "serverUrl")):
            found = own_text(element) if (element := answer.find(f".//{{*}}{tag}")) is not None else ""
            if not found:
                raise Fault(f"the answer to the login has no <{tag}>", status=502)
            message.properties[property_] = found
        message.properties["salesforce.login.done"] = "true"


async def _logged_in(message: MessageContext, url: str, username: str, password: str) -> xml.Element:
    """The envelope of the answer. Raises Fault for one that is no SOAP, or a SOAP fault."""
    login = etree.Element(f"{{{PARTNER}}}login", nsmap={"urn": PARTNER})
    etree.SubElement(login, f"{{{PARTNER}}}username").text = username
    etree.SubElement(login, f"{{{PARTNER}}}password").text = password
    headers = [
        (b"content-type", b"text/xml; charset=UTF-8"),
        (b"soapaction", f"{PARTNER}/Soap/loginRequest".encode()),
    ]
    request = HttpRequest("POST", url, headers, xml.encode(soap.wrap(login, "soap11")))
    response = await env_of(message).http.send(request)
    payload = Payload(response.body, "text/xml", origin="backend")
    await payload.load(env_of(message).limits.buffered_body)
    envelope = payload.envelope()
    fault = envelope.find("{*}Body/{*}Fault/faultstring")
    if fault is not None:
        raise Fault(f"the login at Salesforce failed: {own_text(fault)}", status=403)
    return envelope


@java_class(f"{_PACKAGES[1]}.ProcessResults")
class BulkResults(JavaClass):
    """The rows of a bulk job, which come as CSV, as JSON unless ``outputType`` says otherwise."""

    output_type: str = ""
    include_result_to: str = ""
    file_path: str = ""

    def mediate(self, message: MessageContext) -> None:
        if (self.include_result_to or argument(message, "includeResultTo")) == "FILE":
            raise Fault("includeResultTo='FILE' is not supported: messages write no files of their own choice")
        if (self.output_type or argument(message, "outputType")).strip() not in ("", "JSON"):
            return
        rows = csv.DictReader(io.StringIO(message.payload.text()), restval="", restkey="")
        message.payload.set_json([{name: value for name, value in row.items() if name} for row in rows])
        message.set_axis2("messageType", "application/json")


def _as_element(value: object, name: str) -> xml.Element:
    """The XML in a parameter. Raises Fault when there is none."""
    if isinstance(value, etree._Element):
        return value
    try:
        return xml.decode_text((text_of(value) or "").strip())
    except DecodeError as error:
        raise Fault(f"the parameter '{name}' is {error}") from None


def _copy_fields(source: xml.Element, target: xml.Element, namespace: str) -> None:
    """The fields of an object; one with fields of its own is an object inside of it."""
    for field in source.iterchildren("*"):
        made = etree.SubElement(target, f"{{{namespace}}}{etree.QName(field).localname}")
        if len(field):
            _copy_fields(field, made, namespace)
        else:
            made.text = own_text(field)
