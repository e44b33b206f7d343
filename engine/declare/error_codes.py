"""The numbers that a flow finds in ERROR_CODE: the one list that the reference is written from."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import ErrorCode


@dataclass(frozen=True, slots=True)
class ErrorCodeDoc:
    """A code, what has happened, and what one does about it."""

    code: int
    meaning: str
    remedy: str

    @property
    def name(self) -> str:
        return str(self.code)

    @property
    def example(self) -> str:
        """A step of a fault sequence that asks for it."""
        return f'<filter source="$ctx:ERROR_CODE" regex="{self.code}"><log level="custom"/></filter>'


ERROR_CODES: tuple[ErrorCodeDoc, ...] = (
    ErrorCodeDoc(
        ErrorCode.DEFAULT,
        "A mediator failed, and it has no code of its own.",
        "Read ERROR_MESSAGE and ERROR_DETAIL: they name the step and its place in the file.",
    ),
    ErrorCodeDoc(
        ErrorCode.CLIENT_SENDING,
        "The answer could not be sent to the client.",
        "The client left; nothing is to be done.",
    ),
    ErrorCodeDoc(
        ErrorCode.CLIENT_RECEIVING,
        "The client's request did not arrive whole.",
        "Look at the client and what is between.",
    ),
    ErrorCodeDoc(
        ErrorCode.SENDING, "The request could not be sent to the back end.", "Look whether the back end closes early."
    ),
    ErrorCodeDoc(
        ErrorCode.RECEIVING, "The back end's answer did not arrive whole.", "Look at the back end's log of that time."
    ),
    ErrorCodeDoc(
        ErrorCode.CONNECTION_FAILED,
        "There is no connection to the back end: refused, unknown host, or TLS that failed.",
        "Check address and port, and that the back end runs.",
    ),
    ErrorCodeDoc(
        ErrorCode.TIMEOUT,
        "The back end did not answer in time.",
        "Raise the endpoint's timeout / duration, or find out why the back end is slow.",
    ),
    ErrorCodeDoc(
        ErrorCode.CONNECTION_CLOSED,
        "The back end closed the connection before it answered.",
        "Look at its limits and its log; repeat the call if that does no harm.",
    ),
    ErrorCodeDoc(ErrorCode.PROTOCOL_VIOLATION, "What the back end sent is not HTTP.", "Check what its port speaks."),
    ErrorCodeDoc(ErrorCode.CONNECT_CANCELLED, "Connecting was given up.", "The engine was stopping; repeat the call."),
    ErrorCodeDoc(
        ErrorCode.CONNECT_TIMEOUT,
        "The back end did not take the connection in time.",
        "Check the network and firewalls between; raise back_ends.connect_timeout.",
    ),
    ErrorCodeDoc(ErrorCode.BAD_RESPONSE, "The answer could not be processed.", "Read ERROR_DETAIL."),
    ErrorCodeDoc(
        ErrorCode.NO_ENDPOINT_READY,
        "No child of a load-balance, failover or recipient-list endpoint can take a message.",
        "Look at the children: all are suspended.",
    ),
    ErrorCodeDoc(
        ErrorCode.ENDPOINT_SUSPENDED,
        "The endpoint rests after an earlier failure.",
        "It comes back by itself; suspendOnFailure says when.",
    ),
    ErrorCodeDoc(ErrorCode.WSDL_ENDPOINT_SUSPENDED, "The same, for a WSDL endpoint.", "It comes back by itself."),
    ErrorCodeDoc(ErrorCode.OAUTH, "No token could be had for the endpoint.", "Check its OAuth settings."),
    ErrorCodeDoc(
        ErrorCode.LOAD_BALANCE_FAILED_OVER, "A load-balance endpoint went on to another child.", "For information."
    ),
    ErrorCodeDoc(ErrorCode.FAILED_OVER, "A failover endpoint went on to another child.", "For information."),
    ErrorCodeDoc(
        ErrorCode.INDIRECT_NOT_READY, "The endpoint that a key names is not ready.", "Look at the endpoint it names."
    ),
    ErrorCodeDoc(ErrorCode.SESSION_NOT_READY, "The endpoint of a session is not ready.", "Begin a new session."),
    ErrorCodeDoc(ErrorCode.SESSION_INVALID, "The session has ended or is unknown.", "Begin a new session."),
    ErrorCodeDoc(ErrorCode.SESSION_FAILED, "The endpoint of a session failed.", "Begin a new session."),
    ErrorCodeDoc(ErrorCode.CALLOUT, "A callout failed.", "Read ERROR_MESSAGE."),
    ErrorCodeDoc(ErrorCode.BLOCKING_CALL, "A blocking call failed.", "Read ERROR_MESSAGE."),
    ErrorCodeDoc(ErrorCode.BLOCKING_SENDER, "The transport of a blocking call failed.", "Read ERROR_MESSAGE."),
    ErrorCodeDoc(ErrorCode.NON_BLOCKING_CALL, "A call failed before it was sent.", "Read ERROR_MESSAGE."),
    ErrorCodeDoc(
        ErrorCode.SOAP_FAULT,
        "The back end answered with a SOAP fault, and FORCE_ERROR_ON_SOAP_FAULT is true.",
        "The fault is the payload; or remove the property.",
    ),
    ErrorCodeDoc(
        ErrorCode.MISSING_PARAMETER,
        "A template was called without a mandatory parameter, or an operation of a connector without a required one "
        "or with a value that breaks a rule of its parameter.",
        "Give it with <with-param>, or give it a default. For an operation, ERROR_MESSAGE names parameter and rule; "
        "`myelin docs CONNECTOR.OPERATION` lists them.",
    ),
    ErrorCodeDoc(
        ErrorCode.BAD_PAYLOAD,
        "A body is not what its content type says, or too large to look into.",
        "Correct the sender, or raise limits.buffered_body.",
    ),
)
"""In the order of the numbers."""
