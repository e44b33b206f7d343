"""The settings that http, address, wsdl and default endpoints share: timeout, suspension, retries, WS-Addressing."""

from __future__ import annotations

from typing import Literal

from engine.declare.convert import Duration, Unacceptable
from engine.declare.fields import attr, child_text, element
from engine.declare.spec import Node
from engine.errors import Fault
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext


@element("timeout")
class Timeout(Node):
    """How long to wait for the answer."""

    duration: Value | None = child_text(
        "Milliseconds until the answer must have begun; `{expression}` gives them at run time.", tag="duration"
    )
    response_action: Literal["fault", "discard", "never"] = child_text(
        "What a timeout does; a discarded answer is a fault too, since every request is answered.",
        tag="responseAction",
        default="fault",
    )
    _seconds: float | None = None

    def __post_init__(self) -> None:
        if self.duration is not None and self.duration.is_static:
            try:
                self._seconds = _seconds(self.duration.source)
            except ValueError:
                raise Unacceptable(f"'{self.duration.source.strip()}' is not a number of milliseconds.") from None

    def seconds(self, message: MessageContext) -> float | None:
        """None means the client's own timeout. Raises Fault when the expression gives no number."""
        if self._seconds is not None or self.duration is None:
            return self._seconds
        text = self.duration.text(message) or ""
        try:
            return _seconds(text)
        except ValueError:
            raise Fault(f"the timeout {self.duration.source} gave '{text}', not a number of milliseconds") from None


@element("suspendOnFailure")
class SuspendOnFailure(Node):
    """Which errors make the endpoint rest, and for how long."""

    codes: str = child_text("Error codes, separated by commas; -1 = none.", tag="errorCodes", default="")
    initial: Duration | None = child_text("First rest, in milliseconds.", tag="initialDuration")
    factor: float = child_text("By how much each further rest grows.", tag="progressionFactor", default=1.0)
    maximum: Duration | None = child_text("Longest rest, in milliseconds.", tag="maximumDuration")


@element("markForSuspension")
class MarkForSuspension(Node):
    """Errors that are forgiven a few times."""

    codes: str = child_text(
        "Error codes, separated by commas; timeouts (101504) and closed connections (101505) without it.",
        tag="errorCodes",
        default="",
    )
    retries: int = child_text("How many are forgiven.", tag="retriesBeforeSuspension", default=0)
    delay: Duration = child_text("Rest after each, in milliseconds.", tag="retryDelay", default=Duration(0.0))


@element("retryConfig")
class RetryConfig(Node):
    """After which errors a failover or loadbalance endpoint may try another child."""

    enabled: str = child_text("Only these.", tag="enabledErrorCodes", default="")
    disabled: str = child_text("All but these.", tag="disabledErrorCodes", default="")

    def __post_init__(self) -> None:
        self._enabled, self._disabled = codes(self.enabled), codes(self.disabled)

    def allows(self, code: int | str) -> bool:
        """Whether an error with this code may be tried elsewhere."""
        if code in self._disabled:
            return False
        return not self._enabled or code in self._enabled


@element("enableAddressing")
class EnableAddressing(Node):
    """Send WS-Addressing headers."""

    version: Literal["final", "submission"] = attr("Of 2005 or of 2004.", default="final")
    separate_listener: bool = attr(
        "Whether the answer may come on another connection; it never does here.",
        name="separateListener",
        default=False,
    )


@element("enableSec", open_content=True)
class EnableSec(Node):
    """WS-Security; not supported."""

    policy: str | None = attr("A WS-SecurityPolicy.", default=None)
    inbound_policy: str | None = attr("The same for answers.", name="inboundPolicy", default=None)
    outbound_policy: str | None = attr("The same for requests.", name="outboundPolicy", default=None)

    def __post_init__(self) -> None:
        raise Unacceptable(
            "WS-Security is the work of Rampart, a Java library, and does not run here.",
            code="unsupported",
            hint="Call the service through a gateway that signs and encrypts, or use TLS with a client certificate.",
        )


@element("enableRM", open_content=True)
class EnableRM(Node):
    """WS-ReliableMessaging; not supported."""

    def __post_init__(self) -> None:
        raise Unacceptable(
            "WS-ReliableMessaging is the work of Sandesha, a Java library, and does not run here.",
            code="unsupported",
            hint="Use <failover>, or a message store with a processor that sends again.",
        )


def codes(text: str) -> frozenset[int]:
    """Raises Unacceptable for a list of error codes that holds something else."""
    try:
        return frozenset(int(code) for code in text.replace(",", " ").split())
    except ValueError:
        raise Unacceptable(f"'{text}' is not a list of error codes.") from None


def _seconds(milliseconds: str) -> float:
    number = int(milliseconds)
    if number < 0:
        raise ValueError
    return number / 1000
