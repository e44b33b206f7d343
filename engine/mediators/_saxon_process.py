"""The program of Saxon's processes: a request on each line of its input, an answer on each line of its output, in JSON.

It imports nothing of the engine, and ends with its input. A request that takes longer than its ``seconds`` ends the
process by the signal SIGALRM: the library can neither be interrupted nor does it let other Python code run.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

_SETTINGS = {
    "http://saxon.sf.net/feature/allowedProtocols": "none",
    "http://saxon.sf.net/feature/allow-external-functions": "false",
}
_COMPILED = 64
"""Stylesheets that stay compiled."""
_SAID = 2_000
"""Bytes of what the library printed for one request that are told."""
_PRINTED = 1024 * 1024
"""Bytes that it may print; what is more is lost."""


def answer_to(request: Mapping[str, Any]) -> dict[str, Any]:
    """``{"result": …}``, or ``{"error": TEXT}``."""
    try:
        return {"result": (_query if "query" in request else _transform)(request)}
    except _FailedError as error:
        return {"error": str(error)}


class _FailedError(Exception):
    """A request came to nothing; the text says why."""


@contextlib.contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # the library's errors have no common class
        raise _FailedError(f"{what}: {' '.join(str(error).split())[:500]}") from None


def _transform(request: Mapping[str, Any]) -> str:
    """The result of a ``stylesheet`` for a ``document``, as text."""
    with _explained("the stylesheet cannot be compiled"):
        executable = _stylesheet(request["stylesheet"]).clone()
    with _explained("the transformation failed"):
        for name, value in request["parameters"].items():
            executable.set_parameter(name, _processor().make_string_value(value))
        return str(executable.transform_to_string(xdm_node=_processor().parse_xml(xml_text=request["document"])) or "")


def _query(request: Mapping[str, Any]) -> dict[str, Any] | None:
    """The first item of the result of a ``query``: ``{"node": TEXT}``, ``{"double": NUMBER}`` or ``{"text": TEXT}``."""
    with _explained("the query failed"):
        runner = _processor().new_xquery_processor()
        for name, (type_, value) in request["arguments"].items():
            runner.set_parameter(name, _value(type_, value))
        runner.set_query_content(request["query"])
        result = runner.run_query_to_value()
        item = result.item_at(0) if result is not None and result.size else None
        if item is None:
            return None
        if item.is_node:
            return {"node": str(item)}
        if str(item.primitive_type_name).endswith("}double"):
            return {"double": item.double_value}
        return {"text": str(item.string_value)}


def _value(type_: str, value: Any) -> Any:
    processor = _processor()
    match type_:
        case "BOOLEAN":
            return processor.make_boolean_value(value)
        case "DOUBLE":
            return processor.make_double_value(value)
        case "FLOAT":
            return processor.make_float_value(value)
        case "BYTE" | "SHORT":
            return processor.make_atomic_value(type_.lower(), str(value))
        case "LONG":
            return processor.make_long_value(value)
        case "STRING":
            return processor.make_string_value(value)
        case "DOCUMENT":
            return processor.parse_xml(xml_text=value)
    return processor.make_integer_value(value)


@functools.cache
def _processor() -> Any:
    # A module in C without type stubs.
    processor: Any = importlib.import_module("saxonche").PySaxonProcessor(license=False)
    for name, value in _SETTINGS.items():
        processor.set_configuration_property(name, value)
    return processor


@functools.lru_cache(_COMPILED)
def _stylesheet(source: str) -> Any:
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_text=source)


def _said(printed: IO[bytes]) -> str:
    """What the library printed since the last time."""
    printed.seek(0)
    text = printed.read(_SAID).decode("utf-8", "replace")
    printed.seek(0)
    printed.truncate()
    return text.strip()


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (_PRINTED, _PRINTED))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryFile() as printed:
        os.dup2(printed.fileno(), 1)
        os.dup2(printed.fileno(), 2)
        _processor()
        for line in sys.stdin.buffer:
            request = json.loads(line)
            signal.setitimer(signal.ITIMER_REAL, request["seconds"])
            answer = answer_to(request)
            signal.setitimer(signal.ITIMER_REAL, 0)
            answers.write(json.dumps(answer | {"said": _said(printed)}).encode() + b"\n")
            answers.flush()


if __name__ == "__main__":
    main()
