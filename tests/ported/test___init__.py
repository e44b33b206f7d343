from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from engine.ported import find, load_folder

CODE = """
from engine.api import JavaClass, MessageContext, java_class

@java_class("org.example.folder.Hello")
class Hello(JavaClass):
    who: str = "world"

    def mediate(self, message: MessageContext) -> None:
        message.properties["hello"] = self.who
"""


def test_ports_are_found_by_their_java_names() -> None:
    found = find("org.wso2.carbon.connector.twitter.RemoveTwitterContext")
    assert found is not None
    assert found.__name__ == "RemoveTwitterContext"
    assert find("org.example.None") is None


def test_a_folder_of_classes(tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text(CODE)
    load_folder(tmp_path)
    assert find("org.example.folder.Hello") is not None


@pytest.mark.parametrize(("code", "text"), [("1 / 0", "ZeroDivisionError"), ("x = (", "SyntaxError")])
def test_a_file_that_fails_says_so(tmp_path: Path, code: str, text: str) -> None:
    (tmp_path / "bad.py").write_text(code)
    with pytest.raises(ConfigurationError, match=text):
        load_folder(tmp_path)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no folder"):
        load_folder(tmp_path / "none")
