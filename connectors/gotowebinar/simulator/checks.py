"""The vendor specification's rules for what a request may hold; a broken rule raises the API's 400."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from connectors.gotowebinar.simulator.messages import Request, invalid
from connectors.gotowebinar.simulator.times import Interval, parse_instant

SUBJECT_LENGTH = 128
DESCRIPTION_LENGTH = 2048
LOCALES = ("en_US", "de_DE", "es_ES", "fr_FR", "it_IT", "zh_CN")
AUDIO_TYPES = ("PSTN", "VOIP", "Hybrid", "Private")


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


TOLL_COUNTRIES = _codes("AT AU BE CA CH DE DK ES FI FR GB IE IT NL NO NZ SE US")
TOLL_FREE_COUNTRIES = _codes(
    "AE AR AT AU BE BG BH BR BY CA CH CL CN CO CZ DE DK ES FI FR GB GR HK HU ID IE IL IN IS IT JP KR LU MX MY NL NO "
    "NZ PA PE PH PL PT RO RU SA SE SG TH TR TW UA US UY VN ZA"
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")

JsonObject = Mapping[str, Any]


def json_body(request: Request) -> Any:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise invalid("The Content-Type must be application/json.")
    try:
        return request.json()
    except ValueError:
        raise invalid("The request body is not valid JSON.") from None


def json_object(value: Any, name: str) -> JsonObject:
    if not isinstance(value, dict):
        raise invalid(f"{name} must be an object.")
    return value


def json_array(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise invalid(f"{name} must be an array.")
    return value


def text(fields: JsonObject, name: str, max_length: int | None = None) -> str | None:
    """The string called ``name``, or None when it is absent."""
    value = fields.get(name)
    if value is None and name not in fields:
        return None
    if not isinstance(value, str):
        raise invalid(f"{name} must be a string.")
    if max_length is not None and len(value) > max_length:
        raise invalid(f"{name} must not be longer than {max_length} characters.")
    return value


def required_text(fields: JsonObject, name: str, max_length: int | None = None) -> str:
    value = text(fields, name, max_length)
    if not value or not value.strip():
        raise invalid(f"{name} is required.")
    return value


def choice(fields: JsonObject, name: str, choices: tuple[str, ...]) -> str | None:
    value = text(fields, name)
    if value is not None and value not in choices:
        raise invalid(f"{name} must be one of {', '.join(choices)}.")
    return value


def flag(fields: JsonObject, name: str) -> None:
    if not isinstance(fields.get(name, False), bool):
        raise invalid(f"{name} must be true or false.")


def query_flag(request: Request, name: str) -> None:
    if request.query.get(name, "false") not in ("true", "false"):
        raise invalid(f"{name} must be true or false.")


def query_instants(request: Request, start: str, end: str) -> Interval:
    """Two required date-times of the query, in this order."""
    for name in (start, end):
        if name not in request.query:
            raise invalid(f"{name} is required.")
    return _interval(request.query, start, end)


def email(fields: JsonObject) -> str:
    value = required_text(fields, "email")
    if not _EMAIL.fullmatch(value):
        raise invalid("email must be an e-mail address.")
    return value


def time_zone(fields: JsonObject) -> str | None:
    value = text(fields, "timeZone")
    if value is not None and value not in _time_zones():
        raise invalid("timeZone must be a valid time zone ID.")
    return value


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def times(fields: JsonObject) -> tuple[Interval, ...] | None:
    """The pairs of ``times``, each with its start before its end; None when absent."""
    if "times" not in fields:
        return None
    return tuple(_pair(item) for item in json_array(fields["times"], "times"))


def _pair(item: Any) -> Interval:
    pair = json_object(item, "times[]")
    for name in ("startTime", "endTime"):
        required_text(pair, name)
    interval = _interval(pair, "startTime", "endTime")
    if interval.start == interval.end:
        raise invalid("startTime must be before endTime.")
    return interval


def _interval(fields: Mapping[str, str], start: str, end: str) -> Interval:
    instants = []
    for name in (start, end):
        try:
            instants.append(parse_instant(fields[name]))
        except ValueError:
            raise invalid(f"{name} must be an ISO 8601 date and time such as 2015-07-13T10:00:00Z.") from None
    if instants[0] > instants[1]:
        raise invalid(f"{start} must be before {end}.")
    return Interval(*instants)


def countries(fields: JsonObject, name: str, allowed: frozenset[str]) -> tuple[str, ...] | None:
    if name not in fields:
        return None
    codes = json_array(fields[name], name)
    for code in codes:
        if not isinstance(code, str) or code not in allowed:
            raise invalid(f"{name} has no country {code!r}.")
    return tuple(codes)
