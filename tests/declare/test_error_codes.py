from __future__ import annotations

import pytest

from engine.declare.error_codes import ERROR_CODES, ErrorCodeDoc
from engine.errors import ErrorCode
from engine.testing.harness import Harness


def test_every_code_is_documented_in_order() -> None:
    codes = [value for name, value in vars(ErrorCode).items() if name.isupper()]
    assert [each.code for each in ERROR_CODES] == sorted(codes)


@pytest.mark.parametrize("each", ERROR_CODES, ids=lambda each: each.name)
def test_texts_and_examples(each: ErrorCodeDoc) -> None:
    assert each.meaning.endswith(".")
    assert each.remedy.endswith(".")
    assert Harness().steps(each.example)
