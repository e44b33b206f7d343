"""The proxies in ``flows/``: one per operation of the documentation page, all in the form of its sample proxy."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from lxml import etree

FLOWS = Path(__file__).parents[3] / "flows"
SYNAPSE = "{http://ws.apache.org/ns/synapse}"
INIT = ("accessToken", "organizerKey", "apiUrl", "refreshToken", "clientId", "registryPath", "intervalTime")
OPERATIONS = {
    "cancelWebinar": ("webinarKey", "sendCancellationEmails"),
    "createPanelists": ("webinarKey", "email", "name"),
    "createWebinar": ("subject", "description", "webinarStartTime", "webinarEndTime", "timeZone"),
    "getAllWebinars": (),
    "getAttendeesForAllWebinarSessions": ("webinarKey",),
    "getAudioInformation": ("webinarKey",),
    "getPerformanceForAllWebinarSessions": ("webinarKey",),
    "getWebinarById": ("webinarKey",),
    "getWebinarMeetingTimes": ("webinarKey",),
    "getWebinarPanelists": ("webinarKey",),
    "listHistoricalWebinars": ("fromTime", "toTime"),
    "listUpcomingWebinars": (),
    "updateAudioInformation": (
        "webinarKey",
        "notifyParticipants",
        "type",
        "tollFreeCountries",
        "tollCountries",
        "attendee",
        "organizer",
        "panelist",
    ),
    "updateWebinar": (
        "webinarKey",
        "notifyParticipants",
        "subject",
        "description",
        "webinarStartTime",
        "webinarEndTime",
        "timeZone",
        "locale",
    ),
}


def parameters(call: etree._Element) -> dict[str, str | None]:
    return {str(child.tag).removeprefix(SYNAPSE): child.text for child in call}


def from_context(names: tuple[str, ...]) -> dict[str, str]:
    return {name: f"{{$ctx:{name}}}" for name in names}


def test_one_flow_per_operation() -> None:
    assert sorted(path.name for path in FLOWS.glob("*")) == sorted(f"gotowebinar_{name}.xml" for name in OPERATIONS)


@pytest.mark.parametrize(("operation", "names"), OPERATIONS.items())
def test_flow_has_the_form_of_the_sample_proxy(operation: str, names: tuple[str, ...]) -> None:
    proxy = etree.parse(FLOWS / f"gotowebinar_{operation}.xml").getroot()
    assert proxy.tag == f"{SYNAPSE}proxy"
    assert dict(proxy.attrib) == {
        "name": f"gotowebinar_{operation}",
        "transports": "https,http",
        "statistics": "disable",
        "trace": "disable",
        "startOnLoad": "true",
    }
    [steps] = proxy.iter(f"{SYNAPSE}inSequence")
    *properties, init, call, respond = steps
    assert [dict(step.attrib) for step in properties] == [
        {"name": name, "expression": f"json-eval($.{name})"} for name in INIT + names
    ]
    assert (init.tag, parameters(init)) == (f"{SYNAPSE}gotowebinar.init", from_context(INIT))
    assert (call.tag, parameters(call)) == (f"{SYNAPSE}gotowebinar.{operation}", from_context(names))
    assert respond.tag == f"{SYNAPSE}respond"
    [out] = proxy.iter(f"{SYNAPSE}outSequence")
    assert [step.tag for step in out] == [f"{SYNAPSE}send"]


def test_sample_proxy_is_byte_for_byte_as_printed() -> None:
    """With the eight spaces after the webinarKey property, and without a line break at the end."""
    printed = (FLOWS / "gotowebinar_getWebinarById.xml").read_bytes()
    assert b'expression="json-eval($.webinarKey)"/>        \n         <gotowebinar.init>' in printed
    assert sha256(printed).hexdigest() == "9525c419139beeb6020043dd9d1384f121e10b288e7d77d439bfcc9d36c4e919"
