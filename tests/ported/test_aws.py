from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from engine.errors import Fault
from engine.message.context import MessageContext
from engine.ported import find, signing
from engine.testing.harness import Harness, StubClient

S3 = "org.wso2.carbon.connector.amazons3.auth.AmazonS3AuthConnector"
MD5 = "org.wso2.carbon.connector.amazons3.auth.AmazonS3ContentMD5Builder"
SES = "org.wso2.carbon.connector.amazonses.auth.AmazonSES{}Mediator"
SDB = "org.wso2.carbon.connector.amazonsimpledb.auth.AmazonSimpleDBAuthConnector"
SQS = "org.wso2.carbon.connector.amazonsqs.auth.AmazonSQSAuthConnector"
SNS = "org.wso2.carbon.connector.amazonsns.auth.AmazonSNSAuthConnector"
DYNAMO_DB = "org.wso2.carbon.connector.amazdynamodb.auth.AmazonDynamoDBAuthConnector"
CONTEXT = "org.wso2.carbon.connector.amazonsqs.auth.AmazonSQSContext"


@pytest.fixture(autouse=True)
def _at_a_fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "now", lambda: 1175024202.0)


def ran(name: str, properties: dict[str, Any], body: bytes = b"{}") -> MessageContext:
    message = Harness().message(body, "application/xml" if body.startswith(b"<") else "application/json")
    message.properties.update(properties)
    found = find(name)
    assert found is not None
    found().mediate(message)
    return message


def uri(**values: str) -> dict[str, str]:
    return {f"uri.var.{name}": value for name, value in values.items()}


def test_s3() -> None:
    properties = {
        "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
        "secretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "methodType": "GET",
        "bucketName": "awsexamplebucket1",
        "uri.var.uriRemainder": "/photos/puppy.jpg",
    }
    message = ran(S3, properties)
    text = "GET\n\n\nTue, 27 Mar 2007 19:36:42 GMT\n/awsexamplebucket1/photos/puppy.jpg"
    expected = signing.hmac_sha1(properties["secretAccessKey"], text)
    assert message.properties["authenticationCode"] == f"AWS AKIAIOSFODNN7EXAMPLE:{expected}"
    assert message.properties["date"] == "Tue, 27 Mar 2007 19:36:42 GMT"


def test_s3_with_headers_of_its_own() -> None:
    properties = {
        "accessKeyId": "A",
        "secretAccessKey": "S",
        "methodType": "PUT",
        "contentMD5": "M",
        "contentType": "T",
        "bucketName": "b",
        "isXAmzDate": "true",
        "xAmzMeta": "x y",
        "xAmzAcl": "private",
    }
    message = ran(S3, properties)
    date = "Tue, 27 Mar 2007 19:36:42 GMT"
    text = f"PUT\nM\nT\n\nx-amz-acl:private\nx-amz-date:{date}\nx-amz-meta-:xy\n/b"
    assert message.properties["authenticationCode"] == f"AWS A:{signing.hmac_sha1('S', text)}"
    assert message.properties["isXAmzDateValue"] == date


def test_content_md5() -> None:
    expected = base64.b64encode(hashlib.md5(b"<a>1</a>").digest()).decode()
    assert ran(MD5, {}, b"<a>1</a>").properties["contentMD5"] == expected
    with pytest.raises(Fault, match="empty"):
        ran(MD5, {}, b"")


def test_ses() -> None:
    properties = uri(
        action="SendEmail", accessKeyId="A", secretAccessKey="S", version="2010-12-01",
        messageBody="Hi \"you\"", messageSubject="", returnPath="", source="me@x", toAddresses="a@x,b@x",
        ccAddresses="", bccAddresses="", replyToAddresses="",
    )  # fmt: skip
    message = ran(SES.format("SendEmail"), properties)
    date = "Tue, 27 Mar 2007 19:36:42 GMT"
    signature = signing.hmac_sha1("S", date)
    assert message.properties["uri.var.xAmzDate"] == date
    assert message.properties["uri.var.xAmznAuthorization"] == (
        f"AWS3-HTTPS AWSAccessKeyId=A, Algorithm=HmacSHA1, Signature={signature}"
    )
    payload = json.loads(message.properties["uri.var.requestPayload"])
    assert payload == {
        "AWSAccessKeyId": "A",
        "Action": "SendEmail",
        "Destination.ToAddresses.member.1": "a@x",
        "Destination.ToAddresses.member.2": "b@x",
        "Message.Body.Text.Data": 'Hi "you"',
        "Signature": signature,
        "SignatureMethod": "",
        "SignatureVersion": "",
        "Source": "me@x",
        "Timestamp": "2007-03-27T19:36:42Z",
        "Version": "2010-12-01",
    }
    assert list(payload) == sorted(payload)


def test_ses_sends_raw_messages_in_base64_and_needs_its_parameters() -> None:
    properties = uri(accessKeyId="A", secretAccessKey="S", rawMessage="hello", source="", destinations="")
    payload = json.loads(ran(SES.format("SendRawEmail"), properties).properties["uri.var.requestPayload"])
    assert payload["RawMessage.Data"] == "aGVsbG8="
    with pytest.raises(Fault, match=r"'uri\.var\.identity' is not set"):
        ran(SES.format("DeleteIdentity"), uri(accessKeyId="A", secretAccessKey="S"))


def test_simple_db() -> None:
    properties = uri(
        action="PutAttributes",
        httpMethod="POST",
        hostName="sdb.amazonaws.com",
        httpRequestUri="/",
        accessKeyId="A",
        secretAccessKey="S",
        domainName="d *~",
        attributes="Attribute.1.Name=n&B=v",
    )
    message = ran(SDB, properties)
    text = (
        "POST\nsdb.amazonaws.com\n/\nAWSAccessKeyId=A&Action=PutAttributes&Attribute.1.Name=n&B=v"
        "&DomainName=d%20%2A~&Timestamp=2007-03-27T19%3A36%3A42.000Z"
    )
    signature = signing.hmac_sha1("S", text)
    assert message.properties["uri.var.signature"] == signature
    assert json.loads(message.properties["uri.var.xFormUrl"])["Signature"] == signature
    with pytest.raises(Fault, match="'nonsense' is not name=value"):
        ran(SDB, properties | uri(attributes="nonsense"))


AWS4 = uri(
    accessKeyId="AKIDEXAMPLE", secretAccessKey="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", httpMethod="POST",
    region="us-east-1", service="sqs", terminationString="aws4_request", hostName="sqs.amazonaws.com",
    contentType="application/x-www-form-urlencoded", action="SendMessage", messageBody="a b~*",
)  # fmt: skip


def _signature(path: str, body: str, service: str) -> str:
    canonical = (
        f"POST\n{path}\n\ncontent-type:application/x-www-form-urlencoded\nhost:sqs.amazonaws.com\n"
        f"x-amz-date:20070327T193642Z\n\ncontent-type;host;x-amz-date\n{hashlib.sha256(body.encode()).hexdigest()}"
    )
    return signed(canonical, service)


def signed(canonical: str, service: str) -> str:
    secret = AWS4["uri.var.secretAccessKey"]
    key = signing.aws4_key(secret, "20070327", "us-east-1", service, "aws4_request")
    return signing.aws4_signature(key, "20070327T193642Z", f"20070327/us-east-1/{service}/aws4_request", canonical)


def test_sqs() -> None:
    message = ran(SQS, AWS4 | uri(urlQueueName="my q", queueId="12*"))
    assert message.properties["uri.var.httpRequestUri"] == "/12*/my+q/"
    body = "AWSAccessKeyId=AKIDEXAMPLE&Action=SendMessage&MessageBody=a%20b~*"
    expected = _signature("/12%2A/my%2Bq/", body, "sqs")
    scope = "20070327/us-east-1/sqs/aws4_request"
    assert message.properties["uri.var.authorizationHeader"] == (
        f"AWS4-HMAC-SHA256,Credential=AKIDEXAMPLE/{scope},SignedHeaders=content-type;host;x-amz-date,Signature={expected}"
    )
    assert json.loads(message.properties["uri.var.requestPayload"])["MessageBody"] == "a b~*"
    assert message.properties["uri.var.amzDate"] == "20070327T193642Z"


def test_sqs_without_a_queue_signs_the_root() -> None:
    message = ran(SQS, AWS4)
    body = "AWSAccessKeyId=AKIDEXAMPLE&Action=SendMessage&MessageBody=a%20b~*"
    assert message.properties["uri.var.authorizationHeader"].endswith(_signature("/", body, "sqs"))
    assert "uri.var.httpRequestUri" not in message.properties


def test_sns() -> None:
    message = ran(SNS, AWS4 | uri(service="sns", message="m", messageBody="", httpRequestUri="/"))
    assert message.properties["uri.var.requestPayload"] == (
        "<AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId><Action>SendMessage</Action><Message>m</Message>"
    )
    body = "AWSAccessKeyId=AKIDEXAMPLE&Action=SendMessage&Message=m"
    assert message.properties["uri.var.authorizationHeader"].endswith(_signature("/", body, "sns"))


def test_sqs_context() -> None:
    message = ran(CONTEXT, uri(apiUrl="u", region="r", action="a", queueId="q") | {"other": "o"})
    assert message.properties == {"uri.var.apiUrl": "u", "uri.var.region": "r", "other": "o"}


# -------------------------------------------------------------------- DynamoDB


DYNAMO = {
    "accessKeyId": "AKIDEXAMPLE", "secretAccessKey": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "httpMethod": "POST",
    "region": "us-east-1", "service": "dynamodb", "terminationString": "aws4_request",
    "hostName": "dynamodb.us-east-1.amazonaws.com", "uri.var.httpRequestUri": "/", "uri.var.apiUrl": "http://db",
}  # fmt: skip
DYNAMO_FLOW = f"""<class name="{DYNAMO_DB}"/>
<header name="Authorization" scope="transport" expression="$ctx:authorizationHeader"/>
<header name="X-Amz-Date" scope="transport" expression="$ctx:amzDate"/>
<payloadFactory media-type="json"><format>
    $1
</format><args><arg expression="$ctx:requestPayload"/></args></payloadFactory>
<call><endpoint><http method="POST" uri-template="{{uri.var.apiUrl}}{{+uri.var.httpRequestUri}}"/></endpoint></call>"""


@pytest.mark.parametrize(
    ("parameters", "payload"),
    [
        (
            {"tableName": "T", "key": '{"id": {"S": "1"}}', "consistentRead": "true", "indexName": ""},
            '{"ConsistentRead":true,"Key":{"id": {"S": "1"}},"TableName":"T"}',
        ),
        (
            {"tableName": 'say "é"', "attributesToGet": '["a"]', "limit": "5", "keyConditionExpression": "a = :b"},
            '{"AttributesToGet":["a"],"KeyConditionExpression":"a = :b","Limit":5,"TableName":"say \\"é\\""}',
        ),
    ],
)
async def test_dynamo_db_signs_the_body_that_is_sent(parameters: dict[str, str], payload: str) -> None:
    client = StubClient()
    harness = Harness(http=client)
    message = harness.message()
    message.properties |= DYNAMO | parameters
    await harness.run(DYNAMO_FLOW, message)
    [request] = client.requests
    assert isinstance(request.body, bytes)
    assert request.body.decode() == payload
    # As https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html has it.
    headers = "host:dynamodb.us-east-1.amazonaws.com\nx-amz-date:20070327T193642Z\n"
    hashed = hashlib.sha256(request.body).hexdigest()
    expected = signed(f"POST\n/\n\n{headers}\nhost;x-amz-date\n{hashed}", "dynamodb")
    scope = "20070327/us-east-1/dynamodb/aws4_request"
    sent = {name: value.decode() for name, value in request.headers}
    assert sent[b"x-amz-date"] == "20070327T193642Z"
    assert sent[b"authorization"] == (
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope},SignedHeaders=host;x-amz-date,Signature={expected}"
    )


def test_dynamo_db_without_parameters_signs_an_empty_object() -> None:
    message = ran(DYNAMO_DB, DYNAMO)
    assert "requestPayload" not in message.properties
    hashed = hashlib.sha256(b"{}").hexdigest()
    headers = "host:dynamodb.us-east-1.amazonaws.com\nx-amz-date:20070327T193642Z\n"
    expected = signed(f"POST\n/\n\n{headers}\nhost;x-amz-date\n{hashed}", "dynamodb")
    assert message.properties["authorizationHeader"].endswith(f"Signature={expected}")
