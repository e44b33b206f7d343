"""Webhooks and subscriptions to them; version 2 only."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

from connectors.gotowebinar.simulator import checks
from connectors.gotowebinar.simulator.messages import Answer, business_error, invalid, json_answer
from connectors.gotowebinar.simulator.routing import Call
from connectors.gotowebinar.simulator.store import Subscription, Webhook
from connectors.gotowebinar.simulator.times import format_instant

EVENTS = ("registrant.added", "registrant.joined", "webinar.created", "webinar.changed", "survey.submitted")
_STATES = ("ACTIVE", "INACTIVE")


def create_secret_key(call: Call) -> Answer:
    fields = checks.json_object(checks.json_body(call.request), "The request body")
    valid_from = checks.text(fields, "validFrom") or format_instant(call.now)
    call.store.secret_key = _name(call)
    return json_answer(200, {"id": 63, "value": call.store.secret_key, "validFrom": valid_from})


# -------------------------------------------------------------------- webhooks


def create_webhooks(call: Call) -> Answer:
    created = [_new_webhook(call, item) for item in _items(call)]
    call.store.webhooks |= {it.key: it for it in created}
    return json_answer(200, {"_embedded": {"webhooks": [_webhook(it) for it in created]}})


def update_webhooks(call: Call) -> Answer:
    for fields in _items(call):
        webhook = _known_webhook(call, checks.required_text(fields, "webhookKey"))
        webhook.callback_url = _url(fields) or webhook.callback_url
        webhook.state = checks.choice(fields, "state", _STATES) or webhook.state
    return Answer(204)


def list_webhooks(call: Call) -> Answer:
    _require_product(call)
    return json_answer(200, {"_embedded": {"webhooks": [_webhook(it) for it in call.store.webhooks.values()]}})


def get_webhook(call: Call) -> Answer:
    return json_answer(200, _webhook(_known_webhook(call, call.names["webhookKey"])))


def delete_webhooks(call: Call) -> Answer:
    for key in checks.json_array(checks.json_body(call.request), "The request body"):
        del call.store.webhooks[_known_webhook(call, key).key]
    return Answer(202)


def _new_webhook(call: Call, fields: checks.JsonObject) -> Webhook:
    event = checks.required_text(fields, "eventName")
    checks.choice(fields, "eventName", EVENTS)
    if checks.required_text(fields, "product") != "g2w":
        raise invalid("product must be g2w.")
    version = checks.required_text(fields, "eventVersion")
    checks.required_text(fields, "callbackUrl")
    return Webhook(_name(call), _url(fields), event, version, call.now)


def _webhook(it: Webhook) -> dict[str, Any]:
    return {
        "webhookKey": it.key,
        "callbackUrl": it.callback_url,
        "eventName": it.event,
        "eventVersion": it.version,
        "product": "g2w",
        "state": it.state,
        "createTime": format_instant(it.created_at),
    }


def _known_webhook(call: Call, key: str) -> Webhook:
    webhook = call.store.webhooks.get(key)
    if webhook is None:
        raise business_error(404, "NotFound", "Webhook with specified key does not exist.")
    return webhook


# -------------------------------------------------------------------- subscriptions


def create_subscriptions(call: Call) -> Answer:
    created = []
    for fields in _items(call):
        webhook = _known_webhook(call, checks.required_text(fields, "webhookKey"))
        state = checks.choice(fields, "userSubscriptionState", _STATES) or "INACTIVE"
        url = _url(fields) or webhook.callback_url
        created.append(Subscription(_name(call), webhook.key, url, call.now, state))
        call.store.subscriptions[created[-1].key] = created[-1]
    return json_answer(200, {"_embedded": {"userSubscriptions": [_subscription(call, it) for it in created]}})


def update_subscriptions(call: Call) -> Answer:
    for fields in _items(call):
        _known_webhook(call, checks.required_text(fields, "webhookKey"))
        it = _known_subscription(call, checks.required_text(fields, "userSubscriptionKey"))
        it.callback_url = _url(fields) or it.callback_url
        it.state = checks.choice(fields, "userSubscriptionState", _STATES) or it.state
    return Answer(204)


def list_subscriptions(call: Call) -> Answer:
    _require_product(call)
    subscriptions = [_subscription(call, it) for it in call.store.subscriptions.values()]
    return json_answer(200, {"_embedded": {"userSubscriptions": subscriptions}})


def get_subscription(call: Call) -> Answer:
    return json_answer(200, _subscription(call, _known_subscription(call, call.names["userSubscriptionKey"])))


def delete_subscriptions(call: Call) -> Answer:
    for key in checks.json_array(checks.json_body(call.request), "The request body"):
        del call.store.subscriptions[_known_subscription(call, key).key]
    return Answer(202)


def _subscription(call: Call, it: Subscription) -> dict[str, Any]:
    webhook = _known_webhook(call, it.webhook_key)
    both = webhook.state == it.state == "ACTIVE"
    about = _webhook(webhook)
    return {name: about[name] for name in ("webhookKey", "eventName", "eventVersion", "product")} | {
        "callbackUrl": it.callback_url,
        "userSubscriptionKey": it.key,
        "userSubscriptionState": it.state,
        "activationState": "ACTIVE" if both else "INACTIVE",
        "createTime": format_instant(it.created_at),
    }


def _known_subscription(call: Call, key: str) -> Subscription:
    subscription = call.store.subscriptions.get(key)
    if subscription is None:
        raise business_error(404, "NotFound", "User subscription with specified key does not exist.")
    return subscription


# -------------------------------------------------------------------- both


def _items(call: Call) -> list[checks.JsonObject]:
    items = checks.json_array(checks.json_body(call.request), "The request body")
    if not items:
        raise invalid("The request body must hold at least one item.")
    return [checks.json_object(item, "Each item") for item in items]


def _url(fields: checks.JsonObject) -> str:
    url = checks.text(fields, "callbackUrl") or ""
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise invalid("callbackUrl must be a URL.")
    return url


def _require_product(call: Call) -> None:
    if call.request.query.get("product") != "g2w":
        raise invalid("product is required and must be g2w.")


def _name(call: Call) -> str:
    """The same in every run, as all new keys are."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(call.store.new_key())))
