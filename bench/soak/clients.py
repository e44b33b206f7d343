"""The load: each client asks one flow after the other, and has every answer judged."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable

from bench.client import Client, NoAnswer, post
from bench.soak.flows import FLOWS
from bench.soak.judge import Asked, Judge

SMALL, LARGE = 500, 200_000
"""Bytes of padding; a large body streams."""
LARGE_SHARE = 0.1


async def ask_until(stopping: Callable[[], bool], number: int, port: int, judge: Judge) -> None:
    """One client on one connection; ``number`` makes its requests its own, and the same in every run."""
    chance = random.Random(number)  # noqa: S311 - the same load each time is what is wanted
    client = Client(port)
    count = 0
    while not stopping():
        count += 1
        flow = chance.choice(FLOWS)
        id_ = f"{number}-{count}"
        padding = "." * (LARGE if chance.random() < LARGE_SHARE else SMALL)
        body = json.dumps({"id": id_, "padding": padding}).encode()
        sent = time.monotonic()
        try:
            answer = await client.ask(post(flow.path, body))
        except NoAnswer as error:
            judge.unanswered(Asked(flow, id_, body, sent, time.monotonic()), str(error))
            await asyncio.sleep(0.05)  # the engine is in trouble: a pause tells more than a flood
        else:
            judge.answered(Asked(flow, id_, body, sent, time.monotonic()), answer)
    client.close()
