"""The v1 API, https://api.getgo.com/G2W/rest, as its OpenAPI document describes it."""

from __future__ import annotations

from connectors.gotowebinar.simulator import forms, people, sessions, webinars
from connectors.gotowebinar.simulator.both import ATTENDEE, ORGANIZER, ROUTES, SESSION, WEBINAR
from connectors.gotowebinar.simulator.routing import Api

V1 = Api(
    "/G2W/rest",
    {
        **ROUTES,
        "/accounts/{accountKey}/webinars": {"GET": webinars.list_account_webinars},
        f"{ORGANIZER}/webinars": {"GET": webinars.list_webinars, "POST": webinars.create_webinar},
        f"{ORGANIZER}/upcomingWebinars": {"GET": webinars.list_upcoming},
        f"{ORGANIZER}/historicalWebinars": {"GET": webinars.list_historical},
        f"{ORGANIZER}/sessions": {"GET": sessions.list_organizer_sessions},
        WEBINAR: {"GET": webinars.get_webinar, "PUT": webinars.update_webinar, "DELETE": webinars.cancel_webinar},
        f"{WEBINAR}/attendees": {"GET": sessions.list_all_attendees},
        f"{WEBINAR}/performance": {"GET": sessions.all_performance(forms.performance)},
        f"{WEBINAR}/registrants": {"GET": people.list_registrants, "POST": people.create_registrant_v1},
        f"{WEBINAR}/sessions": {"GET": sessions.list_sessions},
        f"{SESSION}/performance": {"GET": sessions.performance(forms.performance)},
        f"{SESSION}/questions": {"GET": sessions.questions(forms.question)},
        f"{ATTENDEE}/polls": {"GET": sessions.poll_answers(forms.poll_answer)},
        f"{ATTENDEE}/questions": {"GET": sessions.questions(forms.question)},
        f"{ATTENDEE}/surveys": {"GET": sessions.survey_answers(forms.poll_answer)},
    },
)
