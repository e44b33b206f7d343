"""Recordings of webinars."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.gotowebinar.simulator import checks, forms, pages
from connectors.gotowebinar.simulator.messages import Answer
from connectors.gotowebinar.simulator.routing import Call
from connectors.gotowebinar.simulator.seed import ORGANIZER_KEY
from connectors.gotowebinar.simulator.store import Recording


def search(call: Call) -> Answer:
    fields = checks.json_object(checks.json_body(call.request), "The request body")
    checks.required_text(fields, "accountKey")
    return _found(call, fields)


def search_for_admin(call: Call) -> Answer:
    fields = checks.json_object(checks.json_body(call.request), "The request body")
    checks.required_text(fields, "organizerKey")
    return _found(call, fields)


def list_of_webinar(call: Call) -> Answer:
    webinar = call.store.any_organizer(call.keys["webinarKey"])
    of_it = [it for it in call.store.recordings if it.webinar_key == webinar.key]
    return pages.flat(call.request, _forms(of_it))


def _found(call: Call, fields: checks.JsonObject) -> Answer:
    name = checks.text(fields, "name") or ""
    by_name = checks.choice(fields, "sortField", ("CREATETIME", "NAME")) == "NAME"
    ascending = checks.choice(fields, "sortOrder", ("ASC", "DESC")) == "ASC"
    found = sorted(
        (it for it in call.store.recordings if name.lower() in it.name.lower()),
        key=lambda it: it.name if by_name else it.created_at.isoformat(),
        reverse=not ascending,
    )
    return pages.embedded(call.request, "recordingAssets", _forms(found))


def _forms(recordings: Iterable[Recording]) -> list[dict[str, Any]]:
    return [forms.recording(it, ORGANIZER_KEY) for it in recordings]
