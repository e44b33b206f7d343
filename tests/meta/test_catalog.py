"""Rules for whatever is declared: documented, exemplified, found under its file's name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.declare.convert import CONVERTERS
from engine.declare.spec import SYNAPSE, FieldSpec, Requires, Spec
from engine.deploy import loader
from engine.deploy.loader import LoadedFile, Stamp
from engine.runtime.catalog import installed, language
from engine.source import Source
from engine.testing.harness import Harness

DECLARED = list(language())
SHIPPED = [spec for spec in installed()[0] if "." in spec.tag]


def label(spec: Spec) -> str:
    return f"{spec.kinds[0]}-{spec.tag}"


def all_fields(spec: Spec) -> Iterator[FieldSpec]:
    """The fields of an element and of the parts inside of it."""
    for each in spec.fields:
        yield each
        if each.item is not None:
            yield from all_fields(each.item)


def wrapped(spec: Spec) -> str:
    """The example as an artifact file: what is no artifact stands where it belongs."""
    example = spec.example
    if "artifact" not in spec.kinds and "mediator" in spec.kinds:
        example = f'<sequence name="example">{example}</sequence>'
    return f'<definitions xmlns="{SYNAPSE}">{example}</definitions>'


def test_there_is_something_to_look_at() -> None:
    assert {spec.kinds[0] for spec in DECLARED} >= {"mediator", "artifact"}
    assert [spec.tag for spec in SHIPPED if spec.tag.startswith("gotowebinar.")]
    assert len(installed()[1]) == 0


@pytest.mark.parametrize("spec", [*DECLARED, *SHIPPED], ids=label)
def test_summary_and_fields_are_documented(spec: Spec) -> None:
    assert spec.summary.endswith(".")
    undocumented = [each.attribute for each in all_fields(spec) if not each.doc.strip()]
    assert undocumented == []


@pytest.mark.parametrize("spec", DECLARED, ids=label)
def test_every_type_has_a_conversion(spec: Spec) -> None:
    converted = [each for each in all_fields(spec) if each.kind in ("attribute", "text", "child-text", "parameter")]
    assert [each.attribute for each in converted if not each.choices and each.type not in CONVERTERS] == []


@pytest.mark.parametrize("spec", DECLARED, ids=label)
def test_rules_name_declared_fields(spec: Spec) -> None:
    declared = {name for each in spec.fields for name in (each.name, each.attribute)}
    for rule in spec.rules:
        named = {rule.field, *rule.needs} if isinstance(rule, Requires) else set(rule.fields)
        assert named <= declared


@pytest.mark.parametrize("spec", DECLARED, ids=label)
def test_the_example_loads_without_a_problem(spec: Spec) -> None:
    assert spec.example, "the docstring of the class has no Example::"
    assert f"<{spec.tag}" in spec.example
    file = LoadedFile("example.xml", Stamp(0, 0))
    for each in Source("example.xml", wrapped(spec).encode()).parse().children:
        loader.build(each, language(), file)
    assert [str(problem) for problem in file.problems if problem.code != "no-effect"] == []
    assert file.artifacts


@pytest.mark.parametrize("spec", [each for each in DECLARED if "artifact" not in each.kinds], ids=label)
def test_the_example_loads_in_the_harness(spec: Spec) -> None:
    if "mediator" in spec.kinds:
        assert Harness().steps(spec.example)
    else:
        assert Harness(f'<endpoint name="example">{spec.example}</endpoint>' if "<endpoint" not in spec.example else "")


@pytest.mark.parametrize("spec", [each for each in DECLARED if inspect.isclass(each.construct)], ids=label)
def test_the_file_is_named_after_the_tag(spec: Spec) -> None:
    module = inspect.getmodule(spec.construct)
    assert module is not None
    assert module.__file__ is not None
    # A capital begins a word, and so do several: fastXSLT is fast_xslt.
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", spec.tag.replace("-", "_")).lower()
    # Python's keywords have an underscore: in_.py.
    assert Path(module.__file__).stem.rstrip("_") == name
