from __future__ import annotations

import pytest

from engine.testing.harness import Harness


@pytest.mark.parametrize(
    ("is_response", "marked", "runs"),
    [(False, None, True), (True, None, False), (False, "true", False), (True, "false", True)],
)
@pytest.mark.parametrize(("inside", "ends"), [("<drop/>", True), ("", False)])
async def test_the_mediators_run_in_one_direction(
    is_response: bool, marked: str | None, runs: bool, inside: str, ends: bool
) -> None:
    harness = Harness()
    message = harness.message()
    message.is_response = is_response
    message.set_property("RESPONSE", marked)
    xml = f'<in><property name="ran" value="yes"/>{inside}</in>'
    assert await harness.run(xml, message) is not (runs and ends)
    assert message.properties.get("ran") == ("yes" if runs else None)


def test_the_body_is_read_by_what_is_inside_only() -> None:
    assert Harness().steps('<in><log level="full"/></in>')[0].reads_body is False
