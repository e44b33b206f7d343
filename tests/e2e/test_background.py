"""APIs, and what works without a client, on a real server: message stores, processors, tasks."""

from __future__ import annotations

from typing import Any

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'
PROCESSOR = "org.apache.synapse.message.processor.impl.forwarder.ScheduledMessageForwardingProcessor"
INJECTOR = "org.apache.synapse.startup.tasks.MessageInjector"
NEVER = (
    "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>"
    "<markForSuspension><errorCodes>-1</errorCodes></markForSuspension>"
)


def flows(back_end: str) -> str:
    return f"""<definitions {NAMESPACE}>
      <api name="orders" context="/orders">
        <resource methods="GET" uri-template="/{{id}}"><inSequence>
          <payloadFactory media-type="json"><format>{{"id": "$1"}}</format>
            <args><arg expression="$ctx:uri.var.id"/></args></payloadFactory>
          <respond/></inSequence></resource>
        <resource methods="POST"><inSequence><store messageStore="kept"/></inSequence></resource>
      </api>
      <messageStore name="kept" class="org.apache.synapse.message.store.impl.jms.JmsStore"/>
      <endpoint name="sink"><address uri="{back_end}">{NEVER}</address></endpoint>
      <messageProcessor name="sender" class="{PROCESSOR}" messageStore="kept" targetEndpoint="sink">
        <parameter name="client.retry.interval">50</parameter><parameter name="max.delivery.attempts">-1</parameter>
      </messageProcessor>
    </definitions>"""


TASK = f"""<task {NAMESPACE} name="t" class="{INJECTOR}"><trigger once="true"/>
  <property name="injectTo" value="sequence"/><property name="sequenceName" value="q"/>
  <property name="message"><tick xmlns=""/></property></task>"""
SEQUENCE = f'<sequence {NAMESPACE} name="q"><store messageStore="kept"/></sequence>'


def test_what_was_stored_outlives_the_process_and_a_task_runs_when_it_is_deployed(
    start: Any, back_end: Any, until: Any
) -> None:
    down = flows("http://127.0.0.1:9/")
    engine = start({"a.xml": down})
    assert engine.call("GET", "/orders/7%20x").json() == {"id": "7 x"}
    assert engine.call("DELETE", "/orders/7").status_code == 405
    assert engine.post("/orders", {"n": 400000000000000001}).status_code == 202
    until(lambda: "attempt 1 failed" in engine.log())
    assert engine.stop() == 0
    assert (engine.folder / "message-stores" / "kept.sqlite").exists()

    arrived: list[bytes] = []

    def answer(message: Any, connection: Any) -> None:
        arrived.append(message.body)
        connection.answer(200, b"{}")

    back_end.on("/sink", answer)
    again = start({"a.xml": flows(f"{back_end.url}/sink")}, f"message_stores: {engine.folder / 'message-stores'}")
    until(lambda: arrived == [b'{"n": 400000000000000001}'])
    again.write("q.xml", SEQUENCE)
    again.write("t.xml", TASK)
    until(lambda: len(arrived) == 2)
    assert b"<tick" in arrived[1]
    assert "Traceback" not in again.log()
