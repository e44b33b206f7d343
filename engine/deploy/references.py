"""Values that stand outside of the flows: the environment, the file of properties, the secrets.

``${env:NAME}`` and, as a whole value's beginning, ``$SYSTEM:NAME`` are environment variables, ``${file:NAME}`` and
``$FILE:NAME`` lines of the file of properties, ``$secret{alias}`` is a secret. They may stand in every attribute and
text of an artifact, and are replaced when it is loaded.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Mapping

from engine.core.redaction import SECRETS, is_secret
from engine.declare.convert import Unacceptable
from engine.errors import Fault, Problems, Where
from engine.source import Element

_REFERENCE = re.compile(
    r"\$\{(?P<kind>env|file):(?P<name>[A-Za-z_][\w.-]*)\}"
    r"|\$secret\{(?P<alias>[^{}]{1,128})\}"
    r"|\A\s*\$(?P<old>SYSTEM|FILE):(?P<old_name>\w+)"
)

Missing = Callable[[Unacceptable], object]
"""Told of a reference that leads to nothing."""


class References:
    """Looks values up. ``secret`` and ``settings`` are those of the process."""

    def __init__(self, secret: Callable[[str], str | None], settings: Mapping[str, str]) -> None:
        self._secret = secret
        self._settings = settings

    def resolve(self, root: Element, problems: Problems) -> bool:
        """Replace them in a tree, also where its elements are read as XML later. What is missing is a problem.

        Gives whether there are any to secrets, whose file may change while the tree's own does not.
        """
        data = root.source.data
        if b"$" not in data:
            return False
        self._resolve_element(root, problems)
        root.source.substitute = self.text
        return b"$secret{" in data

    def text(self, text: str, missing: Missing = lambda _: None) -> str:
        """A text with its references replaced; those to nothing stay."""
        if "$" not in text:
            return text
        return _REFERENCE.sub(lambda match: self._value(match, missing), text)

    def _resolve_element(self, element: Element, problems: Problems) -> None:
        for name, value in element.attributes.items():
            places = _Places(problems, functools.partial(element.where_attribute, name))
            element.attributes[name] = self.text(value, places.missing)
        element.text = self.text(element.text, _Places(problems, element.where_text).missing)
        for child in element.children:
            self._resolve_element(child, problems)

    def _value(self, match: re.Match[str], missing: Missing) -> str:
        alias = match["alias"]
        if alias is not None:
            return self._secret_of(alias, match, missing)
        name = match["name"] or match["old_name"]
        in_environment = match["kind"] == "env" or match["old"] == "SYSTEM"
        value = (os.environ if in_environment else self._settings).get(name)
        if value is None:
            if in_environment:
                message, hint = f"The environment variable '{name}' is not set.", "Set it."
            else:
                message = f"There is no property '{name}'."
                hint = "Add it to the file that 'properties_file' in myelin.yaml names."
            missing(Unacceptable(message, code="unknown-variable", offset=match.start(), hint=hint))
            return match[0]
        if is_secret(name):
            SECRETS.add(value)
        return value

    def _secret_of(self, alias: str, match: re.Match[str], missing: Missing) -> str:
        try:
            value = self._secret(alias)
            message, hint = f"There is no secret '{alias}'.", f"Set it with: myelin secret set {alias}"
        except Fault as fault:
            value, message, hint = None, f"The secret '{alias}' cannot be read: {fault.message}.", ""
        if value is None:
            missing(Unacceptable(message, code="unknown-secret", offset=match.start(), hint=hint))
            return match[0]
        return value


class _Places:
    """Turns what is missing into problems with their places."""

    def __init__(self, problems: Problems, where: Callable[[int], Where]) -> None:
        self._problems = problems
        self._where = where

    def missing(self, error: Unacceptable) -> None:
        self._problems.error(error.code, self._where(error.offset), error.message, error.hint)
