"""``python -m connectors.gotowebinar.subscribe``: have GoTo send events to a flow.

One command for what takes four calls: a secret key, a webhook for each event, its activation, and the subscription of
the organizer whose token it is. The access token comes from the environment, and the secret key goes to a file that
only its owner can read: neither is ever printed.

GoTo signs all events of an application with its latest secret key, so a key file that is there is used again: a second
run adds webhooks, and takes the key away from none. GoTo asks the callback with GET before it takes a webhook, and
wants 200; when the flow needs the key to run, the first run makes the key and the next one the webhooks.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
import requests

from connectors.gotowebinar import hosts
from connectors.gotowebinar.operations import EVENTS

TOKEN = "GOTOWEBINAR_ACCESS_TOKEN"  # noqa: S105  # the name of a variable
_TIMEOUT = 10


class Refused(click.ClickException):
    """GoTo did not do what it was asked to."""


class Account:
    """One organizer's webhooks. Raises Refused for whatever is no 2xx."""

    def __init__(self, api_url: str, token: str) -> None:
        self._base, _ = hosts.base_url(api_url, "v2")
        self._headers = {"Authorization": token if " " in token else f"Bearer {token}"}

    def call(self, method: str, path: str, body: Any) -> Any:
        """The JSON of the answer, None when there is none."""
        url = self._base + path
        try:
            response = requests.request(method, url, json=body, headers=self._headers, timeout=_TIMEOUT)
        except requests.RequestException as error:
            raise Refused(f"{method} {url}: no answer ({type(error).__name__})") from None
        if not response.ok:
            raise Refused(f"{method} {url}: {response.status_code} {response.text[:200]}")
        return response.json() if response.content else None

    def new_secret_key(self) -> str:
        return str(self.call("POST", "/webhooks/secretkey", {})["value"])

    def subscribe(self, event: str, callback: str) -> str:
        """Gives the key of the subscription."""
        webhook = {"callbackUrl": callback, "eventName": event, "eventVersion": "1.0.0", "product": "g2w"}
        key = self.call("POST", "/webhooks", [webhook])["_embedded"]["webhooks"][0]["webhookKey"]
        self.call("PUT", "/webhooks", [{"webhookKey": key, "state": "ACTIVE"}])
        subscription = {"webhookKey": key, "callbackUrl": callback, "userSubscriptionState": "ACTIVE"}
        created = self.call("POST", "/userSubscriptions", [subscription])
        return str(created["_embedded"]["userSubscriptions"][0]["userSubscriptionKey"])


@click.command()
@click.argument("callback")
@click.option("--event", "events", multiple=True, type=click.Choice(EVENTS), help="Which events; all when left out.")
@click.option("--api-url", default="https://api.getgo.com", show_default=True, help="Host of the API.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("gotowebinar-webhooks.key"),
    show_default=True,
    help="The secret key, for <gotowebinar.receiveEvent>; made when there is no such file.",
)
def main(callback: str, events: tuple[str, ...], api_url: str, key_file: Path) -> None:
    """Have GoTo send events to the flow at CALLBACK, the public URL of a proxy with <gotowebinar.receiveEvent>.

    GoTo calls it to see that it answers. When the flow does not run yet for want of the key, run this again once it
    does: the key stays.

    The organizer's access token is read from the variable GOTOWEBINAR_ACCESS_TOKEN.
    """
    token = os.environ.get(TOKEN, "")
    if not token:
        raise click.UsageError(f"The access token must be in the environment variable {TOKEN}.")
    account = Account(api_url, token)
    if key_file.exists():
        click.echo(f"The secret key is in {key_file}")
    else:
        _write_privately(key_file, account.new_secret_key())
        click.echo(f"Secret key written to {key_file}")
    for event in events or EVENTS:
        click.echo(f"{event}: subscription {account.subscribe(event, callback)}")


def _write_privately(path: Path, content: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)


if __name__ == "__main__":
    main()
