"""The classes of Synapse's samples."""

from __future__ import annotations

from engine.core.java_class import JavaClass, java_class
from engine.errors import Fault
from engine.expressions.values import java_double
from engine.message.codecs import text
from engine.message.context import MessageContext

_LAST = "{http://services.samples/xsd}last"
_BONUS = 0.05


@java_class("samples.mediators.DiscountQuoteMediator")
class DiscountQuote(JavaClass):
    """Take ``discountFactor`` per cent off the price in a stock quote, and 5 % more off the first ``bonusFor`` + 1."""

    discount_factor: str = "10"
    bonus_for: str = "10"

    def __init__(self) -> None:
        self._bonuses = 0

    def mediate(self, message: MessageContext) -> None:
        price = message.payload.editable_envelope().find(f"{{*}}Body/*/*/{_LAST}")
        if price is None:
            raise Fault("the body has no stock quote with a price")
        try:
            full = float(price.text or "")
            discounted = full - full * int(self.discount_factor) / 100
            bonus_for = int(self.bonus_for)
        except ValueError as error:
            raise Fault(f"the price cannot be discounted: {error}") from None
        if self._bonuses <= bonus_for:
            discounted -= discounted * _BONUS
            self._bonuses += 1
        price.text = java_double(discounted)


@java_class("samples.mediators.BinaryExtractMediator")
class BinaryExtract(JavaClass):
    """Keep ``length`` bytes of a binary body, from the byte ``offset`` on (1 is the first), as the property
    ``variableName``."""

    length: int = 1
    offset: int = 1
    data_type: int = 1
    binary_encoding: str = "utf-8"
    variable_name: str = "SearchKey"

    def mediate(self, message: MessageContext) -> None:
        content = message.payload.content()
        if content is None or content.tag != text.BINARY:
            raise Fault("the body is not binary")
        start = max(0, self.offset - 1)
        found = message.payload.render("binary")[start : start + self.length]
        try:
            message.properties[self.variable_name] = found.decode(self.binary_encoding, "replace")
        except LookupError:
            raise Fault(f"there is no encoding '{self.binary_encoding}'") from None
