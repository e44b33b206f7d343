"""The first page of the Markdown reference."""

from __future__ import annotations

PAGE = """\
# Reference

Generated from the declarations by `myelin docs --write`; do not edit. `myelin docs NAME` prints one page of it, and
those of your connectors.

- [Elements](elements.md): artifacts, endpoints and mediators, each with its attributes and an example; and what does
  not run here, with the way out
- [Expressions](expressions.md): what `$ctx:`, `json-eval()`, `${payload}` and the others read
- [Functions](functions.md) of XPath and of `${…}`
- [connector.yaml](connector-yaml.md): connectors of your own, as data
- [Properties](properties.md) that mean something to the engine
- [Error codes](error-codes.md) of faults
- [Problems](problems.md) that `myelin check` tells
- [Traps](traps.md): where the reference surprises
- [Coverage](coverage.md): the flows of the public repositories, checked
- `synapse.xsd` for XML editors, `synapse.schema.json` for programs
"""
