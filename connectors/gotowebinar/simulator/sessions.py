"""Sessions that have taken place: who came, what they answered and asked. Nothing here changes the state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.gotowebinar.simulator import checks, forms, pages
from connectors.gotowebinar.simulator.messages import Answer, business_error, json_answer
from connectors.gotowebinar.simulator.routing import Call, Handler
from connectors.gotowebinar.simulator.store import Attendee, Poll, Question, Session, Webinar

Pair = tuple[Webinar, Session]


# -------------------------------------------------------------------- lists


def list_organizer_sessions(call: Call) -> Answer:
    return json_answer(200, [forms.session(*pair) for pair in _of_organizer(call)])


def find_organizer_sessions(call: Call) -> Answer:
    return pages.embedded(
        call.request, "sessionInfoResources", [forms.reported_session(*it) for it in _of_organizer(call)]
    )


def list_sessions(call: Call) -> Answer:
    webinar = call.webinar()
    return json_answer(200, [forms.session(webinar, it) for it in webinar.sessions])


def find_sessions(call: Call) -> Answer:
    webinar = call.webinar()
    sessions = [forms.reported_session(webinar, it) for it in webinar.sessions]
    return pages.embedded(call.request, "sessionInfoResources", sessions)


def list_all_attendees(call: Call) -> Answer:
    return json_answer(200, _all_attendees(call))


def find_all_attendees(call: Call) -> Answer:
    return pages.embedded(call.request, "attendeeParticipationResponses", _all_attendees(call))


def list_attendees(call: Call) -> Answer:
    session = _session(call)
    return json_answer(200, [forms.attendee(it, session) for it in session.attendees])


def _of_organizer(call: Call) -> list[Pair]:
    period = checks.query_instants(call.request, "fromTime", "toTime")
    pairs = [(it, session) for it in call.store.of_organizer(call.organizer_key) for session in it.sessions]
    return [pair for pair in pairs if period.start <= pair[1].interval.end and pair[1].interval.start <= period.end]


def _all_attendees(call: Call) -> list[dict[str, Any]]:
    return [forms.attendee(person, it) for it in call.webinar().sessions for person in it.attendees]


# -------------------------------------------------------------------- performance


def all_performance(form: Callable[[Webinar, Session], dict[str, Any]]) -> Handler:
    """Of all sessions, by their keys."""

    def answer(call: Call) -> Answer:
        webinar = call.webinar()
        return json_answer(200, {str(it.key): form(webinar, it) for it in webinar.sessions})

    return answer


def performance(form: Callable[[Webinar, Session], dict[str, Any]]) -> Handler:
    return lambda call: json_answer(200, form(call.webinar(), _session(call)))


# -------------------------------------------------------------------- polls, surveys, questions


def list_polls(call: Call) -> Answer:
    return json_answer(200, [forms.poll(it) for it in _session(call).polls])


def list_surveys(call: Call) -> Answer:
    return json_answer(200, [forms.poll(it) for it in _session(call).surveys])


def questions(form: Callable[[Question, tuple[Attendee, ...]], dict[str, Any]]) -> Handler:
    """Of a session; of one attendee where the path names one."""

    def answer(call: Call) -> Answer:
        session = _session(call)
        asker = _attendee(call, session).registrant_key if "registrantKey" in call.keys else None
        asked = [it for it in session.questions if asker in (None, it.asked_by)]
        return json_answer(200, [form(it, session.attendees) for it in asked])

    return answer


def get_attendee(call: Call) -> Answer:
    webinar, key = call.webinar(), _attendee(call, _session(call)).registrant_key
    return json_answer(200, next(forms.registrant(webinar, it) for it in webinar.registrants if it.key == key))


def poll_answers(form: Callable[[Poll, int], dict[str, Any]]) -> Handler:
    return lambda call: _answers(call, _session(call).polls, form)


def survey_answers(form: Callable[[Poll, int], dict[str, Any]]) -> Handler:
    return lambda call: _answers(call, _session(call).surveys, form)


def _answers(call: Call, polls: tuple[Poll, ...], form: Callable[[Poll, int], dict[str, Any]]) -> Answer:
    key = _attendee(call, _session(call)).registrant_key
    return json_answer(200, [form(it, key) for it in polls if key in it.answers])


def _session(call: Call) -> Session:
    for session in call.webinar().sessions:
        if session.key == call.keys["sessionKey"]:
            return session
    raise business_error(404, "NotFound", "Session with specified key does not exist.")


def _attendee(call: Call, session: Session) -> Attendee:
    for attendee in session.attendees:
        if attendee.registrant_key == call.keys["registrantKey"]:
            return attendee
    raise business_error(404, "NotFound", "Attendee with specified key does not exist.")
