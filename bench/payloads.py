"""Messages of exact sizes, the same in every run.

The sizes are those of WSO2's published results; the shape (a list of stock orders, ten or so members deep at 500 bytes)
is that of its stock quote samples.
"""

from __future__ import annotations

import bisect
import json
from dataclasses import dataclass
from typing import Literal

Kind = Literal["json", "xml"]

SIZES = {"500 B": 500, "1 kB": 1024, "10 kB": 10_240, "100 kB": 102_400}
"""Name of a size to its number of bytes."""

CONTENT_TYPES: dict[Kind, str] = {"json": "application/json", "xml": "text/xml"}

WEBINAR_KEY = "5452440042032782081"
ORGANIZER_KEY = "3697511743350317068"
WEBINAR_PATH = f"/G2W/rest/organizers/{ORGANIZER_KEY}/webinars/{WEBINAR_KEY}"
WEBINAR_TEMPLATE = "/G2W/rest/organizers/{uri.var.organizerKey}/webinars/{uri.var.webinarKey}"


@dataclass(frozen=True, slots=True)
class Payload:
    """A request body. ``marker`` is text that a right answer to it holds."""

    size: str
    content_type: str
    body: bytes
    marker: bytes


def orders(kind: Kind, size: str) -> Payload:
    """Stock orders, padded to the exact size. The first one is for IBM, which is what the content-based router asks."""
    wanted = SIZES[size]
    marker = f"batch-{wanted}"
    render = _as_json if kind == "json" else _as_xml
    count = bisect.bisect_right(range(wanted), wanted, key=lambda number: len(render(marker, number, ""))) - 1
    padding = "." * (wanted - len(render(marker, count, "")))
    return Payload(size, CONTENT_TYPES[kind], render(marker, count, padding), marker.encode())


def webinar_request(api_url: str) -> Payload:
    """The body of the sample request for getWebinarById, with the address of the API."""
    body = {
        "apiUrl": api_url,
        "accessToken": "UEGGrwswKRwB07lTOr0EoppdaxKo",
        "organizerKey": ORGANIZER_KEY,
        "clientId": "IJfcaqp3xC034WXD1GGlstejnJS41huo",
        "refreshToken": "MDAKxJTJ3cAdhuzavhtOFNAmV5N0m7gm",
        "webinarKey": WEBINAR_KEY,
    }
    return Payload("sample", "application/json", json.dumps(body, indent=4).encode(), WEBINAR_KEY.encode())


def webinar_answer() -> bytes:
    """What the API answers for one webinar (v1)."""
    webinar = {
        "webinarKey": int(WEBINAR_KEY),
        "webinarID": "123456789",
        "organizerKey": int(ORGANIZER_KEY),
        "subject": "Quarterly results for partners",
        "description": "Figures of the quarter, what they mean for partners, and half an hour for questions.",
        "times": [{"startTime": "2026-03-20T15:00:00Z", "endTime": "2026-03-20T16:00:00Z"}],
        "timeZone": "America/Los_Angeles",
        "status": "NEW",
        "numberOfRegistrants": 42,
        "registrationUrl": f"https://attendee.gotowebinar.com/register/{WEBINAR_KEY}",
        "inSession": False,
        "omid": "6d1a3c2e",
    }
    return json.dumps(webinar, separators=(",", ":")).encode()


def _as_json(marker: str, count: int, padding: str) -> bytes:
    items = [
        {"symbol": _symbol(index), "buyer": f"buyer-{index:05}", "price": 140.25, "volume": 2000}
        for index in range(count)
    ]
    return json.dumps({"batch": marker, "orders": items, "note": padding}, separators=(",", ":")).encode()


def _as_xml(marker: str, count: int, padding: str) -> bytes:
    items = "".join(
        f"<m:order><m:symbol>{_symbol(index)}</m:symbol><m:price>140.25</m:price><m:volume>2000</m:volume></m:order>"
        for index in range(count)
    )
    return (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
        f'<m:buyStocks xmlns:m="http://services.samples" batch="{marker}">{items}<m:note>{padding}</m:note>'
        "</m:buyStocks></soapenv:Body></soapenv:Envelope>"
    ).encode()


def _symbol(index: int) -> str:
    return ("IBM", "SUN", "MSFT", "ORCL")[index % 4]
