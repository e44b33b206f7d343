from __future__ import annotations

from typing import Any, ClassVar

import pytest

from engine.core.java_class import JavaClass, java_class, registered, registered_names
from engine.testing.harness import Harness


class Example(JavaClass):
    limit: ClassVar[int] = 3
    name: str = "x"
    count: int = 0
    other: Any = None
    _hidden: str = ""


def test_attributes_are_what_properties_may_set() -> None:
    assert Example.attributes() == {"name": str, "count": int, "other": Any}


def test_registering() -> None:
    java_class("org.example.test.One", "org.example.test.Other")(Example)
    assert registered("org.example.test.One") is registered("org.example.test.Other") is Example
    assert "org.example.test.One" in registered_names()
    assert registered("org.example.test.None") is None


def test_a_class_without_a_method_says_so() -> None:
    with pytest.raises(NotImplementedError):
        JavaClass().mediate(Harness().message())
