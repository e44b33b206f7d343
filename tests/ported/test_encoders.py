from __future__ import annotations

import pytest

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
