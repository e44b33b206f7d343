"""Things as JSON, in the forms of both versions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from connectors.gotowebinar.simulator.seed import ACCOUNT_KEY
from connectors.gotowebinar.simulator.store import (
    Attendee,
    Coorganizer,
    Panelist,
    Poll,
    Question,
    Recording,
    Registrant,
    Session,
    Webinar,
)
from connectors.gotowebinar.simulator.times import format_instant

Json = dict[str, Any]

ORGANIZER_EMAIL = "organizer@example.com"
ORGANIZER_NAME = "Olga Organizer"


# -------------------------------------------------------------------- webinars


def webinar(it: Webinar) -> Json:
    """What version 1 tells of every webinar."""
    return {
        "webinarKey": it.key,
        "webinarID": it.webinar_id,
        "subject": it.subject,
        "description": it.description,
        "organizerKey": it.organizer_key,
        "times": [interval.to_json() for interval in it.times],
        "timeZone": it.time_zone,
    }


def scheduled_webinar(it: Webinar, now: datetime) -> Json:
    return webinar(it) | {"registrationUrl": registration_url(it), "inSession": it.is_in_session(now)}


def registrants_of(it: Webinar) -> Json:
    return {"numberOfRegistrants": len(it.registrants)}


def listed_webinar(it: Webinar) -> Json:
    """An item of version 2's lists: its keys are text."""
    return {
        "webinarKey": str(it.key),
        "webinarID": it.webinar_id,
        "organizerKey": str(it.organizer_key),
        "accountKey": str(ACCOUNT_KEY),
        "subject": it.subject,
        "description": it.description,
        "times": [interval.to_json() for interval in it.times],
        "timeZone": it.time_zone,
        "locale": it.locale,
        "approvalType": "AUTOMATIC",
        "registrationUrl": registration_url(it),
        "impromptu": False,
        "isPasswordProtected": False,
        "recurrenceType": "series" if len(it.times) > 1 else "single_session",
        "experienceType": "classic",
    }


def webinar_by_key(it: Webinar, now: datetime) -> Json:
    """Version 2's single webinar: its own keys are numbers."""
    return (
        scheduled_webinar(it, now)
        | registrants_of(it)
        | {
            "organizerEmail": ORGANIZER_EMAIL,
            "organizerName": ORGANIZER_NAME,
            "impromptu": False,
            "type": "series" if len(it.times) > 1 else "single_session",
            "registrationLimit": 100,
            "locale": it.locale,
            "accountKey": str(ACCOUNT_KEY),
            "recurrencePeriod": "never",
            "experienceType": "CLASSIC",
            "isPasswordProtected": False,
        }
    )


def running_webinar(it: Webinar, now: datetime) -> Json:
    """An item of version 2's webinars in session."""
    return (
        scheduled_webinar(it, now)
        | registrants_of(it)
        | {
            "experienceType": "CLASSIC",
            "coorganizers": [],
            "organizerEmail": ORGANIZER_EMAIL,
            "organizerName": ORGANIZER_NAME,
            "impromptu": False,
            "isOndemand": False,
        }
    )


def account_webinar(it: Webinar) -> Json:
    """An item of version 1's list of an account."""
    return {
        "webinarKey": str(it.key),
        "webinarID": it.webinar_id,
        "organizerKey": str(it.organizer_key),
        "subject": it.subject,
        "description": it.description,
        "times": [interval.to_json() for interval in it.times],
        "timeZone": it.time_zone,
        "registrationUrl": registration_url(it),
        "impromptu": False,
        "isPasswordProtected": False,
        "type": "series" if len(it.times) > 1 else "single_session",
    }


def registration_url(it: Webinar) -> str:
    return f"https://attendee.gotowebinar.com/register/{it.key}"


# -------------------------------------------------------------------- people


def join_link(it: Webinar, key: int) -> str:
    return f"https://global.gotowebinar.com/join/{it.key}/{key}"


def panelist(of: Webinar, it: Panelist) -> Json:
    first, _, last = it.name.partition(" ")
    return {
        "panelistId": it.key,
        "name": it.name,
        "firstName": first,
        "lastName": last,
        "email": it.email,
        "joinLink": join_link(of, it.key),
    }


def created_panelist(of: Webinar, it: Panelist) -> Json:
    return {"panelistKey": str(it.key), "name": it.name, "email": it.email, "joinLink": join_link(of, it.key)}


def coorganizer(of: Webinar, it: Coorganizer) -> Json:
    return {
        "memberKey": str(it.key),
        "external": it.external,
        "givenName": it.given_name,
        "surname": "",
        "email": it.email,
        "joinLink": join_link(of, it.key),
    }


def registrant(of: Webinar, it: Registrant) -> Json:
    return {
        "registrantKey": it.key,
        "firstName": it.first_name,
        "lastName": it.last_name,
        "email": it.email,
        "registrationDate": format_instant(it.registered_at),
        "status": "APPROVED",
        "joinUrl": join_link(of, it.key),
        "timeZone": of.time_zone,
    }


def detailed_registrant(of: Webinar, it: Registrant) -> Json:
    return registrant(of, it) | {"type": "REGULAR", "unsubscribed": False, "responses": []} | it.fields


# -------------------------------------------------------------------- sessions


def session(of: Webinar, it: Session) -> Json:
    """Version 1's, with keys as numbers."""
    times = it.interval.to_json()
    return {
        "sessionKey": it.key,
        "webinarKey": of.key,
        "webinarID": of.webinar_id,
        **times,
        "registrantsAttended": len(it.attendees),
    }


def reported_session(of: Webinar, it: Session) -> Json:
    """Version 2's, with keys as text."""
    organizer = str(of.organizer_key)
    return session(of, it) | {
        "sessionKey": str(it.key),
        "webinarKey": str(of.key),
        "webinarName": of.subject,
        "registrantCount": len(of.registrants),
        "accountKey": str(ACCOUNT_KEY),
        "creatingOrganizerKey": organizer,
        "creatingOrganizerName": ORGANIZER_NAME,
        "startingOrganizerKey": organizer,
        "startingOrganizerName": ORGANIZER_NAME,
        "totalPollCount": len(it.polls),
        "timeZone": of.time_zone,
        "experienceType": "classic",
    }


def attendee(it: Attendee, of: Session) -> Json:
    stays = [stay.to_json() for stay in it.attendance]
    return {
        "registrantKey": it.registrant_key,
        "firstName": it.first_name,
        "lastName": it.last_name,
        "email": it.email,
        "attendanceTimeInSeconds": _seconds(it),
        "sessionKey": of.key,
        "attendance": [{"joinTime": stay["startTime"], "leaveTime": stay["endTime"]} for stay in stays],
    }


def _seconds(it: Attendee) -> int:
    return int(sum((stay.end - stay.start).total_seconds() for stay in it.attendance))


def performance(of: Webinar, it: Session) -> Json:
    attended, registered = len(it.attendees), len(of.registrants)
    return {
        "attendance": {
            "registrantCount": registered,
            "percentageAttendance": 100.0 * attended / registered if registered else 0.0,
            "averageInterestRating": it.interest,
            "averageAttentiveness": it.attentiveness,
            "averageAttendanceTimeSeconds": sum(map(_seconds, it.attendees)) / attended if attended else 0.0,
        },
        "pollsAndSurveys": {
            "pollCount": len(it.polls),
            "surveyCount": float(len(it.surveys)),
            "questionsAsked": len(it.questions),
            "percentagePollsCompleted": 100.0 if it.polls else 0.0,
            "percentageSurveysCompleted": 100.0 if it.surveys else 0.0,
        },
    }


def reported_performance(of: Webinar, it: Session) -> Json:
    """Version 2's, which also says of which session it is."""
    times = it.interval.to_json()
    about = {
        "webinarName": of.subject,
        "webinarId": of.webinar_id,
        "sessionKey": str(it.key),
        "timeZone": of.time_zone,
        "experienceType": "CLASSIC",
        "recurrencePeriod": "never",
        **times,
        "registrationEmailOpenedCount": "0",
        "registrationLinkClickedCount": "0",
    }
    return {"sessionInfo": about} | performance(of, it)


def poll(it: Poll) -> Json:
    given = list(it.answers.values())
    texts = sorted(set(given))
    shares = [{"text": text, "percentage": 100.0 * given.count(text) / len(given)} for text in texts]
    return {"question": it.question, "numberOfResponses": len(given), "responses": shares}


def poll_answer(it: Poll, registrant_key: int) -> Json:
    return {"question": it.question, "answer": it.answers[registrant_key]}


def reported_poll_answer(it: Poll, registrant_key: int) -> Json:
    return poll_answer(it, registrant_key) | {"answers": [it.answers[registrant_key]]}


def question(it: Question, people: Iterable[Attendee]) -> Json:
    asker = next(each for each in people if each.registrant_key == it.asked_by)
    answer = {"answer": it.answer, "answeredBy": ORGANIZER_NAME}
    return {"question": it.text, "askedBy": asker.email, "answers": [answer]}


def reported_question(it: Question, people: Iterable[Attendee]) -> Json:
    form = question(it, people)
    at = format_instant(it.asked_at)
    about = {"answererRole": "organizer", "answerTime": at, "answererEmail": ORGANIZER_EMAIL}
    answers = [answer | about for answer in form["answers"]]
    return form | {"answers": answers, "askerKey": str(it.asked_by), "dateAsked": at}


# -------------------------------------------------------------------- recordings


def recording(it: Recording, creator: int) -> Json:
    return {
        "name": it.name,
        "recordingAssetKey": it.key,
        "productName": "G2W",
        "createTime": format_instant(it.created_at),
        "creatorKey": str(creator),
        "accountKey": str(ACCOUNT_KEY),
        "totalReferenceCount": 1,
        "mp4DownloadUrl": f"https://cdn.recordingassets.example.com/{it.key}.mp4",
    }
