from __future__ import annotations

import pytest

from engine.core.extras import needs
from engine.declare.convert import Unacceptable


def test_a_library_that_is_there() -> None:
    needs("pytest", "pytest", "dev")


def test_a_library_that_is_not_there() -> None:
    with pytest.raises(Unacceptable) as raised:
        needs("no_such_module", "no-such-library", "extra")
    assert raised.value.message == "the library no-such-library is not installed."
    assert (raised.value.code, raised.value.hint) == ("unsupported", "Install it: pip install 'myelin[extra]'.")
