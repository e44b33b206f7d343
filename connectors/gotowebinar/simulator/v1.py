"""The v1 API, https://api.getgo.com/G2W/rest, as its OpenAPI document describes it."""

from __future__ import annotations

from connectors.gotowebinar.simulator import audio, forms, people, sessions, webinars
from connectors.gotowebinar.simulator.routing import Api

_ORGANIZER = "/organizers/{organizerKey}"
_WEBINAR = _ORGANIZER + "/webinars/{webinarKey}"
_SESSION = _WEBINAR + "/sessions/{sessionKey}"
_ATTENDEE = _SESSION + "/attendees/{registrantKey}"

V1 = Api(
    "/G2W/rest",
    {
        "/accounts/{accountKey}/webinars": {"GET": webinars.list_account_webinars},
        f"{_ORGANIZER}/webinars": {"GET": webinars.list_webinars, "POST": webinars.create_webinar},
        f"{_ORGANIZER}/upcomingWebinars": {"GET": webinars.list_upcoming},
        f"{_ORGANIZER}/historicalWebinars": {"GET": webinars.list_historical},
        f"{_ORGANIZER}/sessions": {"GET": sessions.list_organizer_sessions},
        _WEBINAR: {
            "GET": webinars.get_webinar,
            "PUT": webinars.update_webinar,
            "DELETE": webinars.cancel_webinar,
        },
        f"{_WEBINAR}/attendees": {"GET": sessions.list_all_attendees},
        f"{_WEBINAR}/audio": {"GET": audio.get_audio, "POST": audio.update_audio},
        f"{_WEBINAR}/coorganizers": {"GET": people.list_coorganizers, "POST": people.create_coorganizers},
        _WEBINAR + "/coorganizers/{coorganizerKey}": {"DELETE": people.delete_coorganizer},
        _WEBINAR + "/coorganizers/{coorganizerKey}/resendInvitation": {"POST": people.resend_invitation},
        f"{_WEBINAR}/meetingtimes": {"GET": webinars.list_meeting_times},
        f"{_WEBINAR}/panelists": {"GET": people.list_panelists, "POST": people.create_panelists},
        _WEBINAR + "/panelists/{panelistKey}": {"DELETE": people.delete_panelist},
        _WEBINAR + "/panelists/{panelistKey}/resendInvitation": {"POST": people.resend_panelist_invitation},
        f"{_WEBINAR}/performance": {"GET": sessions.all_performance(forms.performance)},
        f"{_WEBINAR}/registrants": {"GET": people.list_registrants, "POST": people.create_registrant_v1},
        f"{_WEBINAR}/registrants/fields": {"GET": people.get_registration_fields},
        _WEBINAR + "/registrants/{registrantKey}": {
            "GET": people.get_registrant,
            "DELETE": people.delete_registrant,
        },
        f"{_WEBINAR}/sessions": {"GET": sessions.list_sessions},
        _SESSION: {"GET": sessions.list_attendees},
        f"{_SESSION}/attendees": {"GET": sessions.list_attendees},
        f"{_SESSION}/performance": {"GET": sessions.performance(forms.performance)},
        f"{_SESSION}/polls": {"GET": sessions.list_polls},
        f"{_SESSION}/questions": {"GET": sessions.questions(forms.question)},
        f"{_SESSION}/surveys": {"GET": sessions.list_surveys},
        _ATTENDEE: {"GET": sessions.get_attendee},
        f"{_ATTENDEE}/polls": {"GET": sessions.poll_answers(forms.poll_answer)},
        f"{_ATTENDEE}/questions": {"GET": sessions.questions(forms.question)},
        f"{_ATTENDEE}/surveys": {"GET": sessions.survey_answers(forms.poll_answer)},
    },
)
