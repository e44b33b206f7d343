"""Elements of the language that this version does not run yet, so that messages can tell them from typing errors."""

from __future__ import annotations

LATER_ARTIFACTS = frozenset(
    {
        "api",
        "eventSource",
        "inboundEndpoint",
        "messageProcessor",
        "messageStore",
        "priorityExecutor",
        "registry",
        "synapseImport",
        "task",
        "taskManager",
    }
)

LATER_MEDIATORS = frozenset(
    {
        "aggregate",
        "annotatedCommand",
        "bean",
        "builder",
        "cache",
        "callout",
        "class",
        "clone",
        "conditionalRouter",
        "datamapper",
        "dataServiceCall",
        "dblookup",
        "dbreport",
        "detach",
        "ejb",
        "enqueue",
        "enrich",
        "entitlementService",
        "event",
        "eventPublisher",
        "fastXSLT",
        "foreach",
        "iterate",
        "jsontransform",
        "NTLM",
        "oauthService",
        "pojoCommand",
        "replace",
        "rewrite",
        "router",
        "sampler",
        "scatter-gather",
        "script",
        "smooks",
        "spring",
        "store",
        "throttle",
        "transaction",
        "validate",
        "variable",
        "xquery",
        "xslt",
    }
)
