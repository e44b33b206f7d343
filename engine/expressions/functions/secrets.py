"""Secrets by their alias. They are read when they are used, and stand in no property unless a flow puts them there."""

from __future__ import annotations

from engine.errors import Fault
from engine.expressions.functions.registry import function
from engine.message.context import MessageContext


@function("wso2:vault-lookup", example=("wso2:vault-lookup('db.password')", "s3cret"))
def vault_lookup(message: MessageContext, alias: str) -> str:
    """The secret under an alias. Raises Fault when there is none, and when the store cannot be opened."""
    found = message.env.secret(alias)
    if found is None:
        raise Fault(f"there is no secret '{alias}'")
    return found


@function("hashicorp:vault-lookup", example=("hashicorp:vault-lookup('secret/db', 'password')", "s3cret"))
def hashicorp_lookup(message: MessageContext, path: str, field: str, name: str | None = None) -> str:
    """A field of a secret: (path, field) or (namespace, path, field).

    There is no client of HashiCorp Vault here: the secret is that of the engine's own store under the alias
    ``path/field`` or ``namespace/path/field``. Raises Fault when there is none.
    """
    return vault_lookup(message, "/".join(each for each in (path, field, name) if each is not None))
