"""The v2 API, https://api.getgo.com/G2W/rest/v2, as the vendor's OpenAPI document describes it."""

from __future__ import annotations

from connectors.gotowebinar.simulator import forms, people, recordings, sessions, webhooks, webinars
from connectors.gotowebinar.simulator.both import ATTENDEE, ORGANIZER, ROUTES, SESSION, WEBINAR
from connectors.gotowebinar.simulator.routing import Api

V2 = Api(
    "/G2W/rest/v2",
    {
        **ROUTES,
        "/accounts/{accountKey}/webinars": {"GET": webinars.find_account_webinars},
        "/accounts/{accountKey}/recordingassets/search": {"POST": recordings.search_for_admin},
        "/recordingassets/search": {"POST": recordings.search},
        f"{ORGANIZER}/webinars": {"GET": webinars.find_webinars, "POST": webinars.create_webinar},
        f"{ORGANIZER}/insessionWebinars": {"GET": webinars.list_in_session},
        f"{ORGANIZER}/sessions": {"GET": sessions.find_organizer_sessions},
        WEBINAR: {
            "GET": webinars.get_webinar_by_key,
            "PUT": webinars.update_webinar,
            "DELETE": webinars.delete_webinar,
        },
        "/webinars/{webinarKey}/startUrl": {"GET": webinars.get_start_url},
        "/webinars/{webinarKey}/copy": {"PUT": webinars.copy_webinar},
        "/webinars/{webinarKey}/recordingAssets": {"GET": recordings.list_of_webinar},
        f"{WEBINAR}/attendees": {"GET": sessions.find_all_attendees},
        f"{WEBINAR}/performance": {"GET": sessions.all_performance(forms.reported_performance)},
        f"{WEBINAR}/registrants": {"GET": people.find_registrants, "POST": people.create_registrant_v2},
        f"{WEBINAR}/sessions": {"GET": sessions.find_sessions},
        f"{SESSION}/performance": {"GET": sessions.performance(forms.reported_performance)},
        f"{SESSION}/questions": {"GET": sessions.questions(forms.reported_question)},
        f"{ATTENDEE}/polls": {"GET": sessions.poll_answers(forms.reported_poll_answer)},
        f"{ATTENDEE}/questions": {"GET": sessions.questions(forms.reported_question)},
        f"{ATTENDEE}/surveys": {"GET": sessions.survey_answers(forms.reported_poll_answer)},
        "/webhooks/secretkey": {"POST": webhooks.create_secret_key},
        "/webhooks": {
            "POST": webhooks.create_webhooks,
            "PUT": webhooks.update_webhooks,
            "GET": webhooks.list_webhooks,
            "DELETE": webhooks.delete_webhooks,
        },
        "/webhooks/{webhookKey}": {"GET": webhooks.get_webhook},
        "/userSubscriptions": {
            "POST": webhooks.create_subscriptions,
            "PUT": webhooks.update_subscriptions,
            "GET": webhooks.list_subscriptions,
            "DELETE": webhooks.delete_subscriptions,
        },
        "/userSubscriptions/{userSubscriptionKey}": {"GET": webhooks.get_subscription},
    },
    bearer=True,
)
