"""Saxon, for XSLT 2.0 and 3.0 and for XQuery: the extra ``saxon``, imported when the first flow needs it.

Its library runs in one thread of its own. It reads and writes no file and asks no network.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

from engine.errors import Fault
from engine.mediators._stylesheet import Output, text_output
from engine.message.codecs import xml
from engine.message.codecs.errors import DecodeError

T = TypeVar("T")

HINT = "pip install 'myelin[saxon]'"
"""How to get it."""

_SETTINGS = {
    "http://saxon.sf.net/feature/allowedProtocols": "none",
    "http://saxon.sf.net/feature/allow-external-functions": "false",
}
_DECLARATION = re.compile(r"^<\?xml[^>]*\?>\s*")


def is_installed() -> bool:
    return importlib.util.find_spec("saxonche") is not None


def run(work: Callable[[Any], T]) -> T:
    """``work(processor)`` in the thread of the library; waits for it. Raises Fault when the extra is not installed."""
    if not is_installed():
        raise Fault(f"XSLT 2.0, 3.0 and XQuery need Saxon: {HINT}")
    return _thread().submit(lambda: work(_processor())).result()


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="saxon")


@cache
def _processor() -> Any:
    # A module in C without type stubs.
    processor: Any = importlib.import_module("saxonche").PySaxonProcessor(license=False)
    for name, value in _SETTINGS.items():
        processor.set_configuration_property(name, value)
    return processor


def message_of(error: Exception) -> str:
    """The first sentence of Saxon's message, without the line breaks in it."""
    return " ".join(str(error).split())[:500]


class SaxonStylesheet:
    """A compiled stylesheet. A result that is no XML is text, whatever the output method."""

    is_slow = True

    def __init__(self, source: bytes) -> None:
        self._executable: Any = run(lambda processor: _compiled(processor, source.decode()))

    def transform(self, source: xml.Element, parameters: Mapping[str, str]) -> Output:
        document = xml.text_of(source)
        result = run(lambda processor: self._transformed(processor, document, parameters))
        try:
            return Output(xml.decode_text(_DECLARATION.sub("", result)), lambda: result)
        except DecodeError:
            return text_output(result)

    def _transformed(self, processor: Any, document: str, parameters: Mapping[str, str]) -> str:
        executable = self._executable.clone()
        for name, value in parameters.items():
            executable.set_parameter(name, processor.make_string_value(value))
        try:
            return str(executable.transform_to_string(xdm_node=processor.parse_xml(xml_text=document)) or "")
        except Exception as error:
            raise Fault(f"the transformation failed: {message_of(error)}") from None


def _compiled(processor: Any, source: str) -> Any:
    try:
        return processor.new_xslt30_processor().compile_stylesheet(stylesheet_text=source)
    except Exception as error:
        raise Fault(f"the stylesheet cannot be compiled: {message_of(error)}") from None
