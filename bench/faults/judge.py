"""What came of a fault, beside what must come of it."""

from __future__ import annotations

from dataclasses import dataclass

from bench.faults.client import Received
from bench.faults.table import Row


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a row: the client's answer, whether the flow beside it, asked at once afterwards, answered well,
    whether the connection to the back end was used again, and the lines that the request has in the log.
    """

    name: str
    answer: Received
    next_is_well: bool
    reused: bool
    log: tuple[str, ...]


def mistakes(row: Row, seen: Seen) -> list[str]:
    """What is not as it must be; empty when everything is."""
    return [*_mistakes_in_answer(row, seen.answer), *_mistakes_in_log(row, seen), *_mistakes_after(row, seen)]


def _mistakes_in_answer(row: Row, answer: Received) -> list[str]:
    wanted = "nothing" if row.status is None else f"{row.status}{', broken off' if row.broken else ''}"
    found = [f"the client gets {answer} in place of {wanted}"] if str(answer) != wanted else []
    if answer.count > 1:
        found.append(f"the client gets {answer.count} answers")
    if answer.whole and row.code is not None and f'"code":{row.code}' not in answer.body.decode().replace(" ", ""):
        found.append(f"the answer does not tell the code {row.code}")
    return found


def _mistakes_in_log(row: Row, seen: Seen) -> list[str]:
    wanted = int(row.code is not None)
    if len(seen.log) != wanted:
        return [f"{len(seen.log)} lines in the log in place of {wanted}"]
    words = (row.says, f"endpoint '{seen.name}End'", f"{seen.name}.xml:")
    return [f"the log does not tell {each!r}" for line in seen.log for each in words if each not in line]


def _mistakes_after(row: Row, seen: Seen) -> list[str]:
    found = [] if seen.next_is_well else ["the next request is not answered well"]
    if seen.reused is not row.reused:
        found.append(f"the connection is {'' if seen.reused else 'not '}reused")
    return found
