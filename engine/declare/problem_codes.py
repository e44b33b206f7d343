"""Every code that a Problem may have: the one list that the reference is written from."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Severity


@dataclass(frozen=True, slots=True)
class ProblemCode:
    """What a code means, and what the author of the file does about it."""

    code: str
    meaning: str
    remedy: str
    severity: Severity = "error"


PROBLEM_CODES = (
    # ------------------------------------------------------------- the file
    ProblemCode("unreadable", "The file cannot be read.", "Check that it is a file and that the engine may read it."),
    ProblemCode(
        "not-xml",
        "The file is not well-formed XML, or is not in the encoding it declares.",
        "Look at the place named and at the element that is still open; save the file as UTF-8.",
    ),
    ProblemCode("doctype", "The file has a DOCTYPE.", "Remove it and write what its entities stand for."),
    ProblemCode("too-large", "The file is larger than an artifact may be.", "Split it, or keep the data elsewhere."),
    ProblemCode("too-deep", "Elements are nested too deeply.", "Move inner parts into sequences of their own."),
    ProblemCode(
        "wrong-namespace",
        "The element is not in the Synapse namespace.",
        'Add xmlns="http://ws.apache.org/ns/synapse" to the root, and remove other default namespaces inside.',
    ),
    ProblemCode(
        "not-synapse",
        "The root is no Synapse element; the file is left out.",
        "Move files that are no artifacts out of the folder.",
        "warning",
    ),
    ProblemCode(
        "bad-unit-test",
        "The file with unit tests cannot be read, or does not hold what it says.",
        "Correct it; the message says what is missing.",
    ),
    ProblemCode(
        "bad-car",
        "The carbon application cannot be read, or does not hold what it says.",
        "Build it again; the message says what is missing.",
    ),
    ProblemCode(
        "left-out",
        "A part of an application or project that does not run here; the rest runs.",
        "Read in the message what to do instead.",
        "warning",
    ),
    ProblemCode(
        "incomplete-car",
        "An artifact that the application names is not in it; it is left out.",
        "Build it again.",
        "warning",
    ),
    # ------------------------------------------------------------- elements
    ProblemCode(
        "unknown-artifact",
        "The element cannot stand at the top of a file or in <definitions>.",
        "Correct the tag, or put the mediator into a sequence, a template or a proxy.",
    ),
    ProblemCode(
        "unknown-mediator",
        "There is no mediator or connector operation of that name.",
        "Correct the tag, or give the folder of the connector with --connectors.",
    ),
    ProblemCode(
        "unsupported",
        "It belongs to the language, but this version does not run it.",
        "Remove it, or write the flow with what `myelin docs` lists.",
    ),
    ProblemCode(
        "unknown-attribute",
        "The element has no such attribute; it is ignored, as Synapse does.",
        "Correct the name or remove it.",
        "warning",
    ),
    ProblemCode(
        "unknown-element",
        "The element has no such child; it is ignored, as Synapse does.",
        "Correct the tag or remove it.",
        "warning",
    ),
    ProblemCode(
        "no-effect",
        "It is accepted, and changes nothing here.",
        "Read in the message what to do instead, or leave it for the tools that need it.",
        "warning",
    ),
    ProblemCode("missing-attribute", "A required attribute is absent or empty.", "Add it."),
    ProblemCode("missing-element", "A required child element is absent.", "Add it."),
    ProblemCode("missing-text", "The element needs text.", "Write it between the tags."),
    ProblemCode(
        "repeated-element",
        "An element that may stand there once is there again; the first counts, as in Synapse.",
        "Keep one of them.",
        "warning",
    ),
    ProblemCode(
        "repeated-argument", "An operation is given an argument twice; the last one counts.", "Keep one.", "warning"
    ),
    ProblemCode("one-of", "Parts that exclude each other are there together, or none of them is.", "Keep one of them."),
    ProblemCode("requires", "A part is there without another that it needs.", "Add the part it needs, or remove it."),
    # --------------------------------------------------------------- values
    ProblemCode("bad-choice", "The value is not one of those listed.", "Take one of them."),
    ProblemCode("bad-value", "The text is no value of the type.", "Write a value of the type the message names."),
    ProblemCode(
        "bad-expression",
        "The expression, dynamic value or template cannot be compiled.",
        "Look at the place named; prefixes must be declared in the file.",
    ),
    ProblemCode("bad-script", "The script is no JavaScript.", "Look at the line named; the message is QuickJS's own."),
    ProblemCode("bad-name", "The name cannot be used for this.", "Take another one; the message says what disturbs."),
    ProblemCode(
        "unknown-variable",
        "A reference to the environment or to the file of properties leads to nothing.",
        "Set the variable, or add the property to the file that `properties_file` names.",
    ),
    ProblemCode(
        "unknown-secret",
        "There is no secret of that name, or the secrets cannot be opened.",
        "Set it with `myelin secret set NAME`; give the key in MYELIN_SECRETS_KEY or in its file.",
    ),
    # ---------------------------------------------------------------- names
    ProblemCode(
        "duplicate-name",
        "Two artifacts of one kind have the same name; the one that ran before goes on, else the first.",
        "Rename or remove the other one.",
    ),
    ProblemCode("unknown-sequence", "The sequence does not exist or has errors.", "Correct the name or mend it."),
    ProblemCode("unknown-endpoint", "The endpoint does not exist or has errors.", "Correct the name or mend it."),
    ProblemCode("unknown-template", "The template does not exist or has errors.", "Correct the name or mend it."),
    ProblemCode(
        "bad-resource",
        "A registry resource or local entry that is used as a sequence, endpoint or template is none that can run.",
        "Correct it; it is read again at its next use.",
    ),
    ProblemCode("unknown-event-source", "The event source does not exist or has errors.", "Correct or mend it."),
    ProblemCode("unknown-message-store", "The message store does not exist or has errors.", "Correct or mend it."),
    ProblemCode(
        "unknown-priority-executor", "The priority executor does not exist or has errors.", "Correct or mend it."
    ),
    ProblemCode(
        "unknown-local-entry",
        "There is no local entry or registry resource of that key, or it has errors.",
        "Correct the key, or give the folder of the registry with --registry.",
    ),
    ProblemCode(
        "unknown-connector",
        "The connector was not found, or an <import> says that it is disabled.",
        "Correct the name, give the folder of the connector with --connectors, or remove the <import>.",
    ),
    # ----------------------------------------------------------- connectors
    ProblemCode(
        "bad-connector",
        "A WSO2 connector or one of its components cannot be read.",
        "Take the file as its maker publishes it; the message says what is wrong.",
    ),
    ProblemCode(
        "incomplete-connector",
        "A part of a WSO2 connector is missing or damaged; the rest of it runs.",
        "Nothing, unless a flow uses the operation that is named.",
        "warning",
    ),
    ProblemCode(
        "repeated-operation",
        "A WSO2 connector declares an operation twice; the first one runs.",
        "Nothing; its maker may want to know.",
        "warning",
    ),
    ProblemCode(
        "duplicate-connector",
        "Two WSO2 connectors have one name; the one that ran before goes on.",
        "Remove one of the two files.",
    ),
    ProblemCode(
        "replaces-connector",
        "A WSO2 connector takes the place of one that ships or was given with --connectors.",
        "Remove the file to get the other one back.",
        "warning",
    ),
    ProblemCode(
        "java-in-connector",
        "A WSO2 connector brings Java classes.",
        "Nothing, unless an operation that you use does not load.",
        "warning",
    ),
    ProblemCode("bad-yaml", "connector.yaml is not YAML, or uses aliases or tags.", "Look at the place named."),
    ProblemCode("unknown-key", "connector.yaml has a key that means nothing there.", "Correct the key or remove it."),
    ProblemCode("missing-key", "connector.yaml lacks a required key.", "Add it."),
    ProblemCode("repeated-key", "A key is there twice.", "Remove one of them."),
    ProblemCode("repeated-name", "An operation or a parameter is declared twice.", "Rename or remove one of them."),
    ProblemCode("unknown-module", "A Python module of the connector cannot be imported.", "Read why in the message."),
    ProblemCode(
        "unknown-function", "A Python function of the connector cannot be found.", "Write it as module.function."
    ),
    ProblemCode(
        "unknown-parameter",
        "A placeholder or a 'needs' names no parameter of the operation.",
        "Correct the name, or declare the parameter.",
    ),
    ProblemCode("unused-parameter", "A parameter has no place in path, query or body.", "Use it or remove it."),
    ProblemCode(
        "optional-in-path", "A part of the path may be absent.", "Make the parameter required, or give it a default."
    ),
)
"""In the order of reading: the file, its elements, their values, names, connectors."""
