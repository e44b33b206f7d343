from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness


@pytest.mark.parametrize(
    ("to", "postfix", "address"),
    [("http://b/x", None, "http://b/x"), ("https://b", "/y?z=1", "https://b/y?z=1")],
)
def test_address_is_that_of_the_message(endpoint_type: Any, to: str, postfix: str | None, address: str) -> None:
    message = Harness().message()
    message.to = to
    message.axis2["REST_URL_POSTFIX"] = postfix
    assert endpoint_type("<default/>").address_for(message) == address


@pytest.mark.parametrize("to", [None, "", "/services/p", "b/x"])
def test_without_a_url_it_is_a_fault(endpoint_type: Any, to: str | None) -> None:
    message = Harness().message()
    message.to = to
    with pytest.raises(Fault) as raised:
        endpoint_type("<default/>").address_for(message)
    assert raised.value.message == "the message has no address to be sent to"
    assert raised.value.detail == "Name an endpoint, or set the header To to a URL before."


@pytest.mark.parametrize(("attribute", "content_type"), [("", None), ('format="soap11"', "text/xml")])
def test_format(endpoint_type: Any, attribute: str, content_type: str | None) -> None:
    message = Harness().message()
    default = endpoint_type(f"<default {attribute}/>")
    assert (default.method_for(message), default.format_for(message)) == ("POST", content_type)
