"""The v2 API, https://api.getgo.com/G2W/rest/v2, as the vendor's OpenAPI document describes it."""

from __future__ import annotations

from connectors.gotowebinar.simulator import audio, forms, people, recordings, sessions, webhooks, webinars
from connectors.gotowebinar.simulator.routing import Api

_ORGANIZER = "/organizers/{organizerKey}"
_WEBINAR = _ORGANIZER + "/webinars/{webinarKey}"
_SESSION = _WEBINAR + "/sessions/{sessionKey}"
_ATTENDEE = _SESSION + "/attendees/{registrantKey}"

V2 = Api(
    "/G2W/rest/v2",
    {
        "/accounts/{accountKey}/webinars": {"GET": webinars.find_account_webinars},
        "/accounts/{accountKey}/recordingassets/search": {"POST": recordings.search_for_admin},
        "/recordingassets/search": {"POST": recordings.search},
        f"{_ORGANIZER}/webinars": {"GET": webinars.find_webinars, "POST": webinars.create_webinar},
        f"{_ORGANIZER}/insessionWebinars": {"GET": webinars.list_in_session},
        f"{_ORGANIZER}/sessions": {"GET": sessions.find_organizer_sessions},
        _WEBINAR: {
            "GET": webinars.get_webinar_by_key,
            "PUT": webinars.update_webinar,
            "DELETE": webinars.delete_webinar,
        },
        "/webinars/{webinarKey}/startUrl": {"GET": webinars.get_start_url},
        "/webinars/{webinarKey}/copy": {"PUT": webinars.copy_webinar},
        "/webinars/{webinarKey}/recordingAssets": {"GET": recordings.list_of_webinar},
        f"{_WEBINAR}/attendees": {"GET": sessions.find_all_attendees},
        f"{_WEBINAR}/audio": {"GET": audio.get_audio, "POST": audio.update_audio},
        f"{_WEBINAR}/coorganizers": {"GET": people.list_coorganizers, "POST": people.create_coorganizers},
        _WEBINAR + "/coorganizers/{coorganizerKey}": {"DELETE": people.delete_coorganizer},
        _WEBINAR + "/coorganizers/{coorganizerKey}/resendInvitation": {"POST": people.resend_invitation},
        f"{_WEBINAR}/meetingtimes": {"GET": webinars.list_meeting_times},
        f"{_WEBINAR}/panelists": {"GET": people.list_panelists, "POST": people.create_panelists},
        _WEBINAR + "/panelists/{panelistKey}": {"DELETE": people.delete_panelist},
        _WEBINAR + "/panelists/{panelistKey}/resendInvitation": {"POST": people.resend_panelist_invitation},
        f"{_WEBINAR}/performance": {"GET": sessions.all_performance(forms.reported_performance)},
        f"{_WEBINAR}/registrants": {"GET": people.find_registrants, "POST": people.create_registrant_v2},
        f"{_WEBINAR}/registrants/fields": {"GET": people.get_registration_fields},
        _WEBINAR + "/registrants/{registrantKey}": {
            "GET": people.get_registrant,
            "DELETE": people.delete_registrant,
        },
        f"{_WEBINAR}/sessions": {"GET": sessions.find_sessions},
        _SESSION: {"GET": sessions.list_attendees},
        f"{_SESSION}/attendees": {"GET": sessions.list_attendees},
        f"{_SESSION}/performance": {"GET": sessions.performance(forms.reported_performance)},
        f"{_SESSION}/polls": {"GET": sessions.list_polls},
        f"{_SESSION}/questions": {"GET": sessions.questions(forms.reported_question)},
        f"{_SESSION}/surveys": {"GET": sessions.list_surveys},
        _ATTENDEE: {"GET": sessions.get_attendee},
        f"{_ATTENDEE}/polls": {"GET": sessions.poll_answers(forms.reported_poll_answer)},
        f"{_ATTENDEE}/questions": {"GET": sessions.questions(forms.reported_question)},
        f"{_ATTENDEE}/surveys": {"GET": sessions.survey_answers(forms.reported_poll_answer)},
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
