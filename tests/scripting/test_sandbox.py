from __future__ import annotations

import asyncio
import contextlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engine.core.env import ScriptLimits
from engine.scripting import sandbox
from engine.scripting.sandbox import Program, ScriptError

LIMITS = ScriptLimits(time=0.3, memory=16, stack=256)


def run(source: str, *, function: str | None = None, args: list[Any] | None = None, **given: Any) -> dict[str, Any]:
    program = Program(sandbox.prepared(source), function, changes_prototypes=sandbox.names_prototypes(source))
    call = json.dumps({"given": given, "args": args or [], "keep": True})
    return sandbox.run(program, call, LIMITS, LIMITS.time)


def value(source: str, **given: Any) -> Any:
    return run(source, **given)["value"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("for (;;);", "longer than 0.3 seconds"),
        ("while (true) { try { for (;;); } catch (e) {} }", "longer than 0.3 seconds"),
        ("/^(a+)+$/.test('a'.repeat(40) + 'b')", "longer than 0.3 seconds"),
        ("var a = []; for (;;) a.push('x'.repeat(1000) + a.length)", "more than 16 MB"),
        ("'x'.repeat(100000000)", "more than 16 MB"),
        ("new Array(100000000).fill(0)", "more than 16 MB"),
        ("(function f() { f(); })()", "too deeply"),
    ],
)
def test_limits_end_a_script_and_the_next_one_runs(source: str, message: str) -> None:
    with pytest.raises(ScriptError, match=message):
        run(source)
    assert value("1 + 1") == 2


@pytest.mark.parametrize(
    "leak",
    [
        "var leaked = 1",
        "leaked = 1",
        "function leaked() {}",
        "globalThis.leaked = 1",
        "Object.defineProperty(globalThis, 'leaked', {value: 1})",
        "mc.leaked = 1; leaked = 1",
    ],
)
def test_nothing_is_left_for_the_next_message(leak: str) -> None:
    run(leak)
    assert value("typeof leaked + typeof mc.leaked + typeof globalThis.leaked") == "undefined" * 3


@pytest.mark.parametrize(
    "attack",
    [
        "JSON.parse = null",
        "Object.prototype.evil = 1",
        "Array['proto' + 'type'].push = null",
        "mc.__proto__.evil = 1; mc.__proto__.getProperty = null",
        "Date = null; JSON = null; Object = null; mc = null; eval = null",
        "delete globalThis.JSON",
        "Object.getPrototypeOf(function* () {}).evil = 1",
        "java.lang.String.evil = 1; java.util.Calendar.evil = 1; console.log = null",
        "Object.defineProperty(globalThis, 'JSON', {get() { throw 1; }, configurable: true})",
        "[][Symbol.iterator]().__proto__.next = null",
    ],
)
def test_what_is_shared_cannot_be_changed(attack: str) -> None:
    program = Program(attack)
    with contextlib.suppress(ScriptError):  # to be refused is as good
        sandbox.run(program, '{"given": {}, "args": [], "keep": true}', LIMITS, LIMITS.time)
    probe = (
        "[typeof JSON.parse, typeof ({}).evil, typeof [].push, typeof mc.getProperty, typeof Date, typeof console.log,"
        " typeof java.lang.String.evil, typeof mc.evil, [...[1]].length].join()"
    )
    assert value(probe) == "function,undefined,function,function,function,function,undefined,undefined,1"


def test_a_script_that_changes_prototypes_has_a_context_of_its_own() -> None:
    assert value("String.prototype.twice = function () { return this + this; }; 'a'.twice()") == "aa"
    assert value("typeof ''.twice") == "undefined"


def test_objects_may_have_members_named_like_those_of_a_prototype() -> None:
    source = "var o = {}; o.toString = function () { return 'mine'; }; o.constructor = 1; '' + o + o.constructor"
    assert value(source) == "mine1"


@pytest.mark.parametrize(
    "name", ["require", "process", "std", "os", "fetch", "XMLHttpRequest", "load", "importScripts", "__run", "__seal"]
)
def test_there_is_no_way_to_the_host(name: str) -> None:
    assert value(f"typeof {name}") == "undefined"


def test_a_context_is_replaced_after_many_runs() -> None:
    program = Program("1")
    for _ in range(2 * sandbox.RUNS_PER_CONTEXT):
        sandbox.run(program, '{"given":{},"args":[],"keep":false}', LIMITS, 1.0)
        context = sandbox._LOCAL.contexts.get(False)
        assert context is None or context.runs < sandbox.RUNS_PER_CONTEXT


def test_what_a_script_reads_and_was_not_given_is_asked_for() -> None:
    assert run("mc.getProperty('x')") == {"needs": [["property", "x"]]}
    assert run("try { mc.getPayloadJSON() } catch (e) {} 5") == {"needs": [["json"]]}
    assert value("mc.getProperty('x')", property={"x": "v"}) == "v"


def test_effects_come_in_the_order_of_the_script() -> None:
    source = "mc.setProperty('a', 1); mc.setProperty('b', 'x', 'axis2'); mc.setProperty('c', null); print('hi', {a: 1})"
    assert run(source)["effects"] == [
        ["set", "default", "a", 1],
        ["set", "axis2", "b", "x"],
        ["log", "info", 'hi {"a":1}'],
    ]


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("\n\nvar x = null;\nx.foo()", 4, "TypeError: cannot read property 'foo' of null"),
        ("throw new RangeError('no')", 1, "RangeError: no"),
        ("throw 'text'", 0, "Error: text"),
        ("throw {a: 1}", 0, 'Error: {"a":1}'),
        ("\njava.io.File('x')", 2, "java.io.File is Java"),
        ("new Packages.com.acme.Thing()", 1, "com.acme.Thing is Java"),
        ("\nfunction f() {\n  undefined_thing;\n}\nf()", 3, "undefined_thing is not defined"),
    ],
)
def test_errors_name_their_line(source: str, line: int, message: str) -> None:
    with pytest.raises(ScriptError, match=re.escape(message)) as caught:
        run(source)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("source", "line"), [("var a = ;", 1), ("\n\nurl + = 1;", 3), ("if (a {", 1), ("function f() { return 1;", 1)]
)
def test_mistakes_are_found_before_it_runs(source: str, line: int) -> None:
    with pytest.raises(ScriptError, match="SyntaxError") as caught:
        sandbox.prepared(source)
    assert caught.value.line == line


def test_a_script_may_return_at_its_top_level() -> None:
    assert value("if (true) { return 3; }") == 3


_PARSE = "new java.text.SimpleDateFormat(\"yyyy-MM-dd'T'HH:mm:ss.SSS'Z'\").parse('2015-03-01T04:05:06.007Z').getTime()"
_FORMAT = (
    "var f = new java.text.SimpleDateFormat('EEE dd MMM yy hh:mm a X');"
    "f.setTimeZone(java.util.TimeZone.getTimeZone('UTC')); f.format(new java.util.Date(0))"
)
_CALENDAR = (
    "var c = java.util.Calendar.getInstance(), C = java.util.Calendar;"
    "c.setTime(new java.text.SimpleDateFormat('yyyy-MM-dd').parse('2024-02-29')); c.add(C.DATE, 1);"
    "'' + c.get(C.MONTH) + c.get(C.DAY_OF_MONTH) + (c.get(C.DAY_OF_WEEK) == C.FRIDAY)"
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("new java.lang.String('a.b').replace('.', '-') + new java.lang.String('abc').length()", "a-b3"),
        ("'High'.equals('High') && 'x'.equalsIgnoreCase('X') && 'abc'.contains('b') && ''.isEmpty()", True),
        (f"{_PARSE} - new Date(2015, 2, 1, 4, 5, 6, 7).getTime()", 0),
        (_FORMAT, "Thu 01 Jan 70 12:00 AM Z"),
        ("new java.text.SimpleDateFormat('yyyy-MM-dd hh:mm:ss X').parse('1970-01-01 01:00:00 +01:00').getTime()", 0),
        (_CALENDAR, "21true"),
        ("java.lang.Integer.parseInt('42') + new java.lang.Long('3')", 45),
        ("String(new java.lang.Double(3))", "3.0"),
        ("/^[0-9a-f-]{36}$/.test(java.util.UUID.randomUUID().toString())", True),
        (
            "importPackage(Packages.org.apache.synapse.config); importClass(java.util.Date); new Entry('k').getKey()",
            "k",
        ),
        ("typeof java.util.Date().getTime()", "number"),
        ("[{a: 1}].toSource()", '([{"a":1}])'),
    ],
)
def test_the_harmless_parts_of_java(source: str, expected: Any) -> None:
    assert value(source) == expected


def test_a_function_is_called_with_the_message_and_its_arguments() -> None:
    source = "var seen = 0; function f(mc, a, b) { seen++; return mc.getProperty('p') + a + b.c + seen; }"
    for _ in range(2):
        assert run(source, function="f", args=["x", {"c": 1}], property={"p": "v"})["value"] == "vx11"
    with pytest.raises(ScriptError, match="no function 'g'"):
        run(source, function="g")


async def test_the_event_loop_goes_on_while_a_script_runs_in_a_thread() -> None:
    loop = asyncio.get_running_loop()
    turns = 0
    with ThreadPoolExecutor(1) as threads:
        work = loop.run_in_executor(threads, run, "for (;;);")
        while not work.done():
            turns += 1
            await asyncio.sleep(0)
        with pytest.raises(ScriptError):
            await work
    assert turns > 100
