from __future__ import annotations

import json
from pathlib import Path

from engine.declare.spec import SYNAPSE
from tests.plugins.wso2 import ACME, files, write_folder
from tools.connector_tests import BACK_END, drives_of, made_up

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
