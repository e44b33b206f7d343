"""The v1 API, https://api.getgo.com/G2W/rest, as its OpenAPI document describes it.

Choices where that document leaves room: lists of scheduled webinars hold those in session too; an update replaces the
definition, so that a left-out description, timeZone or locale falls back to its default, while subject and times,
which no webinar can be without, stay. ``"type": "sequence"`` is refused: the simulator makes single sessions and
series only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.gotowebinar.simulator import checks
from connectors.gotowebinar.simulator.messages import Answer, business_error, invalid, json_answer
from connectors.gotowebinar.simulator.routing import Api, Call
from connectors.gotowebinar.simulator.store import Attendee, Audio, Panelist, Session, Webinar
from connectors.gotowebinar.simulator.times import Interval

Json = dict[str, Any]

PROFILE_TIME_ZONE = "America/Los_Angeles"


def list_webinars(call: Call) -> Answer:
    return _scheduled(call, lambda webinar: _scheduled_json(call, webinar) | _registrants_json(webinar))


def list_upcoming(call: Call) -> Answer:
    return _scheduled(call, lambda webinar: _scheduled_json(call, webinar))


def _scheduled(call: Call, to_json: Callable[[Webinar], Json]) -> Answer:
    owned = call.store.of_organizer(call.organizer_key)
    return json_answer(200, [to_json(webinar) for webinar in owned if not webinar.has_ended(call.now)])


def list_historical(call: Call) -> Answer:
    period = checks.query_instants(call.request, "fromTime", "toTime")
    owned = call.store.of_organizer(call.organizer_key)
    return json_answer(200, [_webinar_json(webinar) for webinar in owned if _took_place(webinar, period, call.now)])


def _took_place(webinar: Webinar, period: Interval, now: datetime) -> bool:
    in_period = any(times.start <= period.end and times.end >= period.start for times in webinar.times)
    return in_period and webinar.has_ended(now)


def get_webinar(call: Call) -> Answer:
    webinar = call.webinar()
    obsolete = {"numberOfOpenedInvitations": 0, "numberOfRegistrationLinkClicks": 0}
    return json_answer(200, _scheduled_json(call, webinar) | _registrants_json(webinar) | obsolete)


def create_webinar(call: Call) -> Answer:
    fields = checks.json_object(checks.json_body(call.request), "The request body")
    checks.flag(fields, "isPasswordProtected")
    webinar = Webinar(
        call.store.new_key(),
        call.organizer_key,
        call.store.new_webinar_id(),
        checks.required_text(fields, "subject", checks.SUBJECT_LENGTH),
        _new_times(fields, call.now),
        description=checks.text(fields, "description", checks.DESCRIPTION_LENGTH) or "",
        time_zone=checks.time_zone(fields) or PROFILE_TIME_ZONE,
    )
    call.store.webinars[webinar.key] = webinar
    return json_answer(201, {"webinarKey": str(webinar.key)})


def _new_times(fields: checks.JsonObject, now: datetime) -> tuple[Interval, ...]:
    series = checks.choice(fields, "type", ("single_session", "series")) == "series"
    times = checks.times(fields)
    if times is None:
        raise invalid("times is required.")
    if series and len(times) < 2:
        raise invalid("times must hold two or more pairs for a series.")
    if not series and len(times) != 1:
        raise invalid("times must hold exactly one pair for a single session.")
    _require_future(times, now)
    return times


def _require_future(times: tuple[Interval, ...], now: datetime) -> None:
    if any(interval.start <= now for interval in times):
        raise invalid("startTime must be in the future.")


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
    return Answer(202)


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


def cancel_webinar(call: Call) -> Answer:
    checks.query_flag(call.request, "sendCancellationEmails")
    webinar = call.webinar()
    if webinar.has_ended(call.now):
        raise business_error(405, "MethodNotAllowed", "The webinar is in the past.")
    if webinar.is_in_session(call.now):
        raise business_error(409, "Conflict", "The webinar is in session.")
    del call.store.webinars[webinar.key]
    return Answer(204)


def list_attendees(call: Call) -> Answer:
    sessions = call.webinar().sessions
    return json_answer(200, [_attendee_json(person, session) for session in sessions for person in session.attendees])


def get_audio(call: Call) -> Answer:
    return json_answer(200, _audio_json(call.webinar().audio))


def update_audio(call: Call) -> Answer:
    checks.query_flag(call.request, "notifyParticipants")
    webinar = call.webinar()
    fields = checks.json_object(checks.json_body(call.request), "The request body")
    checks.required_text(fields, "type")
    kind = checks.choice(fields, "type", checks.AUDIO_TYPES) or ""
    pstn = checks.json_object(fields.get("pstnInfo", {}), "pstnInfo")
    toll_free = checks.countries(pstn, "tollFreeCountries", checks.TOLL_FREE_COUNTRIES)
    toll = checks.countries(pstn, "tollCountries", checks.TOLL_COUNTRIES)
    private = _private_info(fields) if "privateInfo" in fields else webinar.audio.private
    webinar.audio = Audio(
        kind,
        webinar.audio.toll_free_countries if toll_free is None else toll_free,
        webinar.audio.toll_countries if toll is None else toll,
        private,
    )
    return Answer(204)


def _private_info(fields: checks.JsonObject) -> dict[str, str]:
    given = checks.json_object(fields["privateInfo"], "privateInfo")
    checks.required_text(given, "attendee")
    values = {name: checks.text(given, name) for name in ("attendee", "organizer", "panelist")}
    return {name: value for name, value in values.items() if value is not None}


def list_meeting_times(call: Call) -> Answer:
    return json_answer(200, [interval.to_json() for interval in call.webinar().times])


def list_panelists(call: Call) -> Answer:
    webinar = call.webinar()
    return json_answer(200, [_panelist_json(webinar, panelist) for panelist in webinar.panelists])


def create_panelists(call: Call) -> Answer:
    webinar = call.webinar()
    items = checks.json_array(checks.json_body(call.request), "The request body")
    if not items:
        raise invalid("The request body must hold at least one panelist.")
    named = [_name_and_email(item) for item in items]
    created = [Panelist(call.store.new_key(), name, email) for name, email in named]
    webinar.panelists.extend(created)
    return json_answer(201, [_created_panelist_json(webinar, panelist) for panelist in created])


def _name_and_email(item: Any) -> tuple[str, str]:
    fields = checks.json_object(item, "Each panelist")
    return checks.required_text(fields, "name"), checks.email(fields)


def get_performance(call: Call) -> Answer:
    webinar = call.webinar()
    return json_answer(200, {str(session.key): _performance_json(webinar, session) for session in webinar.sessions})


def _webinar_json(webinar: Webinar) -> Json:
    return {
        "webinarKey": webinar.key,
        "webinarID": webinar.webinar_id,
        "subject": webinar.subject,
        "description": webinar.description,
        "organizerKey": webinar.organizer_key,
        "times": [interval.to_json() for interval in webinar.times],
        "timeZone": webinar.time_zone,
    }


def _scheduled_json(call: Call, webinar: Webinar) -> Json:
    registration = f"https://attendee.gotowebinar.com/register/{webinar.key}"
    in_session = webinar.is_in_session(call.now)
    return _webinar_json(webinar) | {"registrationUrl": registration, "inSession": in_session}


def _registrants_json(webinar: Webinar) -> Json:
    return {"numberOfRegistrants": webinar.registrants}


def _attendee_json(person: Attendee, session: Session) -> Json:
    seconds = sum((stay.end - stay.start).total_seconds() for stay in person.attendance)
    stays = [stay.to_json() for stay in person.attendance]
    return {
        "registrantKey": person.registrant_key,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.email,
        "attendanceTimeInSeconds": int(seconds),
        "sessionKey": session.key,
        "attendance": [{"joinTime": stay["startTime"], "leaveTime": stay["endTime"]} for stay in stays],
    }


def _audio_json(audio: Audio) -> Json:
    """Numbers appear only for the types that have them; the vendor's own example omits ``toll`` where it has none."""
    fields: Json = {"type": audio.type}
    if audio.type in ("PSTN", "Hybrid"):
        countries = sorted({*audio.toll_countries, *audio.toll_free_countries})
        fields["confCallNumbers"] = {country: _numbers_json(audio, country) for country in countries}
    if audio.type == "Private" and audio.private:
        fields["privateInfo"] = audio.private
    return fields


def _numbers_json(audio: Audio, country: str) -> Json:
    numbers: Json = {}
    if country in audio.toll_countries:
        numbers["toll"] = "+1 (805) 879-4198"
    if country in audio.toll_free_countries:
        numbers["tollFree"] = "1 888 455 4198"
    codes = {"organizer": "791-426-085", "panelist": "690-270-339", "attendee": "159-309-045"}
    return numbers | {"accessCodes": codes}


def _panelist_json(webinar: Webinar, panelist: Panelist) -> Json:
    first, _, last = panelist.name.partition(" ")
    return {
        "panelistId": panelist.key,
        "name": panelist.name,
        "firstName": first,
        "lastName": last,
        "email": panelist.email,
        "joinLink": _join_link(webinar, panelist),
    }


def _created_panelist_json(webinar: Webinar, panelist: Panelist) -> Json:
    return {
        "panelistKey": str(panelist.key),
        "name": panelist.name,
        "email": panelist.email,
        "joinLink": _join_link(webinar, panelist),
    }


def _join_link(webinar: Webinar, panelist: Panelist) -> str:
    return f"https://global.gotowebinar.com/join/{webinar.key}/{panelist.key}"


def _performance_json(webinar: Webinar, session: Session) -> Json:
    seconds = [_attendee_json(person, session)["attendanceTimeInSeconds"] for person in session.attendees]
    attended = len(session.attendees)
    return {
        "attendance": {
            "registrantCount": webinar.registrants,
            "percentageAttendance": 100.0 * attended / webinar.registrants if webinar.registrants else 0.0,
            "averageInterestRating": session.interest,
            "averageAttentiveness": session.attentiveness,
            "averageAttendanceTimeSeconds": sum(seconds) / attended if attended else 0.0,
        },
        "pollsAndSurveys": {
            "pollCount": session.polls,
            "surveyCount": 0.0,
            "questionsAsked": session.questions,
            "percentagePollsCompleted": 100.0 if session.polls else 0.0,
            "percentageSurveysCompleted": 0.0,
        },
    }


_ORGANIZER = "/organizers/{organizerKey}"
_WEBINAR = _ORGANIZER + "/webinars/{webinarKey}"

V1 = Api(
    "/G2W/rest",
    {
        f"{_ORGANIZER}/webinars": {"GET": list_webinars, "POST": create_webinar},
        f"{_ORGANIZER}/upcomingWebinars": {"GET": list_upcoming},
        f"{_ORGANIZER}/historicalWebinars": {"GET": list_historical},
        _WEBINAR: {"GET": get_webinar, "PUT": update_webinar, "DELETE": cancel_webinar},
        f"{_WEBINAR}/attendees": {"GET": list_attendees},
        f"{_WEBINAR}/audio": {"GET": get_audio, "POST": update_audio},
        f"{_WEBINAR}/meetingtimes": {"GET": list_meeting_times},
        f"{_WEBINAR}/panelists": {"GET": list_panelists, "POST": create_panelists},
        f"{_WEBINAR}/performance": {"GET": get_performance},
    },
)
