"""Elements of the language that do not run here, each with the reason and the way out.

The builder and the loader look here for a tag that the catalogue does not know: an entry is a problem of its own
artifact, and nothing else is disturbed. Where the catalogue knows a tag, its entry here means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Why an element does not run, as the rest of a sentence that begins with its tag, and what to do instead."""

    reason: str
    way_out: str


_JAVA_OBJECT = "calls a Java object, and there is no JVM here"
_PYTHON_CLASS = 'Write it as a Python class and use <class name="…"/>'

MEDIATORS = {
    "annotatedCommand": Unsupported(_JAVA_OBJECT, f"{_PYTHON_CLASS}, with <property> for what it reads and writes."),
    "bean": Unsupported(
        "keeps a JavaBean, and there is no JVM here",
        f"Keep the values with <property> or <variable>. For code of its own: {_PYTHON_CLASS}.",
    ),
    "dataServiceCall": Unsupported(
        "calls a WSO2 data service inside the same JVM",
        "Use <dblookup> or <dbreport> with the same SQL, or <call> the data service over HTTP where it runs.",
    ),
    "detach": Unsupported("takes elements out of the message", "Use <enrich>, which does the same."),
    "ejb": Unsupported(
        "calls an Enterprise JavaBean over Java's own protocol",
        "Publish the bean over HTTP (JAX-RS or JAX-WS) and use <call>.",
    ),
    "entitlementService": Unsupported(
        "asks a WSO2 XACML server through a Java client",
        "Send the XACML request to its REST interface with <call> and decide with <filter>.",
    ),
    "fastXSLT": Unsupported("is the JVM's streaming XSLT", "Use <xslt key='…'/>, which gives the same result."),
    "oauthService": Unsupported(
        "asks a WSO2 key manager through a Java client",
        "Send the token to its introspection endpoint (RFC 7662) with <call> and decide with <filter>.",
    ),
    "opa": Unsupported(
        "asks an Open Policy Agent through a Java client",
        "Send the input to its REST interface (POST /v1/data/…) with <call> and decide with <filter>.",
    ),
    "pojoCommand": Unsupported(_JAVA_OBJECT, f"{_PYTHON_CLASS}, with <property> for what it reads and writes."),
    "RMSequence": Unsupported(
        "was taken out of the reference with WS-ReliableMessaging", "Use <store> and a message processor instead."
    ),
    "replace": Unsupported("puts elements into the message", "Use <enrich>, which does the same."),
    "router": Unsupported(
        "was taken out of the reference", "Use <filter> or <switch>, or <conditionalRouter> for headers and URLs."
    ),
    "smooks": Unsupported(
        "runs Smooks, a Java library",
        "Write the transformation as <xslt>, <payloadFactory> or <script>, or as a connector operation in Python.",
    ),
    "spring": Unsupported("calls a Spring bean, and there is no JVM here", f"{_PYTHON_CLASS}."),
}

ARTIFACTS = {
    "synapseImport": Unsupported("is an old name", "Write <import>."),
}

SLOTS = {
    "endpoint-type": {
        "class": Unsupported(
            "sends through a Java class, and there is no JVM here",
            "Use <address>, <http> or <loadbalance>; for a protocol of its own write a connector operation in Python.",
        ),
        "dynamicLoadbalance": Unsupported(
            "asks an Axis2 cluster for its members, and there is none here",
            "List the members: <loadbalance><member hostName='…' httpPort='…'/></loadbalance>.",
        ),
        "serviceDynamicLoadbalance": Unsupported(
            "asks an Axis2 cluster for its members, and there is none here",
            "List the members: <loadbalance><member hostName='…' httpPort='…'/></loadbalance>.",
        ),
    }
}
"""By the kind of element that may stand in the place."""
