from __future__ import annotations

import contextlib
import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Fault
from engine.expressions.freemarker.builtins import BUILT_INS, apply
from engine.expressions.freemarker.template import FreemarkerTemplate
from engine.expressions.freemarker.values import TemplateError

BODY = (
    b'{"s":"Hello World","n":1234.5678,"i":7,"neg":-2.5,"xs":["b","a","C"],"o":{"k":1,"l":2},"t":true,'
    b'"rows":[{"v":2},{"v":1}]}'
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("payload.s?upper_case", "HELLO WORLD"),
        ("payload.s?upperCase", "HELLO WORLD"),
        ("payload.s?lower_case?cap_first", "Hello world"),
        ("'ab cD'?capitalize", "Ab Cd"),
        ("'AB'?uncap_first", "aB"),
        ("' x '?trim + '|'", "x|"),
        ("payload.s?length", "11"),
        ("payload.s?contains('World')", "true"),
        ("payload.s?starts_with('W')", "false"),
        ("payload.s?ends_with('d')", "true"),
        ("payload.s?index_of('o')", "4"),
        ("payload.s?last_index_of('o')", "7"),
        ("payload.s?keep_before(' ')", "Hello"),
        ("payload.s?keep_after(' ')", "World"),
        ("payload.s?remove_beginning('Hello ')", "World"),
        ("payload.s?replace('l', 'L')", "HeLLo WorLd"),
        ("payload.s?replace('l', 'L', 'f')", "HeLlo World"),
        ("payload.s?replace('(l+)', '<$1>', 'r')", "He<ll>o Wor<l>d"),
        ("payload.s?split(' ')?join('-')", "Hello-World"),
        ("payload.s?matches('H.*d')", "true"),
        ("payload.s?substring(6)", "World"),
        ("payload.s?substring(0, 5)", "Hello"),
        ("payload.s[0..4]", "Hello"),
        ("payload.s[0]", "H"),
        ("'7'?left_pad(3, '0')", "007"),
        ("'7'?right_pad(3) + '|'", "7  |"),
        (r"""'a"\n<'?json_string""", r"a\"\n<"),
        ("'<a>&'?xml", "&lt;a&gt;&amp;"),
        ("'<a>'?html", "&lt;a&gt;"),
        ("'a b/c'?url", "a%20b%2Fc"),
        ("'a b/c'?url_path", "a%20b/c"),
        ("'12.50'?number + 1", "13.5"),
        ("'true'?boolean", "true"),
        ("payload.t?string('yes', 'no')", "yes"),
        ("payload.t?c", "true"),
        ("payload.t?then('a', 'b')", "a"),
        ("payload.n", "1,234.568"),
        ("payload.n?c", "1234.5678"),
        ("payload.n?string('0.00')", "1234.57"),
        ("payload.n?string('#,##0.0#')", "1,234.57"),
        ("payload.n?string('computer')", "1234.5678"),
        ("payload.i?string('000')", "007"),
        ("0.256?string('0.#%')", "25.6%"),
        ("0.256?string('percent')", "26%"),
        ("1000000?string", "1,000,000"),
        ("payload.neg?abs", "2.5"),
        ("payload.neg?round", "-2"),
        ("payload.neg?floor", "-3"),
        ("payload.neg?ceiling", "-2"),
        ("payload.neg?int", "-2"),
        ("payload.xs?size", "3"),
        ("payload.xs?first + payload.xs?last", "bC"),
        ("payload.xs?join(', ')", "b, a, C"),
        ("[]?join(', ', 'none')", "none"),
        ("payload.xs?sort?join('')", "abC"),
        ("payload.xs?reverse?join('')", "Cab"),
        ("payload.rows?sort_by('v')?first.v", "1"),
        ("payload.xs?seq_contains('a')", "true"),
        ("payload.xs?seq_index_of('z')", "-1"),
        ("[3, 1, 2]?max", "3"),
        ("[3, 1, 2]?min", "1"),
        ("payload.o?keys?join(',')", "k,l"),
        ("payload.o?values?join(',')", "1,2"),
        ("payload.o?size", "2"),
        ("payload.xs?has_content && !payload.none?has_content", "true"),
        ("payload.i?is_number && payload.s?is_string && payload.xs?is_sequence && payload.o?is_hash", "true"),
        ("'{\"a\":[5]}'?eval_json.a[0]", "5"),
        (".now?string('yyyy')", str(datetime.now().year)),
    ],
)
def test_built_ins(make_message: Any, expression: str, expected: str) -> None:
    assert FreemarkerTemplate(f"${{{expression}}}").render(make_message(BODY, "application/json")) == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("payload.i?upper_case", "a value is not a text"),
        ("payload.s?abs", "a text is not a number"),
        ("payload.s?number", "the text is not a number"),
        ("payload.s?boolean", "is neither true nor false"),
        ("payload.s?substring(99)", "outside a text of 11 characters"),
        ("payload.s?left_pad(999999999)", "the width of the padding is too large"),
        ("payload.s?replace('(', '', 'r')", "not a regular expression"),
        ("payload.xs?keys", "?keys and ?values need a hash"),
        ("payload.none?size", "there is no 'none'"),
        ("payload.s?eval_json", "?eval_json: not JSON"),
        ("payload.i?string('#.#.0')", "is not a number pattern"),
        ("[1, {}]?sort?size", "only texts and numbers can be sorted"),
        (".now?string('qq')", "is not a date pattern"),
    ],
)
def test_what_a_built_in_does_not_take(make_message: Any, expression: str, message: str) -> None:
    with pytest.raises(Fault, match=re.escape(message)):
        FreemarkerTemplate(f"${{{expression}}}").render(make_message(BODY, "application/json"))


VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)),
    max_leaves=6,
)


@given(name=st.sampled_from(sorted(BUILT_INS)), value=VALUES, arguments=st.lists(VALUES, min_size=3, max_size=3))
def test_no_value_breaks_a_built_in(name: str, value: Any, arguments: list[Any]) -> None:
    count = BUILT_INS[name].arguments[1]
    with contextlib.suppress(TemplateError):
        apply(name, value, *arguments[:count])
