"""Webinars themselves: lists, one of them, and how they are made, changed and cancelled.

Choices where the vendor's documents leave room: lists of scheduled webinars hold those in session too; an update
replaces the definition, so that a left-out description, timeZone or locale falls back to its default, while subject and
times, which no webinar can be without, stay; sequences have their first session only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.gotowebinar.simulator import checks, forms, pages
from connectors.gotowebinar.simulator.messages import Answer, business_error, invalid, json_answer
from connectors.gotowebinar.simulator.routing import Call
from connectors.gotowebinar.simulator.store import Webinar
from connectors.gotowebinar.simulator.times import Interval

PROFILE_TIME_ZONE = "America/Los_Angeles"
_EXPERIENCES = ("CLASSIC", "BROADCAST", "SIMULIVE")
_PATTERNS = ("daily", "weekly", "monthly")
_TYPES = ("single_session", "series", "sequence")


# -------------------------------------------------------------------- version 1


def list_webinars(call: Call) -> Answer:
    webinars = _still_to_come(call)
    return json_answer(200, [forms.scheduled_webinar(it, call.now) | forms.registrants_of(it) for it in webinars])


def list_upcoming(call: Call) -> Answer:
    return json_answer(200, [forms.scheduled_webinar(it, call.now) for it in _still_to_come(call)])


def list_historical(call: Call) -> Answer:
    period = checks.query_instants(call.request, "fromTime", "toTime")
    owned = call.store.of_organizer(call.organizer_key)
    held = [it for it in owned if _takes_place(it, period) and it.has_ended(call.now)]
    return json_answer(200, [forms.webinar(it) for it in held])


def list_account_webinars(call: Call) -> Answer:
    return _in_period(call, call.store.webinars.values(), forms.account_webinar)


def get_webinar(call: Call) -> Answer:
    it = call.webinar()
    obsolete = {"numberOfOpenedInvitations": 0, "numberOfRegistrationLinkClicks": 0}
    return json_answer(200, forms.scheduled_webinar(it, call.now) | forms.registrants_of(it) | obsolete)


def cancel_webinar(call: Call) -> Answer:
    if call.webinar().has_ended(call.now):
        raise business_error(405, "MethodNotAllowed", "The webinar is in the past.")
    return delete_webinar(call)


# -------------------------------------------------------------------- version 2


def find_webinars(call: Call) -> Answer:
    return _in_period(call, call.store.of_organizer(call.organizer_key), forms.listed_webinar)


def find_account_webinars(call: Call) -> Answer:
    return _in_period(call, call.store.webinars.values(), forms.listed_webinar)


def list_in_session(call: Call) -> Answer:
    if "toTime" not in call.request.query:
        raise invalid("toTime is required.")
    running = [it for it in call.store.of_organizer(call.organizer_key) if it.is_in_session(call.now)]
    return json_answer(200, [forms.running_webinar(it, call.now) for it in running])


def get_webinar_by_key(call: Call) -> Answer:
    return json_answer(200, forms.webinar_by_key(call.webinar(), call.now))


def get_start_url(call: Call) -> Answer:
    it = call.store.any_organizer(call.keys["webinarKey"])
    return json_answer(200, {"startUrl": f"https://api.getgo.com/G2W/start/{it.key}"})


def copy_webinar(call: Call) -> Answer:
    source = call.store.any_organizer(call.keys["webinarKey"])
    fields = checks.json_object(checks.json_body(call.request), "The request body")
    copy = Webinar(
        call.store.new_key(),
        source.organizer_key,
        call.store.new_webinar_id(),
        checks.text(fields, "subject", checks.SUBJECT_LENGTH) or source.subject,
        checks.times(fields) or source.times,
        description=checks.text(fields, "description", checks.DESCRIPTION_LENGTH) or source.description,
        time_zone=checks.time_zone(fields) or source.time_zone,
        locale=checks.choice(fields, "locale", checks.LOCALES) or source.locale,
    )
    call.store.webinars[copy.key] = copy
    return json_answer(201, {"webinarKey": str(copy.key)})


def delete_webinar(call: Call) -> Answer:
    """Past ones too."""
    for name in ("sendCancellationEmails", "deleteAll"):
        checks.query_flag(call.request, name)
    webinar = call.webinar()
    if webinar.is_in_session(call.now):
        raise business_error(409, "Conflict", "The webinar is in session.")
    del call.store.webinars[webinar.key]
    call.store.happened("webinar.changed", {"webinarKey": str(webinar.key)})
    return Answer(204)


# -------------------------------------------------------------------- both


def create_webinar(call: Call) -> Answer:
    fields = checks.json_object(checks.json_body(call.request), "The request body")
    for name in ("isPasswordProtected", "isOndemand", "isBreakout"):
        checks.flag(fields, name)
    checks.choice(fields, "experienceType", _EXPERIENCES)
    webinar = Webinar(
        call.store.new_key(),
        call.organizer_key,
        call.store.new_webinar_id(),
        checks.required_text(fields, "subject", checks.SUBJECT_LENGTH),
        _new_times(fields, call.now),
        description=checks.text(fields, "description", checks.DESCRIPTION_LENGTH) or "",
        time_zone=checks.time_zone(fields) or PROFILE_TIME_ZONE,
        locale=checks.choice(fields, "locale", checks.LOCALES) or "en_US",
    )
    call.store.webinars[webinar.key] = webinar
    call.store.happened("webinar.created", forms.listed_webinar(webinar))
    return json_answer(201, {"webinarKey": str(webinar.key)})


def update_webinar(call: Call) -> Answer:
    checks.query_flag(call.request, "notifyParticipants")
    webinar = call.webinar()
    fields = checks.json_object(checks.json_body(call.request), "The request body")
    if not fields:
        raise invalid("The request body must hold at least one field.")
    subject = checks.required_text(fields, "subject", checks.SUBJECT_LENGTH) if "subject" in fields else webinar.subject
    description = checks.text(fields, "description", checks.DESCRIPTION_LENGTH) or ""
    time_zone = checks.time_zone(fields) or PROFILE_TIME_ZONE
    locale = checks.choice(fields, "locale", checks.LOCALES) or "en_US"
    times = checks.times(fields)
    _require_scheduled(webinar, call.now)
    if times is not None:
        _require_same_number(webinar, times)
        _require_future(times, call.now)
        webinar.times = times
    webinar.subject, webinar.description, webinar.time_zone, webinar.locale = subject, description, time_zone, locale
    call.store.happened("webinar.changed", forms.listed_webinar(webinar))
    return Answer(202)


def list_meeting_times(call: Call) -> Answer:
    return json_answer(200, [interval.to_json() for interval in call.webinar().times])


# -------------------------------------------------------------------- inside


def _still_to_come(call: Call) -> list[Webinar]:
    return [it for it in call.store.of_organizer(call.organizer_key) if not it.has_ended(call.now)]


def _in_period(call: Call, webinars: Any, form: Any) -> Answer:
    period = checks.query_instants(call.request, "fromTime", "toTime")
    return pages.embedded(call.request, "webinars", [form(it) for it in webinars if _takes_place(it, period)])


def _takes_place(webinar: Webinar, period: Interval) -> bool:
    return any(times.start <= period.end and times.end >= period.start for times in webinar.times)


def _new_times(fields: checks.JsonObject, now: datetime) -> tuple[Interval, ...]:
    kind = checks.choice(fields, "type", _TYPES) or "single_session"
    times = _first_session(fields) if kind == "sequence" else checks.times(fields)
    if times is None:
        raise invalid("times is required.")
    if kind == "series" and len(times) < 2:
        raise invalid("times must hold two or more pairs for a series.")
    if kind == "single_session" and len(times) != 1:
        raise invalid("times must hold exactly one pair for a single session.")
    _require_future(times, now)
    return times


def _first_session(fields: checks.JsonObject) -> tuple[Interval, ...] | None:
    for name in ("recurrenceStart", "recurrencePattern", "recurrenceEnd"):
        if name not in fields:
            raise invalid(f"{name} is required for a sequence.")
    checks.choice(fields, "recurrencePattern", _PATTERNS)
    return checks.times({"times": [fields["recurrenceStart"]]})


def _require_future(times: tuple[Interval, ...], now: datetime) -> None:
    if any(interval.start <= now for interval in times):
        raise invalid("startTime must be in the future.")


def _require_scheduled(webinar: Webinar, now: datetime) -> None:
    if webinar.has_ended(now):
        raise invalid("The webinar has ended.")
    if webinar.is_in_session(now):
        raise invalid("The webinar is in progress.")


def _require_same_number(webinar: Webinar, times: tuple[Interval, ...]) -> None:
    if len(webinar.times) == 1 and len(times) != 1:
        raise invalid("times must hold exactly one pair for a single session.")
    if not times:
        raise invalid("times must not be empty.")
