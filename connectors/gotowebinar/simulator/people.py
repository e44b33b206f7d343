"""Registrants, panelists and co-organizers of a webinar."""

from __future__ import annotations

from typing import Any, TypeVar

from connectors.gotowebinar.simulator import checks, forms, pages
from connectors.gotowebinar.simulator.messages import Answer, business_error, invalid, json_answer
from connectors.gotowebinar.simulator.routing import Call
from connectors.gotowebinar.simulator.store import Coorganizer, Panelist, Registrant, Webinar

Person = TypeVar("Person", Registrant, Panelist, Coorganizer)

VENDOR_TYPE = "application/vnd.citrix.g2wapi-v1.1+json"
"""In the header Accept it means "all fields" to version 1 and "names and address only" to version 2."""

_FORM = (
    "source",
    "address",
    "city",
    "state",
    "zipCode",
    "country",
    "phone",
    "organization",
    "jobTitle",
    "questionsAndComments",
    "industry",
    "numberOfEmployees",
    "purchasingTimeFrame",
    "purchasingRole",
)
_FIELD_LENGTH = 128
_QUESTION_KEY = 1873409182374091823


# -------------------------------------------------------------------- registrants


def create_registrant_v1(call: Call) -> Answer:
    return _register(call, all_fields=VENDOR_TYPE in call.request.headers.get("accept", ""))


def create_registrant_v2(call: Call) -> Answer:
    return _register(call, all_fields=VENDOR_TYPE not in call.request.headers.get("accept", ""))


def list_registrants(call: Call) -> Answer:
    webinar = call.webinar()
    return json_answer(200, [forms.registrant(webinar, it) for it in webinar.registrants])


def find_registrants(call: Call) -> Answer:
    """Without ``page`` and ``limit`` the bare array, as in version 1."""
    if not {"page", "limit"} & call.request.query.keys():
        return list_registrants(call)
    webinar = call.webinar()
    return pages.flat(call.request, [forms.registrant(webinar, it) for it in webinar.registrants])


def get_registrant(call: Call) -> Answer:
    webinar = call.webinar()
    return json_answer(200, forms.detailed_registrant(webinar, _registrant(call, webinar)))


def delete_registrant(call: Call) -> Answer:
    webinar = call.webinar()
    webinar.registrants.remove(_registrant(call, webinar))
    return Answer(204)


def get_registration_fields(call: Call) -> Answer:
    call.webinar()
    required = ("firstName", "lastName", "email")
    fields = [{"field": name, "required": name in required, "maxSize": _FIELD_LENGTH} for name in (*required, *_FORM)]
    question = {
        "questionKey": _QUESTION_KEY,
        "question": "Where did you hear of us?",
        "required": False,
        "type": "shortAnswer",
        "maxSize": _FIELD_LENGTH,
    }
    return json_answer(200, {"fields": fields, "questions": [question]})


def _register(call: Call, *, all_fields: bool) -> Answer:
    checks.query_flag(call.request, "resendConfirmation")
    webinar = call.webinar()
    given = checks.json_object(checks.json_body(call.request), "The request body")
    first, last = checks.required_text(given, "firstName"), checks.required_text(given, "lastName")
    email = checks.email(given)
    fields = {name: checks.text(given, name, _FIELD_LENGTH) for name in _FORM if name in given}
    for response in checks.json_array(given.get("responses", []), "responses"):
        if not isinstance(checks.json_object(response, "responses[]").get("questionKey"), int):
            raise invalid("questionKey must be a 64-bit integer.")
    known = next((it for it in webinar.registrants if it.email == email), None)
    if known is not None:
        return json_answer(409, _created(webinar, known) | {"description": "The user is already registered."})
    kept: dict[str, object] = dict(fields) if all_fields else {}
    registrant = Registrant(call.store.new_key(), first, last, email, call.now, kept)
    webinar.registrants.append(registrant)
    event = {"webinarKey": str(webinar.key)} | forms.registrant(webinar, registrant)
    call.store.happened("registrant.added", event)
    return json_answer(201, _created(webinar, registrant))


def _created(webinar: Webinar, registrant: Registrant) -> dict[str, Any]:
    return {"registrantKey": registrant.key, "joinUrl": forms.join_link(webinar, registrant.key)}


def _registrant(call: Call, webinar: Webinar) -> Registrant:
    return _by_key(webinar.registrants, call.keys["registrantKey"], "Registrant")


# -------------------------------------------------------------------- panelists


def list_panelists(call: Call) -> Answer:
    webinar = call.webinar()
    return json_answer(200, [forms.panelist(webinar, it) for it in webinar.panelists])


def create_panelists(call: Call) -> Answer:
    webinar = call.webinar()
    items = checks.json_array(checks.json_body(call.request), "The request body")
    if not items:
        raise invalid("The request body must hold at least one panelist.")
    named = [_name_and_email(item) for item in items]
    created = [Panelist(call.store.new_key(), name, email) for name, email in named]
    webinar.panelists.extend(created)
    return json_answer(201, [forms.created_panelist(webinar, it) for it in created])


def resend_panelist_invitation(call: Call) -> Answer:
    _panelist(call, call.webinar())
    return Answer(204)


def delete_panelist(call: Call) -> Answer:
    webinar = call.webinar()
    webinar.panelists.remove(_panelist(call, webinar))
    return Answer(204)


def _name_and_email(item: Any) -> tuple[str, str]:
    fields = checks.json_object(item, "Each panelist")
    return checks.required_text(fields, "name"), checks.email(fields)


def _panelist(call: Call, webinar: Webinar) -> Panelist:
    return _by_key(webinar.panelists, call.keys["panelistKey"], "Panelist")


# -------------------------------------------------------------------- co-organizers


def list_coorganizers(call: Call) -> Answer:
    webinar = call.webinar()
    return json_answer(200, [forms.coorganizer(webinar, it) for it in webinar.coorganizers])


def create_coorganizers(call: Call) -> Answer:
    webinar = call.webinar()
    items = checks.json_array(checks.json_body(call.request), "The request body")
    if not items:
        raise invalid("The request body must hold at least one co-organizer.")
    created = [_new_coorganizer(call, checks.json_object(item, "Each co-organizer")) for item in items]
    webinar.coorganizers.extend(created)
    return json_answer(201, [forms.coorganizer(webinar, it) for it in created])


def resend_invitation(call: Call) -> Answer:
    _coorganizer(call, call.webinar())
    return Answer(204)


def delete_coorganizer(call: Call) -> Answer:
    webinar = call.webinar()
    webinar.coorganizers.remove(_coorganizer(call, webinar))
    return Answer(204)


def _new_coorganizer(call: Call, fields: checks.JsonObject) -> Coorganizer:
    """External ones are known by name and address, those of the account by their key; the others' fields are wrong."""
    external = fields.get("external")
    if not isinstance(external, bool):
        raise invalid("external must be true or false.")
    if external:
        return Coorganizer(call.store.new_key(), True, checks.required_text(fields, "givenName"), checks.email(fields))
    organizer = checks.required_text(fields, "organizerKey")
    if not organizer.isdecimal():
        raise invalid("organizerKey must be a 64-bit integer.")
    return Coorganizer(call.store.new_key(), False, "Colleague", "colleague@example.com", int(organizer))


def _coorganizer(call: Call, webinar: Webinar) -> Coorganizer:
    """Those without an account are found only when ``external`` says so."""
    checks.query_flag(call.request, "external")
    external = call.request.query.get("external") == "true"
    candidates = [each for each in webinar.coorganizers if each.external == external]
    return _by_key(candidates, call.keys["coorganizerKey"], "Co-organizer")


def _by_key(people: list[Person], key: int, kind: str) -> Person:
    """Raises the API's 404 when nobody has the key."""
    for person in people:
        if person.key == key:
            return person
    raise business_error(404, "NotFound", f"{kind} with specified key does not exist.")
