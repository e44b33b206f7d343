"""The proxies in ``flows/`` answer the sample requests, end to end but for the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.testing.harness import Harness

from .conftest import Engine

ROOT = Path(__file__).parents[3]
STATUS = {
    "cancelWebinar": 204,
    "createPanelists": 201,
    "createWebinar": 201,
    "getAllWebinars": 200,
    "getAllWebinars-as-printed": 200,
    "getAttendeesForAllWebinarSessions": 200,
    "getAudioInformation": 200,
    "getPerformanceForAllWebinarSessions": 200,
    "getWebinarById": 200,
    "getWebinarMeetingTimes": 200,
    "getWebinarPanelists": 200,
    "listHistoricalWebinars": 200,
    "listUpcomingWebinars": 200,
    "listUpcomingWebinars-as-printed": 200,
    "updateAudioInformation": 204,
    "updateWebinar": 202,
}


@pytest.mark.parametrize(("sample", "status"), STATUS.items())
async def test_sample(engine: Engine, sample: str, status: int) -> None:
    name = f"gotowebinar_{sample.partition('-')[0]}"
    proxy = (ROOT / "flows" / f"{name}.xml").read_text()
    request = (ROOT / "samples" / "gotowebinar" / f"{sample}.json").read_text()
    body = request.replace("https://api.citrixonline.com", engine.simulator.base_url).encode()
    harness = Harness(proxy, http=engine.http, catalog=engine.harness.catalog)
    answer = await harness.serve(f"/services/{name}", harness.message(body))
    assert answer is not None
    assert answer.status == status
    assert (answer.body == b"") == (status in (202, 204))
    removed = ("etag", "vary", "content-language", "access-control-allow-origin", "access-control-max-age")
    assert [header for header in removed if header in answer.headers] == []
    [received] = engine.simulator.requests
    assert received.headers["authorization"] == "UEGGrwswKRwB07lTOr0EoppdaxKo"


def test_every_sample_is_sent() -> None:
    assert sorted(STATUS) == sorted(file.stem for file in (ROOT / "samples" / "gotowebinar").glob("*.json"))
