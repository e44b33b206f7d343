"""What an answer is worth: right, explained by a fault that was injected, or a mistake of the engine."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from bench.client import Answer
from bench.soak.faults import Faults
from bench.soak.flows import Flow

KEPT = 5
"""Mistakes of each kind that are kept for reading."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was sent to a flow: its identity, its body, and when it was sent and its answer was there."""

    flow: Flow
    id: str
    body: bytes
    sent: float
    received: float


@dataclass(slots=True)
class Judge:
    """Counts answers by their verdict."""

    faults: Faults
    right: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    mistakes: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return self.right + self.explained.total() + self.mistakes.total()

    def answered(self, asked: Asked, answer: Answer) -> None:
        if not answer.whole:
            # An answer that has begun cannot begin again elsewhere.
            self._explain(asked, "broken off", any(self._broke(asked, name) for name in asked.flow.back_ends))
        elif answer.status != 200:
            removed = answer.status == 404 and self._broke(asked, asked.flow.name)
            failed = answer.status in (502, 504) and self._no_back_end(asked)
            self._explain(asked, str(answer.status), removed or failed, answer.body[:200].decode("utf-8", "replace"))
        elif wrong := self._wrong(asked, answer):
            self._mistake("wrong answer", asked, wrong)
        else:
            self.right += 1

    def unanswered(self, asked: Asked, reason: str) -> None:
        self._mistake("no answer", asked, reason)

    def _wrong(self, asked: Asked, answer: Answer) -> str:
        """Why a success is not the one that was asked for; empty when it is."""
        if answer.headers.get("x-flow") != asked.flow.name:
            return f"of the flow {answer.headers.get('x-flow')}"
        versions = self.faults.versions_between(asked.sent, asked.received)
        for header in ("x-version", "x-sequence"):
            if int(answer.headers.get(header, versions[-1])) not in versions:
                return f"{header} {answer.headers[header]} where {versions[0]} to {versions[-1]} were live"
        if asked.flow.makes:
            right = json.loads(answer.body) == {"id": asked.id, "made": "yes"}
        else:
            right = answer.body == asked.body
        return "" if right else f"with the body {answer.body[:100]!r}"

    def _no_back_end(self, asked: Asked) -> bool:
        """Whether every back end that would do was broken: one that lives must be found by a failover."""
        return bool(asked.flow.back_ends) and all(self._broke(asked, name) for name in asked.flow.back_ends)

    def _broke(self, asked: Asked, what: str) -> bool:
        return self.faults.touches(what, asked.sent, asked.received)

    def _explain(self, asked: Asked, what: str, explained: bool, text: str = "") -> None:
        if explained:
            self.explained[what] += 1
        else:
            self._mistake(f"{what}, unexplained", asked, text)

    def _mistake(self, kind: str, asked: Asked, text: str) -> None:
        self.mistakes[kind] += 1
        kept = self.samples.setdefault(kind, [])
        if len(kept) < KEPT:
            kept.append(f"{asked.flow.name} {asked.id}, {len(asked.body)} bytes, at {asked.sent:.3f}: {text}")
