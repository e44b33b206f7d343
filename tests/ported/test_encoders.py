from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.ported import find, signing
from engine.testing.harness import Harness


@pytest.mark.parametrize(
    ("name", "product"),
    [("org.wso2.carbon.connector.flickr.Encoder", "flickr"), ("org.wso2.carbon.connector.Encoder", "yelp")],
)
def test_text_for_a_url(name: str, product: str) -> None:
    message = Harness().message()
    message.properties[f"{product}.unencoded"] = "a b+é"
    found = find(name)
    assert found is not None
    found().mediate(message)
    assert message.properties[f"{product}.encoded"] == "a%20b%2B%C3%A9"


def test_the_hash_of_slideshare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "now", lambda: 1.0)
    message = Harness().message()
    message.properties["uri.var.sha1Key"] = "abc"
    found = find("org.wso2.carbon.connector.Encoder")
    assert found is not None
    found().mediate(message)
    # printf abc1 | sha1sum
    assert message.properties["uri.var.ts"] == "1"
    assert message.properties["uri.var.hash"] == "9ee036287b4cfbcfa3b5bbfcf92d46eb5e75df96"


def test_a_mail_for_gmail() -> None:
    message = Harness().message()
    message.properties["parameters"] = "To: a@x\n\n?>?>~~"
    found = find("org.wso2.carbon.connector.createMail")
    assert found is not None
    found().mediate(message)
    assert message.properties["uri.var.encoded"] == "VG86IGFAeAoKPz4_Pn5-"


def test_a_payload_of_properties() -> None:
    message = Harness().message()
    message.properties |= {
        "uri.var.id": "7",
        "uri.var.name": " n ",
        "uri.var.customer": "",
        "uri.var.other": "x",
        "uri.var.tags": '["a"]',
        "uri.var.customFields": '{"n": 9007199254740993}',
    }
    found = find("org.wso2.carbon.connector.clevertim.UpdateCase")
    assert found is not None
    found().mediate(message)
    assert message.payload.json_text() == '{"id":"7","name":"n","cf":{"n":9007199254740993},"tags":["a"]}'
    message.properties["uri.var.tags"] = "[nope"
    with pytest.raises(Fault, match=r"'uri\.var\.tags' is not JSON"):
        found().mediate(message)
