from __future__ import annotations

import pytest

from engine.testing.harness import Harness, LoadError

PACKAGE = "org.apache.synapse.message.store"


@pytest.mark.parametrize("class_", ["", f"{PACKAGE}.impl.memory.InMemoryStore", f"{PACKAGE}.InMemoryMessageStore"])
def test_stores_in_memory(class_: str) -> None:
    attribute = f'class="{class_}"' if class_ else ""
    harness = Harness(f'<messageStore name="s" {attribute}><parameter name="a">b</parameter></messageStore>')
    first = harness.snapshot.message_store("s").queue(harness.snapshot)
    assert harness.snapshot.message_store("s").queue(harness.snapshot) is first


@pytest.mark.parametrize("class_", [f"{PACKAGE}.impl.jms.JmsStore", f"{PACKAGE}.impl.jdbc.JDBCMessageStore", "x.Y"])
def test_other_stores_are_an_error_with_a_way_out(class_: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(f'<messageStore name="s" class="{class_}"/>')
    [problem] = raised.value.problems
    assert problem.code == "unsupported"
    assert "in memory" in problem.hint
