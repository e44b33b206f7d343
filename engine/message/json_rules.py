"""How XML and JSON become each other: Synapse's settings under Synapse's names (``synapse.commons.json.*``).

The defaults keep whatever can be kept. The names are those of ``synapse.properties``; a configuration gives them under
``payload:``, and ``<jsontransform>`` as properties.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import did_you_mean
from engine.message.pattern import Pattern, compile_pattern


@dataclass(frozen=True, slots=True)
class JsonRules:
    """The settings, by what they do."""

    keep_namespaces: bool = False
    """XML to JSON: ``<p:a>`` is ``p_a``, not ``a``."""
    namespace_separator: str = "_"
    """What stands between prefix and name then."""
    namespace_declarations: bool = False
    """XML to JSON, with keep_namespaces: ``xmlns:p="u"`` is ``"@xmlns_p": "u"``."""
    primitives: bool = True
    """XML to JSON: text that reads as true, false, null or a number loses its quotes."""
    keep_text: Pattern | None = None
    """XML to JSON: text that matches as a whole stays text."""
    replace_text: Pattern | None = None
    """XML to JSON: text that begins with a match stays text, and the match is replaced by ``replacement``."""
    replacement: str = ""
    empty_is_null: bool = True
    """XML to JSON: an empty element is null, else ``""``."""
    nil: bool = False
    """Null is an element with ``nil="true"``, both ways; an empty element need not be null then."""
    read_instructions: bool = True
    """XML to JSON: ``<?xml-multiple name?>`` begins an array."""
    write_instructions: bool = False
    """JSON to XML: arrays begin with ``<?xml-multiple name?>``, so that arrays of none and one come back."""


def rules_from(properties: Mapping[str, Any], base: JsonRules | None = None) -> JsonRules:
    """``base`` with the settings that ``properties`` names.

    Raises ValueError, with a sentence for people, for a name that is none of Synapse's and for a bad value.
    """
    changes: dict[str, Any] = {}
    for name, value in properties.items():
        setting = _SETTINGS.get(name)
        if setting is None:
            raise ValueError(f"there is no payload setting '{name}'. {nearest_setting(name)}".rstrip())
        field, convert = setting
        try:
            converted = convert(value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        if field not in _WITHOUT_EFFECT:
            changes[field] = converted
    return dataclasses.replace(base or active(), **changes)


def is_setting(name: str) -> bool:
    """Whether Synapse has a setting of this name."""
    return name in _SETTINGS


def nearest_setting(name: str) -> str:
    """A hint with the setting that may have been meant, or an empty string."""
    return did_you_mean(name, _SETTINGS)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).strip().lower() not in ("true", "false"):
        raise ValueError(f"expected true or false, found {value!r}")
    return str(value).strip().lower() == "true"


def _opposite(value: Any) -> bool:
    return not _boolean(value)


def _regex(value: Any) -> Pattern:
    try:
        return compile_pattern(str(value))
    except re.error as error:
        raise ValueError(f"{value!r} is not a regular expression: {error.msg}") from None


def _character(value: Any) -> str:
    text = str(value).strip()
    if not text:
        raise ValueError("expected a character")
    return text[0]


def _only_true(value: Any) -> bool:
    if not _boolean(value):
        raise ValueError("arrays of repeated elements cannot be turned off, for JSON objects have one value a name")
    return True


_JSON = "synapse.commons.json."
_SETTINGS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    f"{_JSON}preserve.namespace": ("keep_namespaces", _boolean),
    "synapse.preserve_namespace_on_xml_to_json": ("keep_namespaces", _boolean),
    f"{_JSON}output.namespaceSepChar": ("namespace_separator", _character),
    f"{_JSON}output.enableNSDeclarations": ("namespace_declarations", _boolean),
    f"{_JSON}output.autoPrimitive": ("primitives", _boolean),
    f"{_JSON}output.disableAutoPrimitive.regex": ("keep_text", _regex),
    # The reference has "json" twice in these two; its documentation has it once.
    f"{_JSON}json.output.disableAutoPrimitive.customReplaceRegex": ("replace_text", _regex),
    f"{_JSON}output.disableAutoPrimitive.customReplaceRegex": ("replace_text", _regex),
    f"{_JSON}json.output.disableAutoPrimitive.customReplaceSequence": ("replacement", str),
    f"{_JSON}output.disableAutoPrimitive.customReplaceSequence": ("replacement", str),
    "synapse.commons.enableXmlNullForEmptyElement": ("empty_is_null", _boolean),
    f"{_JSON}output.emptyXmlElemToEmptyStr": ("empty_is_null", _opposite),
    "synapse.commons.enableXmlNilReadWrite": ("nil", _boolean),
    f"{_JSON}output.jsonoutMultiplePI": ("read_instructions", _boolean),
    "synapse.json.to.xml.processing.instruction.enabled": ("write_instructions", _boolean),
    f"{_JSON}output.xmloutMultiplePI": ("write_instructions", _boolean),
    f"{_JSON}output.jsonoutAutoArray": ("read_arrays", _only_true),
    f"{_JSON}output.xmloutAutoArray": ("read_arrays", _only_true),
    # Names that XML does not allow are always made valid, and restored.
    f"{_JSON}buildValidNCNames": ("valid_names", _boolean),
}
_WITHOUT_EFFECT = frozenset({"read_arrays", "valid_names"})

_active = JsonRules()


def active() -> JsonRules:
    """The rules of this process."""
    return _active


def use(rules: JsonRules) -> None:
    """Set the rules of this process; the runtime does so once, from its configuration."""
    global _active
    _active = rules
