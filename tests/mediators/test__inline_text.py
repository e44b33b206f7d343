from __future__ import annotations

import pytest

from engine.declare.convert import Unacceptable
from engine.mediators._inline_text import InlineText
from engine.testing.harness import Harness


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ('{"a": 1, "b": {"c": []}}', '{"a": 1, "b": {"c": []}}'),
        ('{"a": {json-eval($.n)}}', '{"a": 5}'),
        ('{"a": {json-eval($.s)}}', '{"a": "x\\"y"}'),
        ('{"a": {json-eval($.none)}}', '{"a": ""}'),
        ('{"a": "{$ctx:p}"}', '{"a": "é"}'),
        ("{$ctx:x}", "<a/>"),
        ("<b>{get-property('x')}</b>", "<b><a/></b>"),
        ("{$ctx:p}{$ctx:p}", '"é""é"'),
    ],
)
def test_rendering(text: str, rendered: str) -> None:
    message = Harness().message(b'{"n": 5, "s": "x\\"y"}')
    message.properties.update(p="é", x="<a/>")
    inline = InlineText(text)
    assert inline.render(message) == rendered
    assert inline.is_static is (text == rendered)


def test_an_expression_that_is_none() -> None:
    with pytest.raises(Unacceptable):
        InlineText("{json-eval($[)}")
