from __future__ import annotations

import json

import pytest
from lxml import etree

from bench import payloads
from bench.payloads import SIZES, Kind


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["json", "xml"])
def test_orders_have_the_exact_size_and_are_the_same_each_time(kind: Kind, size: str) -> None:
    payload = payloads.orders(kind, size)
    assert (payload.size, len(payload.body)) == (size, SIZES[size])
    assert payload.marker in payload.body
    assert payloads.orders(kind, size) == payload


@pytest.mark.parametrize("size", SIZES)
def test_orders_can_be_read_and_begin_with_ibm(size: str) -> None:
    decoded = json.loads(payloads.orders("json", size).body)
    assert decoded["orders"][0]["symbol"] == "IBM"
    root = etree.fromstring(payloads.orders("xml", size).body)
    assert root.findtext(".//{http://services.samples}symbol") == "IBM"


def test_markers_tell_the_sizes_apart() -> None:
    assert len({payloads.orders("json", size).marker for size in SIZES}) == len(SIZES)


def test_webinar() -> None:
    request = payloads.webinar_request("http://b:81")
    assert json.loads(request.body)["apiUrl"] == "http://b:81"
    assert request.marker in payloads.webinar_answer()
    assert json.loads(payloads.webinar_answer())["webinarKey"] == 5452440042032782081
