from __future__ import annotations

import pytest

from engine.stores.durable_queue import DurableQueue
from engine.testing.harness import Harness, LoadError

PACKAGE = "org.apache.synapse.message.store"


@pytest.mark.parametrize("class_", ["", f"{PACKAGE}.impl.memory.InMemoryStore", f"{PACKAGE}.InMemoryMessageStore"])
def test_stores_in_memory(class_: str) -> None:
    attribute = f'class="{class_}"' if class_ else ""
    harness = Harness(f'<messageStore name="s" {attribute}><parameter name="a">b</parameter></messageStore>')
    first = harness.snapshot.message_store("s").queue(harness.snapshot)
    assert harness.snapshot.message_store("s").queue(harness.snapshot) is first


@pytest.mark.parametrize("class_", [f"{PACKAGE}.impl.jms.JmsStore", f"{PACKAGE}.impl.jdbc.JDBCMessageStore"])
def test_stores_of_brokers_and_databases_are_files_with_a_remark(class_: str) -> None:
    harness = Harness(f'<messageStore name="s" class="{class_}"/>')
    artifact = harness.snapshot.loaded["message-store", "s"].artifact
    assert isinstance(harness.snapshot.message_store("s").queue(harness.snapshot), DurableQueue)
    [(message, _)] = artifact.remarks()
    assert "files" in message


def test_other_stores_are_an_error_with_a_way_out() -> None:
    with pytest.raises(LoadError) as raised:
        Harness('<messageStore name="s" class="x.Y"/>')
    [problem] = raised.value.problems
    assert problem.code == "unsupported"
    assert "in memory" in problem.hint
