"""The sample requests, and the answers that ``samples/README.md`` shows for them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.gotowebinar.simulator import Simulator

SAMPLES = Path(__file__).parents[3] / "samples"
CONNECTION = {
    "apiUrl": "https://api.citrixonline.com",
    "accessToken": "UEGGrwswKRwB07lTOr0EoppdaxKo",
    "organizerKey": "3697511743350317068",
    "clientId": "IJfcaqp3xC034WXD1GGlstejnJS41huo",
    "refreshToken": "MDAKxJTJ3cAdhuzavhtOFNAmV5N0m7gm",
}
# operation -> method and path below the organizer, filled from the sample
CALLS = {
    "getAllWebinars": ("GET", "/webinars"),
    "listUpcomingWebinars": ("GET", "/upcomingWebinars"),
    "listHistoricalWebinars": ("GET", "/historicalWebinars?fromTime={fromTime}&toTime={toTime}"),
    "getWebinarById": ("GET", "/webinars/{webinarKey}"),
    "getWebinarMeetingTimes": ("GET", "/webinars/{webinarKey}/meetingtimes"),
    "getWebinarPanelists": ("GET", "/webinars/{webinarKey}/panelists"),
    "getAttendeesForAllWebinarSessions": ("GET", "/webinars/{webinarKey}/attendees"),
    "getPerformanceForAllWebinarSessions": ("GET", "/webinars/{webinarKey}/performance"),
    "getAudioInformation": ("GET", "/webinars/{webinarKey}/audio"),
    "updateAudioInformation": ("POST", "/webinars/{webinarKey}/audio?notifyParticipants={notifyParticipants}"),
    "createPanelists": ("POST", "/webinars/{webinarKey}/panelists"),
    "createWebinar": ("POST", "/webinars"),
    "updateWebinar": ("PUT", "/webinars/{webinarKey}?notifyParticipants={notifyParticipants}"),
    "cancelWebinar": ("DELETE", "/webinars/{webinarKey}?sendCancellationEmails={sendCancellationEmails}"),
}


def sample(operation: str) -> dict[str, Any]:
    fields = json.loads((SAMPLES / f"gotowebinar/{operation}.json").read_text())
    assert isinstance(fields, dict)
    return fields


def body(operation: str) -> Any:
    """What the connector sends to the API for the sample, None when nothing."""
    fields = sample(operation)
    if operation == "updateAudioInformation":
        pstn = {name: fields[name] for name in ("tollFreeCountries", "tollCountries")}
        return {"type": fields["type"], "pstnInfo": pstn}
    if operation == "createPanelists":
        return [{"email": fields["email"], "name": fields["name"]}]
    if operation in ("createWebinar", "updateWebinar"):
        kept = {name: fields[name] for name in ("subject", "description", "timeZone", "locale") if name in fields}
        return kept | {"times": [{"startTime": fields["webinarStartTime"], "endTime": fields["webinarEndTime"]}]}
    return None


def shown_answers() -> dict[str, tuple[str, str]]:
    """Operation -> language and text of the answer in the README, in its order."""
    readme = (SAMPLES / "README.md").read_text()
    found = re.findall(r"^### (\w+)\n.*?^```(json|text)\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    return {operation: (language, text) for operation, language, text in found}


def test_readme_has_one_command_per_operation() -> None:
    readme = (SAMPLES / "README.md").read_text()
    for operation in CALLS:
        assert readme.count(f"samples/gotowebinar/{operation}.json |\n  curl") == 1 + (operation == "getWebinarById")
        assert f"http://127.0.0.1:8290/services/gotowebinar_{operation}\n```\n" in readme


def test_readme_shows_the_real_answers() -> None:
    shown = shown_answers()
    assert sorted(shown) == sorted(CALLS)
    with Simulator() as simulator:
        for operation, (language, text) in shown.items():
            method, path = CALLS[operation]
            url = f"{simulator.base_url}/G2W/rest/organizers/{CONNECTION['organizerKey']}{path}"
            headers = {"Authorization": CONNECTION["accessToken"]}
            answer = requests.request(
                method, url.format_map(sample(operation)), json=body(operation), headers=headers, timeout=10
            )
            assert answer.ok, f"{operation}: {answer.text}"
            expected = json.loads(text) if language == "json" else int(text)
            assert (answer.json() if answer.content else answer.status_code) == expected, operation


@pytest.mark.parametrize("operation", CALLS)
def test_sample_names_the_connection_of_the_documentation(operation: str) -> None:
    fields = sample(operation)
    assert {name: fields[name] for name in CONNECTION} == CONNECTION


@pytest.mark.parametrize("operation", ["getAllWebinars", "listUpcomingWebinars"])
def test_as_printed_has_one_comma_too_many(operation: str) -> None:
    printed = (SAMPLES / f"gotowebinar/{operation}-as-printed.json").read_text()
    assert printed.endswith('gm",\n}\n')
    with pytest.raises(json.JSONDecodeError):
        json.loads(printed)
    assert json.loads(printed.replace(",\n}", "\n}")) == sample(operation) == CONNECTION
