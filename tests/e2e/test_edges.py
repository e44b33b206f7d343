"""The edges of a whole server by its settings: access log, trusted proxies, several workers."""

from __future__ import annotations

import collections
import re
from typing import Any

import pytest

SHOW = (
    '<proxy xmlns="http://ws.apache.org/ns/synapse" name="show"><target><inSequence>'
    '<payloadFactory media-type="json"><format>{"client": "$1", "host": "$2", "scheme": "$3"}</format><args>'
    """<arg expression="get-property('axis2', 'REMOTE_ADDR')"/><arg expression="$trp:Host"/>"""
    """<arg expression="get-property('TRANSPORT_IN_NAME')"/></args></payloadFactory>"""
    "<respond/></inSequence></target></proxy>"
)


FORWARDED = {"X-Forwarded-For": "6.6.6.6, 1.2.3.4", "X-Forwarded-Host": "public.test", "X-Forwarded-Proto": "https"}
DESCRIBED = """<api xmlns="http://ws.apache.org/ns/synapse" name="shop" context="/shop">
<resource methods="GET"><inSequence><respond/></inSequence></resource></api>"""
WITH_WSDL = """<proxy xmlns="http://ws.apache.org/ns/synapse" name="quotes"><target><inSequence><respond/></inSequence>
</target><publishWSDL><definitions xmlns="http://schemas.xmlsoap.org/wsdl/" name="Q" targetNamespace="urn:q"
xmlns:q="urn:q" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"><portType name="T"/><binding name="B" type="q:T">
<soap:binding transport="http://schemas.xmlsoap.org/soap/http"/></binding>
<service name="S"><port name="P" binding="q:B"><soap:address location="http://old.test/"/></port></service></definitions></publishWSDL></proxy>"""


@pytest.mark.parametrize(
    ("trusted", "client", "url"),
    [
        ("", "127.0.0.1", "http://127.0.0.1:PORT"),
        ("10.0.0.0/8", "127.0.0.1", "http://127.0.0.1:PORT"),
        ("127.0.0.1", "1.2.3.4", "https://public.test"),
    ],
)
def test_proxy_headers_count_from_configured_addresses_only(start: Any, trusted: str, client: str, url: str) -> None:
    engine = start({"a.xml": SHOW, "b.xml": DESCRIBED, "c.xml": WITH_WSDL}, f"server: {{trusted_proxies: [{trusted}]}}")
    url = url.replace("PORT", str(engine.port))
    scheme, _, host = url.partition("://")
    answer = engine.call("GET", "/services/show", headers=FORWARDED).json()
    assert answer == {"client": client, "host": host, "scheme": scheme}
    openapi = engine.call("GET", "/shop?openapi.json", headers=FORWARDED).json()
    assert openapi["servers"] == [{"url": f"{url}/shop"}]
    swagger = engine.call("GET", "/shop?swagger.json", headers=FORWARDED).json()
    assert (swagger["schemes"], swagger["host"]) == ([scheme], host)
    wsdl = engine.call("GET", "/services/quotes?wsdl", headers=FORWARDED).text
    assert f'location="{url}/services/quotes"' in wsdl


def test_access_log(start: Any, until: Any) -> None:
    engine = start({"a.xml": SHOW}, "server: {access_log: true}")
    engine.call("GET", "/services/show?token=hidden", headers={"activityid": "a-1", "Authorization": "Bearer hidden"})
    engine.call("GET", "/none/here?token=hidden")
    until(lambda: engine.log().count("myelin.access:") == 2)
    lines = [line.partition("myelin.access: ")[2] for line in engine.log().splitlines() if "myelin.access" in line]
    assert re.fullmatch(r"127\.0\.0\.1 GET /services/show 200 [0-9.]+ ms a-1", lines[0])
    assert re.fullmatch(r"127\.0\.0\.1 GET /none/here 404 [0-9.]+ ms [0-9a-f]{12}-[0-9a-f]+", lines[1])
    assert "hidden" not in engine.log()


def test_no_access_log_by_default(start: Any) -> None:
    engine = start({"a.xml": SHOW})
    engine.call("GET", "/services/show")
    assert "myelin.access" not in engine.log()


def test_workers_share_connections_evenly(start: Any, back_end: Any, until: Any) -> None:
    """Each worker has its own connection to the back end, so connections there tell who served."""
    back_end.requests.clear()
    endpoint = f'<endpoint><address uri="{back_end.url}/w"/></endpoint>'
    flow = f'<proxy xmlns="http://ws.apache.org/ns/synapse" name="p"><target>{endpoint}</target></proxy>'
    engine = start({"a.xml": flow}, "", "--workers", "2")

    def both_serve() -> bool:
        engine.call("GET", "/services/p")  # a new connection each
        return len({message.header("connection-number") for message in back_end.requests}) == 2

    until(both_serve)
    back_end.requests.clear()
    for _ in range(100):
        engine.call("GET", "/services/p")
    served = collections.Counter(message.header("connection-number") for message in back_end.requests)
    assert len(back_end.requests) == 100
    assert len(served) == 2
    assert min(served.values()) >= 25, served
