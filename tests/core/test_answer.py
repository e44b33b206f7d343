from __future__ import annotations

from typing import Any

import pytest

from engine.core.answer import answer_of, status_of
from engine.testing.harness import Harness

FAULT = b"""<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>
<faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>"""


@pytest.mark.parametrize(
    ("axis2", "status"),
    [
        ({}, 200),
        ({"HTTP_SC": 404}, 404),
        ({"HTTP_SC": "202"}, 202),
        ({"HTTP_SC": "many"}, 500),
        ({"HTTP_SC": 99}, 500),
        ({"HTTP_SC": 600}, 500),
    ],
)
def test_status(axis2: dict[str, Any], status: int) -> None:
    message = Harness().message(b"{}", "application/json")
    message.axis2 |= axis2
    assert status_of(message) == status


@pytest.mark.parametrize(("axis2", "status"), [({}, 500), ({"FAULTS_AS_HTTP_200": "true"}, 200)])
def test_a_soap_fault_that_the_flow_made(axis2: dict[str, Any], status: int) -> None:
    message = Harness().message(FAULT, "text/xml")
    assert status_of(message) == 200  # as it came
    message.payload.set_envelope(message.payload.editable_envelope())
    message.axis2 |= axis2
    assert status_of(message) == status


@pytest.mark.parametrize("axis2", [{"HTTP_SC": 204}, {"HTTP_SC": 304}, {"NO_ENTITY_BODY": "true"}])
def test_answers_without_a_body(axis2: dict[str, Any]) -> None:
    message = Harness().message(b"{}", "application/json")
    message.axis2 |= axis2
    assert answer_of(message)[2] == b""


def test_what_a_client_says_about_itself_does_not_come_back() -> None:
    message = Harness().message(b"{}", "application/json")
    message.headers.set("Authorization", "Basic eA==")
    message.headers.set("X-Shop", "north")
    message.axis2["TransportInURL"] = "/services/p"
    status, headers, body = answer_of(message, (b"activityid", b"1"))
    assert (status, body) == (200, b"{}")
    names = dict(headers)
    assert (names[b"x-shop"], names[b"activityid"]) == (b"north", b"1")
    assert b"authorization" not in names
