from __future__ import annotations

import json
from pathlib import Path

from engine.declare.spec import SYNAPSE
from tests.plugins.wso2 import ACME, files, write_folder
from tools.connector_tests import BACK_END, drives_of, made_up, openers_of

JAVA = """
headers.put("Action", "urn:getOrder");
send(proxyUrl, "POST", headers, "first.json");
send(proxyUrl, "POST", headers, "first_negative.json");
send(api, "GET", headers, "api_first.json");
"""


def proxy(switch: str, properties: str) -> str:
    return (
        f'<proxy xmlns="{SYNAPSE}" name="p"><target><inSequence>{properties}<switch source="{switch}">'
        '<case regex="urn:getOrder"><acme.getOrder/></case></switch></inSequence></target></proxy>'
    )


def checkout(tmp_path: Path, text: str) -> Path:
    test = "src/test"
    content = {f"src/main/resources/{name}": each for name, each in files(ACME).items()} | {
        f"{test}/resources/proxies/acme.xml": text,
        f"{test}/java/T.java": JAVA,
        f"{test}/resources/restRequests/first_negative.json": '{"id": %s(invalidId)}',
        f"{test}/resources/restRequests/first.json": '{"apiUrl": "%s(apiUrl)", "id": %s(id)}',
        f"{test}/resources/restRequests/api_first.json": "{}",
        f"{test}/resources/restRequests/other.json": "{}",
    }
    return write_folder(tmp_path, content) / "src/main/resources"


def test_java_tests_say_which_request_goes_with_which_action(tmp_path: Path) -> None:
    text = proxy("get-property('transport', 'Action')", '<property name="a" expression="json-eval($.b.c)"/>')
    [drive] = drives_of(checkout(tmp_path, text), "acme")["getOrder"]
    assert drive.proxy == "p"
    bodies = [json.loads(request.body) for request in drive.requests]
    assert bodies == [{"apiUrl": BACK_END, "id": 12345}, {"id": 12345}, {"b": {"c": "12345"}}]
    assert {request.headers for request in drive.requests} == {
        (("Action", "urn:getOrder"), ("SOAPAction", '"urn:getOrder"'))
    }


def test_an_action_in_the_body(tmp_path: Path) -> None:
    text = proxy("get-property('method')", '<property name="method" expression="json-eval($.m)"/>')
    [drive] = drives_of(checkout(tmp_path, text), "acme")["getOrder"]
    assert json.loads(drive.requests[-1].body) == {"m": "urn:getOrder"}


def test_a_proxy_that_reads_xml(tmp_path: Path) -> None:
    text = proxy("$ctx:m", '<property name="m" expression="//ns:method/text()" xmlns:ns="urn:n"/>')
    [drive] = drives_of(checkout(tmp_path, text), "acme")["getOrder"]
    assert b'<method xmlns="urn:n">urn:getOrder</method>' in drive.requests[-1].body
    assert drive.requests[-1].content_type == "text/xml"


def test_without_tests_nothing_is_driven(tmp_path: Path) -> None:
    assert drives_of(write_folder(tmp_path, files(ACME)), "acme") == {}
    assert made_up().body == b"{}"


def test_what_a_proxy_reads_from_the_query(tmp_path: Path) -> None:
    properties = (
        '<property name="url" expression="$url:apiUrl"/>'
        '<property name="token" expression="get-property(\'query.param.token\')"/>'
    )
    [drive] = drives_of(checkout(tmp_path, proxy("$trp:Action", properties)), "acme")["getOrder"]
    assert {request.query for request in drive.requests} == {"apiUrl=http%3A%2F%2Fapi.example.com&token=12345"}


def test_a_request_file_without_the_address_that_the_proxy_reads(tmp_path: Path) -> None:
    properties = "".join(
        f'<property name="{name}" expression="{expression}"/>'
        for name, expression in (("a", "json-eval($.apiUrl)"), ("h", "//hostName/text()"), ("x", "json-eval($.x)"))
    )
    [drive] = drives_of(checkout(tmp_path, proxy("$trp:Action", properties)), "acme")["getOrder"]
    bodies = [json.loads(request.body) for request in drive.requests]
    assert bodies[1] == {"hostName": BACK_END, "apiUrl": BACK_END, "id": 12345}
    assert bodies[-1] == {"apiUrl": BACK_END, "hostName": BACK_END, "x": "12345"}


def test_a_placeholder_without_a_key_takes_the_name_it_is_the_value_of(tmp_path: Path) -> None:
    folder = checkout(tmp_path, proxy("$trp:Action", ""))
    requests = folder.parents[1] / "test/resources/restRequests"
    (requests / "first.json").write_text('{"apiUrl": "%s", "n": %d}')
    (requests / "first_negative.json").write_text("<r><bucketUrl>%s</bucketUrl><n a='%s'/></r>")
    [drive] = drives_of(folder, "acme")["getOrder"]
    assert json.loads(drive.requests[0].body) == {"apiUrl": BACK_END, "n": 12345}
    assert drive.requests[1].body == f"<r><bucketUrl>{BACK_END}</bucketUrl><n a='12345'/></r>".encode()


def test_the_operations_with_which_proxies_begin(tmp_path: Path) -> None:
    def begins(*operations: str) -> str:
        calls = "".join(f"<acme.{name}/>" for name in operations)
        return f'<proxy xmlns="{SYNAPSE}" name="p"><target><inSequence>{calls}</inSequence></target></proxy>'

    folder = checkout(tmp_path, begins("token", "init", "getOrder"))
    assert openers_of(folder, "acme") == []
    proxies = folder.parents[1] / "test/resources/proxies"
    (proxies / "second.xml").write_text(begins("token", "init", "getTwice"))
    assert openers_of(folder, "acme") == ["token", "init"]
    (proxies / "third.xml").write_text(begins("other", "getTwice"))
    assert openers_of(folder, "acme") == ["token", "init"]
    (proxies / "fourth.xml").write_text("<proxy><acme.init></proxy>")
    assert openers_of(folder, "acme") == []
