"""Signing for Amazon Web Services: S3, SES and SimpleDB (version 2), SQS, SNS and DynamoDB (version 4)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import ClassVar

from engine.core.java_class import JavaClass, java_class
from engine.errors import Fault
from engine.expressions.values import element_xml
from engine.message.codecs import json
from engine.message.context import MessageContext
from engine.ported import signing
from engine.ported._base import URI_VAR, pairs, required, text

_SPACE = re.compile(r"\s+")
_TIMESTAMP = "%Y%m%dT%H%M%SZ"


# -------------------------------------------------------------------- S3


_AMZ_HEADERS = {
    "xAmzSecurityToken": "x-amz-security-token",
    "xAmzAcl": "x-amz-acl",
    "xAmzGrantRead": "x-amz-grant-read",
    "xAmzGrantWrite": "x-amz-grant-write",
    "xAmzGrantReadAcp": "x-amz-grant-read-acp",
    "xAmzGrantWriteAcp": "x-amz-grant-write-acp",
    "xAmzGrantFullControl": "x-amz-grant-full-control",
    "xAmzMeta": "x-amz-meta-",
    "xAmzServeEncryption": "x-amz-server-side-encryption",
    "xAmzStorageClass": "x-amz-storage-class",
    "xAmzWebsiteLocation": "x-amz-website-redirect-location",
    "xAmzMfa": "x-amz-mfa",
    "xAmzCopySource": "x-amz-copy-source",
    "xAmzMetadataDirective": "x-amz-metadata-directive",
    "xAmzCopySourceIfMatch": "x-amz-copy-source-if-match",
    "xAmzCopySourceIfNoneMatch": "x-amz-copy-source-if-none-match",
    "xAmzCopySourceIfModifiedSince": "x-amz-copy-source-if-modified-since",
    "xAmzCopySourceIfUnmodifiedSince": "x-amz-copy-source-if-unmodified-since",
}


@java_class("org.wso2.carbon.connector.amazons3.auth.AmazonS3AuthConnector")
class S3Authorization(JavaClass):
    """``authenticationCode`` and ``date`` (https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html)."""

    def mediate(self, message: MessageContext) -> None:
        date = signing.utc(signing.RFC_1123)
        headers = {
            header: _SPACE.sub("", value) for name, header in _AMZ_HEADERS.items() if (value := text(message, name))
        }
        own_date = date
        if text(message, "isXAmzDate").lower() == "true":
            headers["x-amz-date"], own_date = date, ""
            message.properties["isXAmzDateValue"] = date
        lines = [text(message, "methodType"), text(message, "contentMD5"), text(message, "contentType"), own_date]
        lines += [f"{name}:{value}" for name, value in sorted(headers.items())]
        resource = f"/{text(message, 'bucketName')}{text(message, 'uri.var.uriRemainder')}"
        signature = signing.hmac_sha1(text(message, "secretAccessKey"), "\n".join([*lines, resource]))
        message.properties["authenticationCode"] = f"AWS {text(message, 'accessKeyId')}:{signature}"
        message.properties["date"] = date


@java_class("org.wso2.carbon.connector.amazons3.auth.AmazonS3ContentMD5Builder")
class S3ContentMd5(JavaClass):
    """``contentMD5``: the base64 of the MD5 of the XML in the body."""

    def mediate(self, message: MessageContext) -> None:
        content = message.payload.content()
        if content is None:
            raise Fault("the body is empty: there is nothing to make a Content-MD5 of")
        digest = hashlib.md5(element_xml(content).encode(), usedforsecurity=False).digest()
        message.properties["contentMD5"] = base64.b64encode(digest).decode()


# -------------------------------------------------------------------- SES


class _Ses(JavaClass):
    """AWS3-HTTPS: the header, and the parameters of the request as a JSON object in ``uri.var.requestPayload``."""

    single: ClassVar[Mapping[str, str]] = {}
    """Parameter of the API -> last part of the property."""
    many: ClassVar[Mapping[str, str]] = {}
    """The same, for properties that hold several values separated by commas."""

    def mediate(self, message: MessageContext) -> None:
        date = signing.utc(signing.RFC_1123)
        signature = signing.hmac_sha1(required(message, "uri.var.secretAccessKey"), date)
        key = required(message, "uri.var.accessKeyId")
        values = {name: text(message, URI_VAR + last) for name, last in _SES_COMMON.items()}
        values |= {"Timestamp": signing.utc("%Y-%m-%dT%H:%M:%SZ"), "Signature": signature}
        for name, last in self.single.items():
            if value := required(message, URI_VAR + last):
                # The API wants this one parameter in base64.
                values[name] = base64.b64encode(value.encode()).decode() if name == "RawMessage.Data" else value
        for name, last in self.many.items():
            if value := required(message, URI_VAR + last):
                values |= {f"{name}.{index}": each for index, each in enumerate(value.split(","), 1)}
        message.properties["uri.var.xAmzDate"] = date
        authorization = f"AWS3-HTTPS AWSAccessKeyId={key}, Algorithm=HmacSHA1, Signature={signature}"
        message.properties["uri.var.xAmznAuthorization"] = authorization
        message.properties["uri.var.requestPayload"] = _as_json(values)


_SES_COMMON = {
    "Action": "action",
    "AWSAccessKeyId": "accessKeyId",
    "SignatureMethod": "signatureMethod",
    "SignatureVersion": "signatureVersion",
    "Version": "version",
}
_IDENTITY = {"Identity": "identity"}
_RULE_SET = {"RuleSetName": "ruleSetName"}
_RULE = {"RuleName": "ruleName", **_RULE_SET}
_SES_SINGLE: dict[str, dict[str, str]] = {
    "CreateReceiptRuleSet": _RULE_SET,
    "DeleteIdentity": _IDENTITY,
    "DeleteIdentityPolicy": {**_IDENTITY, "PolicyName": "policyName"},
    "DeleteReceiptRule": _RULE,
    "DeleteReceiptRuleSet": _RULE_SET,
    "DescribeActiveReceiptRuleSet": {},
    "DescribeReceiptRule": _RULE,
    "DescribeReceiptRuleSet": _RULE_SET,
    "GetIdentityPolicies": {**_IDENTITY, "PolicyNames.member.1": "policyNamesMember"},
    "ListDomainDkim": {"Domain": "domain"},
    "ListIdentities": {"IdentityType": "identityType", "MaxItems": "maxItems", "NextToken": "nextToken"},
    "ListIdentityAttributes": {},
    "ListIdentityPolicies": _IDENTITY,
    "ListReceiptRuleSets": {"NextToken": "nextToken"},
    "SendEmail": {
        "Message.Body.Text.Data": "messageBody",
        "Message.Subject.Data": "messageSubject",
        "ReturnPath": "returnPath",
        "Source": "source",
    },
    "SendRawEmail": {"RawMessage.Data": "rawMessage", "Source": "source"},
    "SetActiveReceiptRuleSet": _RULE_SET,
    "SetIdentityDkim": {**_IDENTITY, "DkimEnabled": "dkimEnabled"},
    "SetIdentityFeedback": {**_IDENTITY, "ForwardingEnabled": "forwardingEnabled"},
    "SetIdentityNotification": {**_IDENTITY, "NotificationType": "notificationType", "SnsTopic": "snsTopic"},
    "SetReceiptRulePosition": {"AFTER": "after", **_RULE},
    "VerifyDomainIdentity": {"Domain": "domain"},
    "VerifyEmailIdentity": {"EmailAddress": "emailAddress"},
}
_SES_MANY: dict[str, dict[str, str]] = {
    "ListIdentityAttributes": {"Identities.member": "identities"},
    "SendEmail": {
        "Destination.ToAddresses.member": "toAddresses",
        "Destination.CcAddresses.member": "ccAddresses",
        "Destination.BccAddresses.member": "bccAddresses",
        "ReplyToAddresses.member": "replyToAddresses",
    },
    "SendRawEmail": {"Destinations.member": "destinations"},
}

for _action, _single in _SES_SINGLE.items():
    java_class(f"org.wso2.carbon.connector.amazonses.auth.AmazonSES{_action}Mediator")(
        type(f"Ses{_action}", (_Ses,), {"single": _single, "many": _SES_MANY.get(_action, {})})
    )


# -------------------------------------------------------------------- parameters


_COMMON = {"action": "Action", "version": "Version"}
_SIGNED = {"signatureMethod": "SignatureMethod", "signatureVersion": "SignatureVersion", "timestamp": "Timestamp"}
_QUERY = (
    _COMMON
    | _SIGNED
    | {
        "expires": "Expires",
        "securityToken": "SecurityToken",
        "signature": "Signature",
        "accessKeyId": "AWSAccessKeyId",
    }
)


def _parameters(message: MessageContext, single: Mapping[str, str], many: tuple[str, ...]) -> dict[str, str]:
    """The parameters that are set, by their names in the API and in their order."""
    found = {api: value for last, api in single.items() if (value := text(message, URI_VAR + last))}
    for last in many:
        if value := text(message, URI_VAR + last):
            found |= dict(pairs(value))
    return dict(sorted(found.items()))


def _as_json(values: Mapping[str, str]) -> str:
    return json.encode(dict(sorted(values.items()))).decode()


# -------------------------------------------------------------------- SimpleDB


_SIMPLE_DB = (
    _COMMON
    | _SIGNED
    | {
        "maxNumberOfDomains": "MaxNumberOfDomains",
        "nextToken": "NextToken",
        "domainName": "DomainName",
        "expectedName": "Expected.Name",
        "expectedValue": "Expected.Value",
        "expectedExists": "Expected.Exists",
        "itemName": "ItemName",
        "consistentRead": "ConsistentRead",
        "selectExpression": "SelectExpression",
    }
)


@java_class("org.wso2.carbon.connector.amazonsimpledb.auth.AmazonSimpleDBAuthConnector")
class SimpleDbAuthorization(JavaClass):
    """``uri.var.signature``, and the request as a JSON object in ``uri.var.xFormUrl`` (signature version 2)."""

    def mediate(self, message: MessageContext) -> None:
        message.properties["uri.var.timestamp"] = signing.utc("%Y-%m-%dT%H:%M:%S.000Z")
        values = {"AWSAccessKeyId": text(message, "uri.var.accessKeyId")}
        values |= _parameters(message, _SIMPLE_DB, ("attributes", "attributeNames"))
        query = "&".join(f"{signing.rfc3986(name)}={signing.rfc3986(value)}" for name, value in values.items())
        head = [text(message, URI_VAR + name) for name in ("httpMethod", "hostName", "httpRequestUri")]
        signature = signing.hmac_sha1(required(message, "uri.var.secretAccessKey"), "\n".join([*head, query]))
        message.properties["uri.var.signature"] = signature
        message.properties["uri.var.xFormUrl"] = json.encode({**values, "Signature": signature}).decode()


# -------------------------------------------------------------------- SQS and SNS


_SQS = _QUERY | {
    "queueNamePrefix": "QueueNamePrefix",
    "queueUrls": "QueueUrls",
    "payloadQueueName": "QueueName",
    "label": "Label",
    "messageBody": "MessageBody",
    "receiptHandle": "ReceiptHandle",
    "maxNumberOfMessages": "MaxNumberOfMessages",
    "visibilityTimeout": "VisibilityTimeout",
    "waitTimeSeconds": "WaitTimeSeconds",
    "delaySeconds": "DelaySeconds",
    "accountId": "QueueOwnerAWSAccountId",
}
_SNS = _QUERY | {
    "topicArn": "TopicArn",
    "protocol": "Protocol",
    "endpoint": "Endpoint",
    "subscriptionArn": "SubscriptionArn",
    "token": "Token",
    "authenticateOnUnsubscribe": "AuthenticateOnUnsubscribe",
    "name": "Name",
    "message": "Message",
    "messageStructure": "MessageStructure",
    "subject": "Subject",
    "targetArn": "TargetArn",
    "nextToken": "NextToken",
    "platformApplicationArn": "PlatformApplicationArn",
    "endpointArn": "EndpointArn",
    "customUserData": "CustomUserData",
}
_MANY = ("awsAccountNumbers", "actionNames", "requestEntries", "attributeEntries")
_SQS_MANY = (*_MANY, "attributes", "messageAttributeNames", "messageAttributes", "messageRequestEntry")


def _signer(message: MessageContext, prefix: str) -> signing.Aws4:
    return signing.Aws4(
        text(message, f"{prefix}accessKeyId"),
        *(required(message, prefix + last) for last in ("secretAccessKey", "region", "service", "terminationString")),
    )


class _Version4(JavaClass):
    """The header of Signature Version 4 in ``uri.var.authorizationHeader``
    (https://docs.aws.amazon.com/general/latest/gr/sigv4_signing.html)."""

    single: ClassVar[Mapping[str, str]] = {}
    many: ClassVar[tuple[str, ...]] = ()

    def mediate(self, message: MessageContext) -> None:
        timestamp = signing.utc(_TIMESTAMP)
        message.properties["uri.var.amzDate"] = timestamp
        values = _parameters(message, self.single, self.many)
        path = self.path(message)
        if values:
            message.properties["uri.var.requestPayload"] = self.payload(values)
        named = {"host": "hostName", "content-type": "contentType", "x-amz-date": "amzDate"}
        headers = {
            name: _SPACE.sub(" ", value.strip())
            for name, last in sorted(named.items())
            if (value := text(message, URI_VAR + last))
        }
        body = "&".join(f"{signing.java_encode(name)}={signing.java_encode(value)}" for name, value in values.items())
        body = body.replace("+", "%20").replace("%7E", "~")
        header = _signer(message, URI_VAR).header(timestamp, text(message, "uri.var.httpMethod"), path, headers, body)
        message.properties["uri.var.authorizationHeader"] = header.replace(" ", ",", 1)

    def path(self, message: MessageContext) -> str:
        """The canonical path."""
        raise NotImplementedError

    def payload(self, values: Mapping[str, str]) -> str:
        """The parameters as the connector's template wants them."""
        raise NotImplementedError


@java_class("org.wso2.carbon.connector.amazonsqs.auth.AmazonSQSAuthConnector")
class SqsAuthorization(_Version4):
    """Also ``uri.var.httpRequestUri``, the path of the queue."""

    single = _SQS
    many = _SQS_MANY

    def path(self, message: MessageContext) -> str:
        queue, owner = text(message, "uri.var.urlQueueName"), text(message, "uri.var.queueId")
        if not queue or not owner:
            return "/"
        once = [signing.java_encode(each) for each in (owner, queue)]
        message.properties["uri.var.httpRequestUri"] = "/" + "/".join(once) + "/"
        # The service encodes the path that arrives once more before it signs.
        return ("/" + "/".join(map(signing.java_encode, once)) + "/").replace("*", "%2A")

    def payload(self, values: Mapping[str, str]) -> str:
        return _as_json(values)


@java_class("org.wso2.carbon.connector.amazonsns.auth.AmazonSNSAuthConnector")
class SnsAuthorization(_Version4):
    """The payload is a piece of XML."""

    single = _SNS
    many = _MANY

    def path(self, message: MessageContext) -> str:
        return required(message, "uri.var.httpRequestUri")

    def payload(self, values: Mapping[str, str]) -> str:
        return "".join(f"<{name}>{value}</{name}>" for name, value in values.items())


# -------------------------------------------------------------------- DynamoDB


_DYNAMO_DB = (
    *("requestItems", "returnConsumedCapacity", "attributeDefinitions", "tableName", "keySchema"),
    *("localSecondaryIndexes", "provisionedThroughput", "globalSecondaryIndexes", "streamSpecification", "item"),
    *("conditionalOperator", "conditionExpression", "expected", "expressionAttributeNames"),
    *("expressionAttributeValues", "returnItemCollectionMetrics", "returnValues", "key", "attributesToGet"),
    *("consistentRead", "projectionExpression", "exclusiveStartTableName", "limit", "attributeUpdates"),
    *("updateExpression", "globalSecondaryIndexUpdates", "exclusiveStartKey", "filterExpression", "indexName"),
    *("keyConditionExpression", "keyConditions", "queryFilter", "scanIndexForward", "select", "scanFilter"),
    *("segment", "totalSegments"),
)
_DYNAMO_DB_PLAIN = ("limit", "consistentRead", "scanIndexForward", "segment", "totalSegments")
"""Numbers and Booleans."""


@java_class("org.wso2.carbon.connector.amazdynamodb.auth.AmazonDynamoDBAuthConnector")
class DynamoDbAuthorization(JavaClass):
    """``authorizationHeader`` and ``amzDate`` (signature version 4), and ``requestPayload``: the parameters as JSON."""

    def mediate(self, message: MessageContext) -> None:
        timestamp = signing.utc(_TIMESTAMP)
        message.properties["amzDate"] = timestamp
        values = {f"{name[0].upper()}{name[1:]}": self._json(message, name) for name in sorted(_DYNAMO_DB)}
        members = ",".join(f'"{name}":{value}' for name, value in values.items() if value)
        if members:
            message.properties["requestPayload"] = f"{{{members}}}"
        headers = {"host": text(message, "hostName"), "x-amz-date": timestamp}
        path = required(message, "uri.var.httpRequestUri")
        signer = _signer(message, "")
        message.properties["authorizationHeader"] = signer.header(
            timestamp, text(message, "httpMethod"), path, headers, f"{{{members}}}"
        )

    def _json(self, message: MessageContext, name: str) -> str:
        """Empty for a parameter that is not set."""
        value = text(message, name)
        is_json = value.startswith(("{", "[")) or name in _DYNAMO_DB_PLAIN
        return value if is_json or not value else json.encode(value).decode()


# -------------------------------------------------------------------- what SQS forgets


_SQS_CONNECTION = (
    *("apiUrl", "accessKeyId", "secretAccessKey", "contentType", "service", "signatureVersion", "signatureMethod"),
    *("version", "terminationString", "region", "hostName", "httpMethod"),
)


@java_class("org.wso2.carbon.connector.amazonsqs.auth.AmazonSQSContext")
class SqsContext(JavaClass):
    """Forget the parameters of the operation before; those of the connection stay."""

    def mediate(self, message: MessageContext) -> None:
        kept = tuple(URI_VAR + name for name in _SQS_CONNECTION)
        for name in [each for each in message.properties if each.startswith(URI_VAR)]:
            if not name.startswith(kept):
                del message.properties[name]
