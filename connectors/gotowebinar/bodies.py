"""Bodies of requests that are more than their parameters under the same names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine.api import BrokenRule

_CONFERENCE_NUMBERS = ("attendee", "organizer", "panelist")
_REGISTRANT_SETTINGS = ("webinarKey", "organizerKey", "accountKey", "resultShape", "resendConfirmation")
_WEBINAR_FIELDS = (
    "subject",
    "description",
    "timeZone",
    "type",
    "isPasswordProtected",
    "recordingAssetKey",
    "isOndemand",
    "isBreakout",
    "experienceType",
    "locale",
    "emailSettings",
)

Values = Mapping[str, Any]
Json = dict[str, Any]


def new_webinar(values: Values) -> Json:
    """A single session from its start and end, a series from its times, or a sequence from its recurrence.

    Raises BrokenRule when none of them is given.
    """
    body = {name: values[name] for name in _WEBINAR_FIELDS if name in values}
    if "times" in values:
        return body | {"times": values["times"]}
    if "recurrenceStart" in values:
        names = ("recurrenceStart", "recurrencePattern", "recurrenceEnd")
        return body | {name: values[name] for name in names if name in values}
    for name in ("webinarStartTime", "webinarEndTime"):
        if name not in values:
            raise BrokenRule("required", parameter=name)
    return body | {"times": [{"startTime": values["webinarStartTime"], "endTime": values["webinarEndTime"]}]}


def audio_settings(values: Values) -> Json:
    """Phone numbers for PSTN and Hybrid, those of an own system for Private, else all."""
    kind = values.get("type")
    countries = {name: values[name] for name in ("tollFreeCountries", "tollCountries") if name in values}
    numbers = {name: values[name] for name in _CONFERENCE_NUMBERS if name in values}
    body: Json = {} if kind is None else {"type": kind}
    if countries and kind in (None, "PSTN", "Hybrid"):
        body["pstnInfo"] = countries
    if numbers and kind in (None, "Private"):
        body["privateInfo"] = numbers
    return body


def registrant(values: Values) -> Json:
    """Every field of the form that was given."""
    return {name: value for name, value in values.items() if name not in _REGISTRANT_SETTINGS}


def coorganizer(values: Values) -> list[Json]:
    """Somebody without an account by name and address, somebody of the account by key.

    Raises BrokenRule when what the kind needs is missing.
    """
    external = values["external"]
    for name in ("givenName", "email") if external else ("coorganizerKey",):
        if name not in values:
            raise BrokenRule(f"required with external={json.dumps(external)}", parameter=name)
    if external:
        return [{"external": True, "givenName": values["givenName"], "email": values["email"]}]
    return [{"external": False, "organizerKey": values["coorganizerKey"]}]
