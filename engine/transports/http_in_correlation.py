"""The id of a request, which logs, answers and back ends get."""

from __future__ import annotations

from engine.message import correlation
from engine.transports.http_in_cycle import Cycle


def correlate(cycle: Cycle, makes: bool) -> bytes:
    """The id of a request, empty for none. An unsafe one is taken out.

    With ``makes`` a request without an id gets one, as if its client had sent ``activityid``.

    Source: SourceHandler.setCorrelationId of the reference.
    """
    given = cycle.correlation
    if given is not None:
        if correlation.is_safe(given[1]):
            return given[1]
        cycle.headers = [pair for pair in cycle.headers if pair[0] not in correlation.NAMES]
        cycle.correlation = None
    if not makes:
        return b""
    request_id = next(correlation.ids)
    cycle.correlation = own = (b"activityid", request_id)
    cycle.headers.append(own)
    return request_id
