"""APIs as clients see them: routing, dispatch, properties, refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.testing.harness import Harness, LoadError, StubClient, response


def say(text: str) -> str:
    return (
        f'<inSequence><payloadFactory media-type="text"><format>{text}</format><args/></payloadFactory>'
        "<respond/></inSequence>"
    )


def resource(text: str, attributes: str = "") -> str:
    return f"<resource {attributes}>{say(text)}</resource>"


def api(name: str, context: str, *resources: str, attributes: str = "") -> str:
    return f'<api name="{name}" context="{context}" {attributes}>{"".join(resources) or resource(name)}</api>'


async def body_of(harness: Harness, method: str, target: str, **headers: str) -> str | int:
    """The text of a 200, or the status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await harness.request(method, target, headers=named)
    return answer.body.decode() if answer.status == 200 else answer.status


# ---------------------------------------------------------------- which API

VERSIONS = "".join(
    (
        api("plain", "/c"),
        api("long", "/c/deep/er"),
        api("url2", "/c", attributes='version="2" version-type="url"'),
        api("ctx", "/v/{version}", attributes='version="3" version-type="context"'),
        api("never", "/n", attributes='version="1"'),
    )
)


@pytest.mark.parametrize(
    ("target", "served"),
    [
        ("/c", "plain"),
        ("/c/", "plain"),
        ("/c?x=1", "plain"),
        ("/cd", 404),
        ("/c/deep", "plain"),
        ("/c/deep/er", "long"),
        ("/c/deep/er/x", "long"),
        ("/c/deep/erx", "plain"),
        ("/c/2", "url2"),
        ("/c/2/x", "url2"),
        ("/c/2?x=1", "url2"),
        ("/c/20", "plain"),
        ("/v/3/x", "ctx"),
        ("/v/4/x", 404),
        ("/n", "never"),
        ("/n/1", "never"),
        ("/x", 404),
    ],
)
async def test_trap_43_the_longest_context_and_versions_first(target: str, served: str | int) -> None:
    assert await body_of(Harness(VERSIONS), "GET", target) == served


async def test_trap_43_versions_go_before_longer_contexts_without_one() -> None:
    harness = Harness(api("plain", "/c/1/long") + api("versioned", "/c", attributes='version="1" version-type="url"'))
    assert await body_of(harness, "GET", "/c/1/long") == "versioned"


async def test_the_context_slash_takes_the_rest_and_proxies_go_first() -> None:
    harness = Harness(api("root", "/") + api("a", "/a") + '<proxy name="p"/>')
    assert await body_of(harness, "GET", "/x/y") == "root"
    assert await body_of(harness, "GET", "/a") == "a"
    assert await body_of(harness, "GET", "/services/p") == 202
    assert await body_of(harness, "GET", "/services/q") == "root"


@pytest.mark.parametrize(
    ("host", "served"),
    [("one.example", "one"), ("two.example", "any"), ("one.example:8290", "port"), ("x:8290", "any"), ("", "any")],
)
async def test_host_and_port(host: str, served: str) -> None:
    harness = Harness(
        api("any", "/c")
        + api("one", "/c", attributes='hostname="one.example"')
        + api("port", "/c", attributes='hostname="one.example" port="8290"')
    )
    if served == "one":
        host = "one.example:1"
    assert await body_of(harness, "GET", "/c", Host=host) == served


async def test_an_api_for_https_alone_is_served_too() -> None:
    assert await body_of(Harness(api("s", "/s", attributes='transports="https"')), "GET", "/s") == "s"


# ---------------------------------------------------------------- which resource

DISPATCH = api(
    "d",
    "/d",
    resource("all", 'url-mapping="/*"'),
    resource("exact", 'url-mapping="/a/b"'),
    resource("a", 'url-mapping="/a/*"'),
    resource("ab", 'url-mapping="/a/b/*"'),
    resource("jsp", 'url-mapping="*.jsp"'),
    resource("template", 'uri-template="/t/{x}"'),
    resource("default"),
)


@pytest.mark.parametrize(
    ("target", "served"),
    [
        ("/d/a/b", "exact"),
        ("/d/a/b/", "exact"),
        ("/d/a/b?q=1", "exact"),
        ("/d/a/b/c", "ab"),
        # /* counts as one segment to the reference: of equal lengths the first one wins.
        ("/d/a/x", "all"),
        ("/d/x.jsp", "all"),
        ("/d/t/1", "all"),
        ("/d", "all"),
    ],
)
async def test_url_mappings_exact_then_longest_prefix(target: str, served: str) -> None:
    assert await body_of(Harness(DISPATCH), "GET", target) == served


@pytest.mark.parametrize(
    ("target", "served"), [("/d/x.jsp", "jsp"), ("/d/t/1", "template"), ("/d/t", "default"), ("/d", "default")]
)
async def test_extension_then_template_then_default(target: str, served: str) -> None:
    harness = Harness(DISPATCH.replace('url-mapping="/*"', 'url-mapping="/none"'))
    assert await body_of(harness, "GET", target) == served


METHODS = api(
    "m", "/m", resource("get", 'methods="GET" uri-template="/x"'), resource("y", 'methods="POST" uri-template="/y"')
)


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/m/x", "get"),
        ("POST", "/m/y", "y"),
        # There is a resource for POST, so the missing path is a 404, though /x exists for GET.
        ("POST", "/m/x", 404),
        ("DELETE", "/m/x", 405),
        ("DELETE", "/m/z", 404),
        ("GET", "/m/z", 404),
    ],
)
async def test_trap_43_404_and_405(method: str, target: str, status: str | int) -> None:
    assert await body_of(Harness(METHODS), method, target) == status


async def test_a_405_names_the_allowed_methods() -> None:
    answer = await Harness(METHODS).request("DELETE", "/m/x")
    assert answer.headers.get("allow") == "GET"
    assert json.loads(answer.body)["error"]["code"] == "method-not-allowed"


async def test_the_refusals_may_be_sequences() -> None:
    sequences = "".join(
        f'<sequence name="{name}"><property name="HTTP_SC" value="{status}" scope="axis2"/>'
        f'<property name="who" expression="$ctx:REST_METHOD"/><respond/></sequence>'
        for name, status in (("_resource_mismatch_handler_", 410), ("_method_not_allowed_handler_", 418))
    )
    harness = Harness(METHODS + sequences)
    assert await body_of(harness, "GET", "/m/z") == 410
    assert await body_of(harness, "DELETE", "/m/x") == 418


@pytest.mark.parametrize(
    ("attributes", "headers", "served"),
    [
        ('content-type="text/xml"', {"Content_Type": "text/xml"}, "r"),
        ('content-type="text/xml"', {"Content_Type": "application/json"}, 400),
        ('content-type="text/xml"', {}, "r"),
        ('user-agent="curl.*"', {"User_Agent": "curl/8"}, "r"),
        ('user-agent="curl"', {"User_Agent": "curl/8"}, 400),
        ('user-agent="curl"', {}, 400),
        ('protocol="http"', {}, "r"),
        ('protocol="https"', {}, 400),
    ],
)
async def test_filters(attributes: str, headers: dict[str, str], served: str | int) -> None:
    assert await body_of(Harness(api("f", "/f", resource("r", attributes))), "GET", "/f", **headers) == served


# ---------------------------------------------------------------- OPTIONS


async def test_options_is_answered_with_the_methods() -> None:
    answer = await Harness(METHODS).request("OPTIONS", "/m/x")
    assert (answer.status, answer.headers.get("allow"), answer.body) == (200, "GET", b"")


async def test_options_belongs_to_the_resource_that_names_it() -> None:
    harness = Harness(api("o", "/o", resource("mine", 'methods="GET OPTIONS"')))
    assert await body_of(harness, "OPTIONS", "/o") == "mine"
    assert await body_of(harness, "OPTIONS", "/o", Max_Forwards="1") == "mine"
    answer = await harness.request("OPTIONS", "/o", headers={"Max-Forwards": "0"})
    assert (answer.status, answer.headers.get("allow"), answer.body) == (200, "GET", b"")


# ---------------------------------------------------------------- the message


NAMES = (
    "REST_FULL_REQUEST_PATH",
    "REST_SUB_REQUEST_PATH",
    "REST_METHOD",
    "REST_URL_PREFIX",
    "REST_API_CONTEXT",
    "SYNAPSE_REST_API",
    "SYNAPSE_REST_API_VERSION",
)


async def properties(target: str, attributes: str = "", template: str = "/{id}/*") -> dict[str, Any]:
    names = [*NAMES, "uri.var.id", "query.param.a", "query.param.b"]
    args = "".join(f"<arg expression=\"get-property('{name}')\"/>" for name in names)
    args += "<arg expression=\"get-property('axis2', 'REST_URL_POSTFIX')\"/>"
    format_ = ",".join(f'"{name}": "${index}"' for index, name in enumerate([*names, "postfix"], 1))
    sequence = (
        f'<inSequence><payloadFactory media-type="json"><format>{{{format_}}}</format><args>{args}</args>'
        "</payloadFactory><respond/></inSequence>"
    )
    harness = Harness(
        api("p", "/p", f'<resource uri-template="{template}">{sequence}</resource>', attributes=attributes)
    )
    answer = await harness.request("GET", target)
    assert answer.status == 200, answer.body
    got: dict[str, Any] = json.loads(answer.body)
    return got


async def test_the_properties_of_a_message() -> None:
    assert await properties("/p/7%20x/y?a=1%2C2+3&b=") == {
        "REST_FULL_REQUEST_PATH": "/p/7%20x/y?a=1%2C2+3&b=",
        "REST_SUB_REQUEST_PATH": "/7%20x/y?a=1%2C2+3&b=",
        "REST_METHOD": "GET",
        "REST_URL_PREFIX": "http://test:8290",
        "REST_API_CONTEXT": "/p",
        "SYNAPSE_REST_API": "p",
        "SYNAPSE_REST_API_VERSION": "",
        "uri.var.id": "7 x",
        "query.param.a": "1,2 3",
        "query.param.b": "",
        "postfix": "/7%20x/y?a=1%2C2+3&b=",
    }


async def test_the_properties_of_a_versioned_api() -> None:
    got = await properties("/p/1.0/7/y", 'version="1.0" version-type="url"')
    assert (got["REST_SUB_REQUEST_PATH"], got["SYNAPSE_REST_API_VERSION"], got["postfix"]) == ("/7/y", "1.0", "/7/y")
    assert got["SYNAPSE_REST_API"] == "p:v1.0"


async def test_a_version_that_stands_nowhere_is_no_part_of_the_name() -> None:
    assert (await properties("/p/7/y", 'version="1.0"'))["SYNAPSE_REST_API"] == "p"


NAMED = resource("${properties.synapse.SYNAPSE_REST_API}")


async def test_versions_of_one_api_have_one_name() -> None:
    one = api("orders", "/o", NAMED, attributes='version="1" version-type="url"')
    two = api("orders", "/{version}/o", NAMED, attributes='version="2" version-type="context"')
    harness = Harness(one + two + api("orders", "/o", NAMED))
    for target, served in [("/o/1/a", "orders:v1"), ("/2/o/a", "orders:v2"), ("/o/a", "orders")]:
        assert await body_of(harness, "GET", target) == served
    for name, base in [("orders:v1", "/o/1"), ("orders:v2", "/2/o"), ("orders", "/o")]:
        answer = await harness.request("GET", f"/{name}?openapi.json")
        assert json.loads(answer.body)["servers"][0]["url"].endswith(f"8290{base}")


def test_one_version_of_an_api_is_there_once() -> None:
    one = api("orders", "/o", attributes='version="1" version-type="url"')
    with pytest.raises(LoadError, match=r"duplicate-name.*There is already an api 'orders:v1'"):
        Harness(one + api("orders", "/p", attributes='version="1" version-type="url"'))


async def test_a_parameter_without_a_value_belongs_to_the_one_before() -> None:
    got = await properties("/p/7/x?x&a=20&floor&b=1")
    assert (got["query.param.a"], got["query.param.b"]) == ("20&floor", "1")


async def test_a_query_that_is_not_encoded_is_400() -> None:
    answer = await Harness(api("p", "/p")).request("GET", "/p?a=%zz")
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (400, "bad-request")


async def test_an_address_endpoint_gets_the_rest_of_the_path() -> None:
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return response(201, b'{"from": "back end"}')

    flow = '<inSequence><send><endpoint><address uri="http://b/base"/></endpoint></send></inSequence>'
    out = '<outSequence><property name="x" value="1"/><respond/></outSequence>'
    harness = Harness(api("p", "/p", f"<resource>{flow}{out}</resource>"), http=StubClient(answer))
    got = await harness.request("GET", "/p/a/b?c=d")
    assert [request.url for request in seen] == ["http://b/base/a/b?c=d"]
    assert (got.status, got.body) == (201, b'{"from": "back end"}')
    assert got.headers.get("activityid")


async def test_faults_go_to_the_fault_sequence_of_the_resource() -> None:
    fault = '<faultSequence><property name="HTTP_SC" value="507" scope="axis2"/><respond/></faultSequence>'
    flow = '<inSequence><throwError type="X" errorMessage="no"/></inSequence>'
    harness = Harness(api("p", "/p", f"<resource>{flow}{fault}</resource>"))
    assert await body_of(harness, "GET", "/p") == 507


async def test_sequences_by_name_win_over_those_in_place() -> None:
    sequence = f'<sequence name="named">{say("named")[12:-13]}</sequence>'
    harness = Harness(
        api("p", "/p", f'<resource inSequence="named" outSequence="">{say("inline")}</resource>') + sequence
    )
    assert await body_of(harness, "GET", "/p") == "named"


async def test_a_resource_without_anything_is_202() -> None:
    assert await body_of(Harness(api("p", "/p", "<resource/>")), "GET", "/p") == 202


# ---------------------------------------------------------------- descriptions


@pytest.mark.parametrize("target", ["/orders?openapi.json", "/o/v?openapi.json"])
async def test_openapi(target: str) -> None:
    resources = (
        resource("a", 'methods="GET" uri-template="/{id}/x?from={+since}"'),
        resource("b", 'methods="POST" uri-template="/{id}/x" content-type="text/xml"'),
    )
    answer = await Harness(api("orders", "/o/v", *resources)).request("GET", target)
    assert answer.headers.get("content-type") == "application/json; charset=UTF-8"
    document = json.loads(answer.body)
    assert document["openapi"] == "3.0.3"
    assert document["servers"] == [{"url": "http://test:8290/o/v"}]
    assert set(document["paths"]) == {"/{id}/x"}
    get = document["paths"]["/{id}/x"]["get"]
    assert [(each["name"], each["in"]) for each in get["parameters"]] == [("id", "path"), ("from", "query")]
    assert list(document["paths"]["/{id}/x"]["post"]["requestBody"]["content"]) == ["text/xml"]


@pytest.mark.parametrize(
    ("form", "content_type", "start"),
    [
        ("openapi.yaml", "application/yaml", b"openapi: 3.0.3\n"),
        ("swagger.yaml", "application/yaml", b"swagger: '2.0'\n"),
        ("swagger.json", "application/json; charset=UTF-8", b'{"swagger":"2.0"'),
    ],
)
async def test_other_forms(form: str, content_type: str, start: bytes) -> None:
    answer = await Harness(api("orders", "/o")).request("GET", f"/orders?{form}")
    assert answer.headers.get("content-type") == content_type
    assert answer.body.startswith(start)


async def test_a_published_definition_is_the_answer() -> None:
    entry = '<localEntry key="doc">openapi: 3.0.0\ninfo: {title: mine}</localEntry>'
    harness = Harness(api("orders", "/o", attributes='publishSwagger="doc"') + entry)
    answer = await harness.request("GET", "/orders?openapi.json")
    assert json.loads(answer.body) == {"openapi": "3.0.0", "info": {"title": "mine"}}


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ('<api name="a" context="/a"/>', "missing-element"),
        ('<api name="a" context="a"><resource/></api>', "bad-value"),
        ('<api name="a b" context="/a"><resource/></api>', "bad-name"),
        ('<api name="a" context="/a"><resource/><resource methods="GET"/></api>', "bad-value"),
        (api("a", "/a", resource("x", 'uri-template="/x"'), resource("y", 'uri-template="/x"')), "bad-value"),
        (api("a", "/a", resource("x", 'methods="FETCH"')), "bad-choice"),
        (api("a", "/a", resource("x", 'uri-template="/{"')), "bad-value"),
        (api("a", "/a", attributes='validateSchema="true"'), "unsupported"),
        ('<api name="a" context="/a"><resource/><handlers><handler class="x.Y"/></handlers></api>', "unsupported"),
    ],
)
def test_mistakes(xml: str, code: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(xml)
    assert [problem.code for problem in raised.value.problems] == [code]


def test_two_resources_may_share_a_path_for_different_methods() -> None:
    Harness(
        api(
            "a",
            "/a",
            resource("x", 'methods="GET" uri-template="/x"'),
            resource("y", 'methods="PUT" uri-template="/x"'),
        )
    )
