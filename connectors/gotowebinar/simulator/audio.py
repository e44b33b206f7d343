"""How people hear a webinar."""

from __future__ import annotations

from typing import Any

from connectors.gotowebinar.simulator import checks
from connectors.gotowebinar.simulator.messages import Answer, json_answer
from connectors.gotowebinar.simulator.routing import Call
from connectors.gotowebinar.simulator.store import Audio


def get_audio(call: Call) -> Answer:
    return json_answer(200, _form(call.webinar().audio))


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


def _form(audio: Audio) -> dict[str, Any]:
    """Numbers appear only for the types that have them; the vendor's own example omits ``toll`` where it has none."""
    fields: dict[str, Any] = {"type": audio.type}
    if audio.type in ("PSTN", "Hybrid"):
        countries = sorted({*audio.toll_countries, *audio.toll_free_countries})
        fields["confCallNumbers"] = {country: _numbers(audio, country) for country in countries}
    if audio.type == "Private" and audio.private:
        fields["privateInfo"] = audio.private
    return fields


def _numbers(audio: Audio, country: str) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    if country in audio.toll_countries:
        numbers["toll"] = "+1 (805) 879-4198"
    if country in audio.toll_free_countries:
        numbers["tollFree"] = "1 888 455 4198"
    codes = {"organizer": "791-426-085", "panelist": "690-270-339", "attendee": "159-309-045"}
    return numbers | {"accessCodes": codes}
