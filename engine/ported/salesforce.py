"""Salesforce (SOAP) and Zuora: lists of objects, given as XML in a template's parameter, put into the body."""

from __future__ import annotations

import copy
from typing import ClassVar

from lxml import etree

from engine.core.java_class import JavaClass, java_class
from engine.errors import Fault
from engine.expressions.values import text_of
from engine.expressions.variables import parameter
from engine.message.codecs import xml
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext
from engine.message.convert import own_text
from engine.ported._base import text

PARTNER = "urn:partner.soap.sforce.com"
OBJECT = "urn:sobject.partner.soap.sforce.com"
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_PACKAGE = "org.wso2.carbon.connector.salesforce"
_CRUD = "salesforce.crud."


class _FillsBody(JavaClass):
    """Adds elements, made from the XML in a parameter, to the operation element in the body."""

    operation: ClassVar[str] = ""
    parameter: ClassVar[str] = "sobjects"

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
    """One element with the text of each child of the parameter."""

    made: ClassVar[str] = "ids"

    def fill(self, message: MessageContext, operation: xml.Element, given: xml.Element) -> None:
        for each in given.iterchildren("*"):
            etree.SubElement(operation, f"{{{PARTNER}}}{self.made}").text = own_text(each)


@java_class(f"{_PACKAGE}.SetupCreateSobjects")
class CreateObjects(_Objects):
    """For create."""

    operation = "create"


@java_class(f"{_PACKAGE}.SetupUpdateSobjects")
class UpdateObjects(_Objects):
    """For update."""

    operation = "update"


@java_class(f"{_PACKAGE}.SetupUpsertSobjects")
class UpsertObjects(_Objects):
    """For upsert: also the name of the field that identifies an object."""

    operation = "upsert"

    def fill(self, message: MessageContext, operation: xml.Element, given: xml.Element) -> None:
        if external := text(message, f"{_CRUD}externalId"):
            etree.SubElement(operation, f"{{{PARTNER}}}externalIDFieldName").text = external
        super().fill(message, operation, given)


@java_class(f"{_PACKAGE}.SetupDeleteSobjects")
class DeleteObjects(_Texts):
    """For delete."""

    operation = "delete"


@java_class(f"{_PACKAGE}.SetupUndelete")
class Undelete(_Texts):
    """For undelete."""

    operation = "undelete"


@java_class(f"{_PACKAGE}.SetupEmptyRecycleBin")
class EmptyRecycleBin(_Texts):
    """For emptyRecycleBin."""

    operation = "emptyRecycleBin"


@java_class(f"{_PACKAGE}.SetupRetriveSobjects")
class RetrieveObjects(_Texts):
    """For retrieve."""

    operation, parameter = "retrieve", "objectIDS"


@java_class(f"{_PACKAGE}.SetupSendEmailMessage")
class SendEmailMessage(_Texts):
    """For sendEmailMessage."""

    operation, parameter = "sendEmailMessage", "sendEmailMessage"


@java_class(f"{_PACKAGE}.SetupDescribeSobjects")
class DescribeObjects(_Texts):
    """For describeSObjects."""

    operation, made = "describeSObjects", "sObjectType"


@java_class(f"{_PACKAGE}.SetupSendEmail")
class SendEmail(_FillsBody):
    """For sendEmail: a message for each child of the parameter."""

    operation, parameter = "sendEmail", "sendEmail"

    def fill(self, message: MessageContext, operation: xml.Element, given: xml.Element) -> None:
        for each in given.iterchildren("*"):
            made = etree.SubElement(operation, f"{{{PARTNER}}}messages")
            made.set(_XSI_TYPE, each.get("type") or "urn:SingleEmailMessage")
            _copy_fields(each, made, PARTNER)


@java_class(f"{_PACKAGE}.SetupCRUDParams")
class CrudDefaults(JavaClass):
    """The parameters of the CRUD operations as properties, with their defaults."""

    def mediate(self, message: MessageContext) -> None:
        for name, default in (("allOrNone", "1"), ("allowFieldTruncate", "0"), ("externalId", "Id")):
            message.properties[_CRUD + name] = text_of(parameter(message, name)) or default


@java_class(f"{_PACKAGE}.SetupLoginParams")
class LoginParameters(JavaClass):
    """A parameter ``forceLogin`` makes the connector log in again."""

    def mediate(self, message: MessageContext) -> None:
        if parameter(message, "forceLogin") is not None:
            message.operation["salesforce.login.done"] = "false"


@java_class(f"{_PACKAGE}.QueryMoreIterator")
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


def _as_element(value: object, name: str) -> xml.Element:
    """The XML in a parameter. Raises Fault when there is none."""
    if isinstance(value, etree._Element):
        return value
    try:
        return xml.decode_text((text_of(value) or "").strip())
    except DecodeError as error:
        raise Fault(f"the parameter '{name}' is {error}") from None


def _copy_fields(source: xml.Element, target: xml.Element, namespace: str) -> None:
    for field in source.iterchildren("*"):
        etree.SubElement(target, f"{{{namespace}}}{etree.QName(field).localname}").text = own_text(field)
