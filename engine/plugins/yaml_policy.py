"""``retry`` and ``errors`` of a ``connector.yaml``.

retry: {statuses: [429, 502, 503], times: 3, methods: [GET, PUT, DELETE, POST]}
errors:                                 # the first that holds counts
  - {status: 404, code: ACME_NOT_FOUND, message: error.text}
  - {status: 5xx, code: ACME_BROKEN}
  - {status: 200, body: '"success":false', code: ACME_REFUSED, message: reason}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.plugins.error_map import STATUS, MappedError
from engine.plugins.policy import DEFAULT_RETRY, Retry
from engine.plugins.yaml_tree import Section

_MOST = 10
"""Retries: more would hold a client for longer than it waits."""


def read_retry(section: Section) -> Retry:
    """What is wrong becomes a Problem."""
    retry = section.section("retry")
    retry.known("statuses", "times", "methods")
    times = retry.count("times", DEFAULT_RETRY.times)
    if times > _MOST:
        retry.error("bad-value", f"'times' is at most {_MOST}.", "times")
    statuses = retry.values.get("statuses", list(DEFAULT_RETRY.statuses))
    if not isinstance(statuses, list) or not all(isinstance(each, int) and 400 <= each < 600 for each in statuses):
        retry.error("bad-value", "'statuses' must be a list of numbers from 400 to 599.", "statuses")
        statuses = []
    methods = retry.texts("methods") or tuple(DEFAULT_RETRY.methods)
    return Retry(frozenset(statuses), times, frozenset(each.upper() for each in methods))


def read_errors(section: Section) -> Iterator[MappedError]:
    """What is wrong becomes a Problem."""
    for each in section.items("errors") if "errors" in section.values else ():
        each.known("status", "code", "message", "body")
        if not each.required("status", "code"):
            continue
        status = str(each.values["status"])
        if not STATUS.fullmatch(status):
            each.error("bad-value", f"'{status}' is no status such as 404 or 4xx.", "status")
            continue
        yield MappedError(status, str(each.values["code"]), each.answer_path("message"), each.text("body").encode())
