from __future__ import annotations

import pytest

from engine.expressions.base import ExpressionError
from engine.expressions.xpath_atoms import Concat, Constant, Read
from engine.expressions.xpath_grammar import MAX_DEPTH, analyse

NAMESPACES = {"soapenv": "urn:soap", "m": "urn:m"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$ctx:a", False),
        ("$ctx:a = 'b' and not($trp:c)", False),
        ("string-length($func:a) > 3", False),
        ("get-property('a')", False),
        ("get-property('axis2', 'HTTP_SC') = 200", False),
        ("get-property('To')", False),
        ("get-property('FAULT')", True),
        ("get-property('MessageID')", True),
        ("get-property('transport', 'Action')", False),
        ("get-property($ctx:name)", True),
        ("$ctx:xml/a[b = 'c']//@d", False),
        ("($ctx:xml)[1]/a", False),
        ("$ctx:xml[//a]", False),
        ("$ctx:xml[$body/a]", True),
        ("$ctx:a | //b", True),
        ("$ctx:a[1] = b", True),
        ("1 + 2", False),
        ("true()", False),
        ("string()", True),
        ("name()", True),
        ("string('a')", False),
        ("$body/a", True),
        ("$env", True),
        ("//a", True),
        ("/", True),
        (".", True),
        ("@a", True),
        ("count(a)", True),
    ],
)
def test_reads_body(text: str, expected: bool) -> None:
    assert analyse(text, NAMESPACES).reads_body is expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("$ctx:a", Read),
        ("($ctx:a)", Read),
        ("'x'", Constant),
        ("get-property('a')", Read),
        ("fn:get-property('axis2', 'a')", Read),
        ("concat('a', $ctx:b)", Concat),
        ("fn:concat('a', concat($ctx:b, 'c'))", Concat),
        ("concat('a', 1)", None),
        ("concat('a', $ctx:b = 'c')", None),
        ("$ctx:a = 'b'", None),
        ("-$ctx:a", None),
        ("$ctx:a[1]", None),
        ("$ctx:a/b", None),
        ("get-property($ctx:a)", None),
    ],
)
def test_simple_expressions_need_no_xpath_engine(text: str, kind: type | None) -> None:
    atom = analyse(text, NAMESPACES).atom
    assert (type(atom) if atom is not None else None) is kind


@pytest.mark.parametrize(
    "text",
    [
        "/soapenv:Envelope/soapenv:Body/*[1]",
        "descendant-or-self::node()/child::text()",
        "a div b mod c * d - -e",
        "div div div",
        "and and or",
        "*[position() = last()]/..",
        "processing-instruction('x') | comment()",
        "xml:lang",
        "@*",
        "@m:*",
        "//a[.//b]/@c",
        "(//a)[1]/b",
        "sum(//a) >= number('3')",
    ],
)
def test_the_whole_grammar_is_accepted(text: str) -> None:
    analyse(text, NAMESPACES)


REFUSED_DOCUMENT = "An expression reads no files and no addresses; keep the document in a local entry or the registry."


@pytest.mark.parametrize(
    ("text", "offset", "message", "hint"),
    [
        ("", 0, "the expression ends where a value or a path must follow", ""),
        ("$ctx:a = ", 9, "the expression ends where a value", ""),
        ("$ctx:a = = 1", 9, "'=' stands where a value", ""),
        ("$ctx:a 'b'", 7, "''b'' stands where an operator", ""),
        ("concat('a', $ctx:b", 18, "the expression ends where ')'", ""),
        ("a[1", 3, "the expression ends where ']'", ""),
        ("a/", 2, "the expression ends where the name of a node", ""),
        ("a//1", 3, "'1' stands where the name of a node", ""),
        ("a/b(1)", 2, "the function b() cannot be a step", ""),
        ("1 + lowercase('a')", 4, "there is no function lowercase()", "Did you mean 'lower-case'?"),
        ("base64encode('a')", 0, "there is no function base64encode()", "Did you mean 'base64Encode'?"),
        ("document('a.xml')", 0, "document() is not supported", REFUSED_DOCUMENT),
        ("fn:concat('a')", 0, "concat() takes at least 2 arguments, not 1", ""),
        ("not()", 0, "not() takes 1 argument, not 0", ""),
        ("base64Encode()", 0, "takes 1 to 2 arguments, not 0", "For example base64Encode('user:secret')."),
        ("1 = $cxt:a", 4, "there is no variable prefix 'cxt'", "Did you mean 'ctx'?"),
        ("$system:a", 0, "there is no variable prefix 'system'", "Did you mean 'sys'?"),
        ("$boddy/a", 0, "there is no variable $boddy", "Did you mean 'body'?"),
        ("$webinarKey", 0, "there is no variable $webinarKey", "A property is written $ctx:webinarKey."),
        ("//a/soap:b", 4, "the namespace prefix 'soap' is not declared", "Did you mean 'soapenv'?"),
        ("x:b", 0, "the namespace prefix 'x' is not declared", 'Add xmlns:x="…".'),
        ("chlid::a", 0, "'chlid' is not an axis", "Did you mean 'child'?"),
        ("get-property('SYSTEM_DATE', 'qq')", 0, "'qq' is not a date pattern", ""),
    ],
)
def test_errors_have_exact_offsets_and_hints(text: str, offset: int, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        analyse(text, NAMESPACES)
    assert message in caught.value.message
    assert (caught.value.offset, caught.value.hint) == (offset, hint)


def test_any_other_prefix_may_be_a_property_that_holds_a_map() -> None:
    assert isinstance(analyse("$webinar:key", {}).atom, Read)


def test_nesting_is_bounded() -> None:
    analyse("(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1), {})
    with pytest.raises(ExpressionError, match="nested deeper") as caught:
        analyse("(" * 5000, {})
    assert caught.value.offset == MAX_DEPTH
