from __future__ import annotations

import requests

from connectors.gotowebinar.demo import demo


def test_the_flow_it_calls_is_there() -> None:
    assert (demo.flows / f"{demo.service}.xml").is_file()
    assert len(list(demo.flows.glob("*.xml"))) == 14


def test_the_simulator_knows_the_webinar_it_asks_for() -> None:
    with demo.simulator() as base_url:
        request = demo.request(base_url)
        assert request["apiUrl"] == base_url
        answer = requests.get(
            f"{base_url}/G2W/rest/organizers/{request['organizerKey']}/webinars/{request['webinarKey']}",
            headers={"Authorization": f"OAuth oauth_token={request['accessToken']}"},
            timeout=10,
        )
    assert (answer.status_code, str(answer.json()["webinarKey"])) == (200, request["webinarKey"])
