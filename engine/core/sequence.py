"""The one loop that runs mediators."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from collections.abc import Sequence as Steps

from engine.core.env import env_of
from engine.core.mediator import Mediator
from engine.errors import Fault
from engine.message.context import MessageContext

log = logging.getLogger("myelin.flow")


async def run(steps: Iterable[Mediator], message: MessageContext) -> bool:
    """Run the steps in order until one says False. Gives whether all of them ran.

    A body that is still a stream is read before the first step that looks into it. Whatever a step raises leaves as a
    Fault that knows where it began; an exception that is no Fault is an error of the engine or of a connector and is
    logged with its traceback.
    """
    step: Mediator | None = None
    if message.trace is not None:
        steps = message.trace.watched(steps)
    frames, rest = message.frames, iter(steps)
    frames.append(rest)
    try:
        for step in rest:
            if message.payload.pending and (step.reads_body or _has_lazy_parameters(message)):
                await message.payload.load(env_of(message).limits.buffered_body)
            if not await step.mediate(message):
                return False
    except Fault as fault:
        if not fault.path and step is not None:
            fault.path.append(place_of(step))
        raise
    except Exception as error:
        assert step is not None  # nothing but steps runs inside the loop
        log.exception("%s: unexpected error at %s", message.correlation_id, place_of(step))
        # The text may hold anything: it goes to the log and to the flow's own ERROR_DETAIL, not to the client.
        wrapped = Fault(f"unexpected {type(error).__name__}", detail=str(error))
        wrapped.path.append(place_of(step))
        raise wrapped from error
    finally:
        frames.pop()
    return True


def _has_lazy_parameters(message: MessageContext) -> bool:
    # ``{{//x}}`` looks into the body wherever ``$func:`` is read, and no step can know.
    return any(parameters.lazy for parameters in message.functions)


def place_of(step: Mediator) -> str:
    return f"{step.where} <{step.spec.tag}>"


async def run_named(label: str, steps: Steps[Mediator], message: MessageContext) -> bool:
    """``run``, with a name for the fault path (``sequence 'audit'``) and a bound on recursion."""
    if message.depth >= env_of(message).limits.depth:
        raise Fault(f"{label} is entered {message.depth} levels deep; does it call itself?")
    message.depth += 1
    try:
        return await run(steps, message)
    except Fault as fault:
        fault.path.append(label)
        raise
    finally:
        message.depth -= 1
