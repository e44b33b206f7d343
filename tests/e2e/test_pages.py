"""The pages at the admin port of a running engine, through a socket."""

from __future__ import annotations

from typing import Any

import requests
from lxml import html

from tests.e2e.conftest import PATIENCE

FLOW = """<proxy xmlns="http://ws.apache.org/ns/synapse" name="hello"><target><inSequence>
<filter xpath="$ctx:a"><then><respond/></then></filter></inSequence></target></proxy>"""


def test_from_the_overview_to_the_picture_of_a_flow(start: Any) -> None:
    engine = start({"hello.xml": FLOW})
    overview = requests.get(f"{engine.admin_url}/", timeout=PATIENCE)
    assert (overview.status_code, overview.headers["content-type"]) == (200, "text/html; charset=utf-8")
    document = html.fromstring(overview.text)
    [style] = document.xpath("//link/@href")
    assert requests.get(engine.admin_url + style, timeout=PATIENCE).headers["content-type"].startswith("text/css")
    [address] = document.xpath("//main//a/@href")
    flow = requests.get(engine.admin_url + address, timeout=PATIENCE)
    said = html.fromstring(flow.text).xpath("//svg//text/text()")
    assert sorted(said) == ["$ctx:a", "else", "filter", "inSequence", "respond", "then"]
    assert requests.get(f"{engine.admin_url}/", headers={"Host": "evil.example"}, timeout=PATIENCE).status_code == 403
    assert requests.head(f"{engine.admin_url}/", timeout=PATIENCE).text == ""
