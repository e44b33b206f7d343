"""Addresses that clients name: where the engine does not send, and who they are not believed to be."""

from __future__ import annotations

from typing import Any

import pytest

SYNAPSE = 'xmlns="http://ws.apache.org/ns/synapse"'
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSA = "http://www.w3.org/2005/08/addressing"
WSE = "http://schemas.xmlsoap.org/ws/2004/08/eventing"
POLICY = (
    '<policy><w:Policy xmlns:w="http://schemas.xmlsoap.org/ws/2004/09/policy" '
    'xmlns:t="http://www.wso2.org/products/wso2commons/throttle"><t:MediatorThrottleAssertion>'
    '<w:Policy><t:ID t:type="IP">127.0.0.1</t:ID><w:Policy><t:Control><w:Policy><t:MaximumCount>1</t:MaximumCount>'
    "<t:UnitTime>600000</t:UnitTime></w:Policy></t:Control></w:Policy></w:Policy>"
    "</t:MediatorThrottleAssertion></w:Policy></policy>"
)
REJECT = '<onReject><property name="HTTP_SC" value="429" scope="axis2"/><respond/></onReject>'
FLOWS = f"""<definitions {SYNAPSE}>
  <proxy name="send"><target><inSequence><send/></inSequence></target></proxy>
  <proxy name="limited"><target><inSequence>
    <throttle id="a">{POLICY}{REJECT}</throttle><respond/></inSequence></target></proxy>
  <eventSource name="events"><subscriptionManager class="x"><property name="topicHeaderName" value="Topic"/>
    <property name="topicHeaderNS" value="urn:topics"/></subscriptionManager></eventSource>
</definitions>"""


def envelope(header: str, body: str = "<a/>") -> bytes:
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:w="{WSA}" xmlns:e="{WSE}"><s:Header>{header}</s:Header>'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def subscription(address: str) -> bytes:
    return envelope(
        f"<w:Action>{WSE}/Subscribe</w:Action>",
        f"<e:Subscribe><e:Delivery><e:NotifyTo><w:Address>{address}</w:Address></e:NotifyTo></e:Delivery>"
        "<e:Filter>t</e:Filter></e:Subscribe>",
    )


def ask(engine: Any, path: str, body: bytes, **headers: str) -> Any:
    return engine.call("POST", path, data=body, headers={"Content-Type": "text/xml", "SOAPAction": "a", **headers})


@pytest.mark.parametrize(
    ("config", "host", "status"),
    [
        ("", "127.0.0.1", 200),
        ("", "evil.test", 403),
        ("limits: {client_targets: []}", "127.0.0.1", 403),
        ("limits: {client_targets: [evil.test]}", "127.0.0.1", 403),
    ],
)
def test_a_client_chooses_only_among_the_targets(
    start: Any, back_end: Any, config: str, host: str, status: int
) -> None:
    engine = start({"a.xml": FLOWS}, config)
    back_end.requests.clear()
    target = back_end.url.replace("127.0.0.1", host)
    answer = ask(engine, "/services/send", envelope(f"<w:To>{target}/x</w:To>"))
    assert (answer.status_code, len(back_end.requests)) == (status, int(status == 200))
    assert (f"clients may not have the engine send to '{host}'" in answer.text) == (status == 403)
    subscribed = ask(engine, "/services/events", subscription(f"{target}/x"))
    assert subscribed.status_code == status


@pytest.mark.parametrize("address", ["vfs:file:///tmp/myelin-written-by-a-client", "/services/send", "urn:x"])
def test_a_subscriber_listens_at_http(start: Any, address: str) -> None:
    engine = start({"a.xml": FLOWS}, "limits: {client_targets: ['*']}")
    answer = ask(engine, "/services/events", subscription(address))
    assert (answer.status_code, f"'{address}' is no address to send to" in answer.text) == (400, True)


@pytest.mark.parametrize(("config", "second"), [("", 429), ("server: {trusted_proxies: [127.0.0.1]}", 200)])
def test_an_address_is_limited_whatever_it_says_of_itself(start: Any, config: str, second: int) -> None:
    engine = start({"a.xml": FLOWS}, config)
    statuses = [
        ask(engine, "/services/limited", envelope(""), **{"X-Forwarded-For": f"9.9.9.{number}"}).status_code
        for number in range(2)
    ]
    assert statuses == [200, second]
