"""What stands behind the errors that `tools.coverage` finds: read in the reference's source, one line per reason."""

from __future__ import annotations

import enum
import re

from engine.errors import Problem


class Verdict(enum.Enum):
    """Whether an error is right."""

    REFUSED = "Refused by both: the reference does not deploy the file either"
    FAILS = "Fails in both: the reference deploys the file, and the first message that comes by fails"
    HERE = "Right: what does not run here, each with a way out"
    OPEN = "Not judged yet"


Judgement = tuple[re.Pattern[str], Verdict, str]


def _all(verdict: Verdict, *lines: tuple[str, str]) -> list[Judgement]:
    return [(re.compile(pattern), verdict, why) for pattern, why in lines]


JUDGED: tuple[Judgement, ...] = (
    *_all(
        Verdict.REFUSED,
        (r"error\[not-xml\]", "not well-formed"),
        (r"error\[unknown-artifact\]", "SynapseXMLConfigurationFactory takes no such element at the top"),
        (r"<endpoint> is not a mediator", "MediatorFactoryFinder: unknown mediator"),
        (r"<RMSequence>|<router>", "MediatorFactoryFinder: unknown mediator, in all three repositories"),
        (r"<rule> is not in the Synapse namespace", "no factory for it since the rules feature was taken out"),
        (r"'none' is not one of simple, headers", "LogMediatorFactory: invalid log level"),
        (r"is not one of fault, discard", "EndpointDefinitionFactory: invalid timeout action"),
        (r"is not one of default, axis2, axis2-client, transport", "a negative test of its own: invalid scope"),
        (r"<throttle>: the policy cannot be used", "a negative test of its own: the policy is invalid"),
        (r"<task> needs the attribute 'name'", "TaskDescriptionFactory: a task needs a name"),
        (r"the expression is empty", "a negative test of its own: no expression"),
        (r"<equal> at .* needs the attribute 'value'", "EqualFactory: value is required"),
        (r"error\[one-of\]: <endpoint> needs exactly one", "EndpointFactory: an endpoint of no known kind"),
        (r"'::' stands where the name", "the XPath cannot be parsed"),
        (r"scripts in 'jh'", "a negative test of its own: there is no such language"),
    ),
    *_all(
        Verdict.FAILS,
        (
            r"error\[unknown-(sequence|endpoint|template|message-store|local-entry)\]",
            "the name is in no file of the repository",
        ),
        (r"error\[unknown-connector\]|There is no connector", "the connector is not in the repository"),
        (r"the namespace prefix '\S+' is not declared", "Jaxen finds it when it evaluates the expression"),
        (r"there is no (function|variable prefix)", "Jaxen finds it when it evaluates the expression"),
        (r"not a JSON path", "Jayway finds it when it evaluates the path"),
    ),
    *_all(
        Verdict.HERE,
        (r"<messageStore>", "it keeps messages in a broker or a database; stores in memory run"),
        (r"<inboundEndpoint>: the protocol", "a transport that is not here"),
        (r"<(class|inboundEndpoint)>: the Java class", "code of its own in Java"),
        (r"dynamicLoadbalance>|serviceDynamicLoadbalance>", "an Axis2 cluster"),
        (r"is a Java class|JVM|Java library|a Java client|JavaBean|Java's own protocol", "it needs a JVM"),
        (r"WS-Security|WS-ReliableMessaging|Rampart|Sandesha", "a module of Axis2"),
        (r"<eventSource>|<eventPublisher>|<event>", "a WS-Eventing broker"),
        (r"the engine fetches nothing when it loads", "a file on the network"),
    ),
)
"""Pattern of the whole line, verdict, reason. The first that matches counts."""


def judge(problem: Problem) -> Verdict:
    """The verdict on one error."""
    return judgement(problem)[0]


def judgement(problem: Problem) -> tuple[Verdict, str]:
    """The verdict on one error, and its reason."""
    text = str(problem)
    found = ((verdict, why) for pattern, verdict, why in JUDGED if pattern.search(text))
    return next(found, (Verdict.OPEN, ""))
