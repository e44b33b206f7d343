"""The routes that answer the same in both versions."""

from __future__ import annotations

from connectors.gotowebinar.simulator import audio, people, sessions, webinars
from connectors.gotowebinar.simulator.routing import Handler

ORGANIZER = "/organizers/{organizerKey}"
WEBINAR = ORGANIZER + "/webinars/{webinarKey}"
SESSION = WEBINAR + "/sessions/{sessionKey}"
ATTENDEE = SESSION + "/attendees/{registrantKey}"

ROUTES: dict[str, dict[str, Handler]] = {
    f"{WEBINAR}/audio": {"GET": audio.get_audio, "POST": audio.update_audio},
    f"{WEBINAR}/coorganizers": {"GET": people.list_coorganizers, "POST": people.create_coorganizers},
    WEBINAR + "/coorganizers/{coorganizerKey}": {"DELETE": people.delete_coorganizer},
    WEBINAR + "/coorganizers/{coorganizerKey}/resendInvitation": {"POST": people.resend_invitation},
    f"{WEBINAR}/meetingtimes": {"GET": webinars.list_meeting_times},
    f"{WEBINAR}/panelists": {"GET": people.list_panelists, "POST": people.create_panelists},
    WEBINAR + "/panelists/{panelistKey}": {"DELETE": people.delete_panelist},
    WEBINAR + "/panelists/{panelistKey}/resendInvitation": {"POST": people.resend_panelist_invitation},
    f"{WEBINAR}/registrants/fields": {"GET": people.get_registration_fields},
    WEBINAR + "/registrants/{registrantKey}": {"GET": people.get_registrant, "DELETE": people.delete_registrant},
    SESSION: {"GET": sessions.list_attendees},
    f"{SESSION}/attendees": {"GET": sessions.list_attendees},
    f"{SESSION}/polls": {"GET": sessions.list_polls},
    f"{SESSION}/surveys": {"GET": sessions.list_surveys},
    ATTENDEE: {"GET": sessions.get_attendee},
}
