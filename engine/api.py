"""What authors of connectors import; nothing else of the engine is promised to stay."""

from __future__ import annotations

from engine.core.env import Environment
from engine.core.http import HttpClient, HttpRequest, HttpResponse
from engine.errors import ErrorCode, Fault, TransportError
from engine.message.context import MessageContext
from engine.plugins.connection import Connection
from engine.plugins.oauth2 import OAuth2, request_tokens
from engine.plugins.python_ops import Answer, Call, Rules, operation

__all__ = [
    "Answer",
    "Call",
    "Connection",
    "Environment",
    "ErrorCode",
    "Fault",
    "HttpClient",
    "HttpRequest",
    "HttpResponse",
    "MessageContext",
    "OAuth2",
    "Rules",
    "TransportError",
    "operation",
    "request_tokens",
]
