from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness

QUOTE = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<q:getQuoteResponse xmlns:q="http://services.samples"><q:return><x:last xmlns:x="http://services.samples/xsd">%s</x:last>
</q:return></q:getQuoteResponse></s:Body></s:Envelope>"""


def discount(factor: str, bonus_for: str) -> str:
    return (
        f'<class name="samples.mediators.DiscountQuoteMediator"><property name="discountFactor" value="{factor}"/>'
        f'<property name="bonusFor" value="{bonus_for}"/></class>'
    )


async def test_the_first_quotes_are_cheaper() -> None:
    harness = Harness()
    [step] = harness.steps(discount("10", "1"))
    prices = []
    for _ in range(3):
        message = harness.message((QUOTE % "200").encode(), "text/xml")
        assert await step.mediate(message) is True
        prices.append(message.payload.envelope().findtext(".//{http://services.samples/xsd}last"))
    assert prices == ["171.0", "171.0", "180.0"]


@pytest.mark.parametrize(
    ("body", "factor", "problem"),
    [
        (QUOTE % "much", "10", "the price cannot be discounted"),
        (QUOTE % "5", "ten", "the price cannot be discounted"),
        ("<a/>", "10", "the body has no stock quote with a price"),
    ],
)
async def test_no_discount(body: str, factor: str, problem: str) -> None:
    harness = Harness()
    with pytest.raises(Fault, match=problem):
        await harness.run(discount(factor, "5"), harness.message(body.encode(), "text/xml"))


def extract(offset: int, length: int, encoding: str = "utf-8") -> str:
    values = {"offset": offset, "length": length, "binaryEncoding": encoding, "variableName": "symbol"}
    inside = "".join(f'<property name="{name}" value="{value}"/>' for name, value in values.items())
    return f'<class name="samples.mediators.BinaryExtractMediator">{inside}</class>'


@pytest.mark.parametrize(
    ("offset", "length", "expected"), [(11, 4, "IBM "), (1, 2, "01"), (0, 2, "01"), (12, 99, "BM x"), (99, 4, "")]
)
async def test_bytes_of_a_binary_body(offset: int, length: int, expected: str) -> None:
    harness = Harness()
    message = harness.message(b"0123456789IBM x", "application/octet-stream")
    await harness.run(extract(offset, length), message)
    assert message.properties["symbol"] == expected
    assert message.payload.render("binary") == b"0123456789IBM x"


async def test_no_bytes() -> None:
    harness = Harness()
    with pytest.raises(Fault, match="the body is not binary"):
        await harness.run(extract(1, 1), harness.message(b"<a/>", "application/xml"))
    with pytest.raises(Fault, match="there is no encoding 'none'"):
        await harness.run(extract(1, 1, "none"), harness.message(b"x", "application/octet-stream"))
