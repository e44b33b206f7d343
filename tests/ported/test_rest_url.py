from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.message.context import MessageContext
from engine.message.parameters import Parameters
from engine.testing.harness import Harness

SHAREPOINT = "org.wso2.carbon.sharepoint.connector.RestURLBuilder"
MARKETING = "org.wso2.carbon.salesforce.marketingcloud.connector.RestURLBuilder"
SALESFORCE = "org.wso2.carbon.salesforce.connector.RestURLBuilder"
FACEBOOK = "org.wso2.carbon.facebook.ads.connector.RestURLBuilder"
TWITTER = "org.wso2.carbon.twitter.connector.RestURLBuilder"
PAYLOAD = "org.wso2.carbon.salesforce.marketingcloud.connector.PayloadBuilder"


async def run(name: str, attributes: dict[str, str], message: MessageContext, parameters: dict[str, str]) -> None:
    message.functions.append(Parameters(parameters))
    properties = "".join(f'<property name="{each}" value="{value}"/>' for each, value in attributes.items())
    assert await Harness().run(f'<class name="{name}">{properties}</class>', message)


@pytest.mark.parametrize(
    ("name", "attributes", "parameters", "path", "query"),
    [
        (SHAREPOINT, {"operationPath": "/sites"}, {}, "/sites", ""),
        (
            SHAREPOINT,
            {"operationPath": "/a/{id}/{b}", "pathParameters": "id,b", "queryParameters": "x, y,z"},
            {"id": "1 2/ü", "b": "c", "x": "a b&c", "z": "~*"},
            "/a/1+2%2F%C3%BC/c",
            "?x=a+b%26c&z=%7E*",
        ),
        (
            MARKETING,
            {"operationPath": "/a", "queryParameters": "page,pagesize,orderBy,filter,fields,q"},
            {"page": "1", "pagesize": "2", "orderBy": "n", "filter": "f", "fields": "a", "q": "b"},
            "/a",
            "?$page=1&$pagesize=2&$orderBy=n&$filter=f&$fields=a&q=b",
        ),
        (
            SALESFORCE,
            {"resourcePath": "/query", "queryParameters": "q"},
            {"q": "a b"},
            "/services/data/v60.0/query",
            "?q=a%20b",
        ),
        (SALESFORCE, {"resourcePath": "sobjects"}, {}, "/services/data/v60.0/sobjects", ""),
        (SALESFORCE, {"resourcePath": "/services/data/{$version}/x"}, {}, "/services/data/v60.0/x", ""),
    ],
)
async def test_the_address(
    name: str, attributes: dict[str, str], parameters: dict[str, str], path: str, query: str
) -> None:
    message = Harness().message()
    await run(name, attributes, message, parameters)
    assert (message.properties["uri.var.urlPath"], message.properties["uri.var.urlQuery"]) == (path, query)


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ({}, ""),
        ({"datePreset": "last 7d", "properties": ""}, "&date_preset=last+7d"),
        (
            {"properties": '{"name": "a&b", "daily_budget": 9007199254740993, "on": true, "o": {"x": [1]}}'},
            "&name=a%26b&daily_budget=9007199254740993&on=true&o=%7B%22x%22%3A%5B1%5D%7D",
        ),
        ({"properties": '{"special ids": ["A", 1.10, {"b": "é"}], "none": []}'},
         "&special+ids=A&special+ids=1.10&special+ids=%7B%22b%22%3A%22%C3%A9%22%7D"),
    ],
)  # fmt: skip
async def test_the_address_of_facebook_ads(parameters: dict[str, str], query: str) -> None:
    message = Harness().message()
    message.properties["_FB_ACCESS_TOKEN_"] = "a+b"
    attributes = {
        "operationPath": "/act_{ad_account_id}/campaigns",
        "pathParameters": "adAccountId,",
        "queryParameters": "datePreset,properties,",
    }
    await run(FACEBOOK, attributes, message, {"adAccountId": "12/3"} | parameters)
    assert message.properties["uri.var.urlPath"] == "/act_12%2F3/campaigns"
    assert message.properties["uri.var.urlQuery"] == f"?access_token=a%2Bb{query}"


@pytest.mark.parametrize(
    ("token", "parameters", "text"),
    [
        ("", {"adAccountId": "1"}, "no access token"),
        ("t", {}, "'adAccountId', a part of the path, is not set"),
        ("t", {"adAccountId": "1", "properties": "[1]"}, "must be a JSON object"),
        ("t", {"adAccountId": "1", "properties": "{"}, "the parameter 'properties' is not JSON"),
    ],
)
async def test_no_address_of_facebook_ads(token: str, parameters: dict[str, str], text: str) -> None:
    message = Harness().message()
    message.properties["_FB_ACCESS_TOKEN_"] = token
    attributes = {"operationPath": "/{ad_account_id}", "pathParameters": "adAccountId", "queryParameters": "properties"}
    with pytest.raises(Fault, match=text):
        await run(FACEBOOK, attributes, message, parameters)


@pytest.mark.parametrize(
    ("parameters", "properties", "address"),
    [
        ({}, {"id": "7"}, "https://api.twitter.com/2/users/7/likes"),
        (
            {"apiUrl": "http://x"},
            {"id": "a/b", "query": "from:me é", "tweet_fields": "id,text", "max_results": " "},
            "http://x/2/users/a%2Fb/likes?query=from%3Ame+%C3%A9&tweet.fields=id%2Ctext",
        ),
    ],
)
async def test_the_address_of_x(parameters: dict[str, str], properties: dict[str, str], address: str) -> None:
    message = Harness().message()
    message.properties |= {f"uri.var.{name}": value for name, value in properties.items()}
    attributes = {
        "endpointPath": "/2/users/{id}/likes",
        "pathParams": "id",
        "queryParams": "query,max_results,tweet_fields",
    }
    await run(TWITTER, attributes, message, parameters)
    assert message.properties["uri.var.callEndpointUri"] == address


@pytest.mark.parametrize("attributes", [{}, {"endpointPath": "/{id}", "pathParams": "id"}])
async def test_no_address_of_x(attributes: dict[str, str]) -> None:
    with pytest.raises(Fault, match="a part of the path"):
        await run(TWITTER, attributes, Harness().message(), {})


async def test_the_host_and_version_of_salesforce() -> None:
    message = Harness().message()
    message.properties |= {"_OH_INTERNAL_INSTANCE_URL_": "https://i", "_OH_INTERNAL_API_VERSION_": "v61.0"}
    await run(SALESFORCE, {"resourcePath": "/a"}, message, {})
    assert message.properties["uri.var.auth"] == "https://i"
    assert message.properties["uri.var.urlPath"] == "/services/data/v61.0/a"


async def test_a_part_of_the_path_is_missing() -> None:
    with pytest.raises(Fault, match="the parameter 'id', a part of the path, is not set") as raised:
        await run(SHAREPOINT, {"operationPath": "/{id}", "pathParameters": "id"}, Harness().message(), {"id": ""})
    assert raised.value.code == 701002


@pytest.mark.parametrize(
    ("parameters", "payload"),
    [
        (
            {"a": 'say "hi"', "n": "12", "j": "'{\"x\": 1}'", "payload": "no"},
            '{"a":"say \\"hi\\"","n":12,"j":{"x": 1}}',
        ),
        ({"inputStructure": "inline", "payload": '{"b": 2}', "a": "no"}, '{"b": 2}'),
        ({"inputStructure": "FIELDS"}, "{}"),
    ],
)
async def test_the_payload_of_marketing_cloud(parameters: dict[str, str], payload: str) -> None:
    attributes = {"payloadParameters": "a,n,j,payload,inputStructure", "numericParameters": "n", "jsonParameters": "j"}
    message = Harness().message()
    await run(PAYLOAD, attributes, message, parameters)
    assert message.properties["normalized.parameters"] == payload
