"""What authors of connectors import; nothing else of the engine is promised to stay."""

from __future__ import annotations

from engine.core.env import Environment
from engine.core.http import HttpClient, HttpRequest, HttpResponse
from engine.core.java_class import InboundClass, Inject, JavaClass, java_class
from engine.core.oauth2 import OAuth2, request_tokens
from engine.errors import ErrorCode, Fault, TransportError
from engine.message.codecs import json
from engine.message.context import MessageContext
from engine.plugins.connection import Authorization, Connection
from engine.plugins.exchange import ApiRequest, Exchange
from engine.plugins.parameters import BrokenRule
from engine.plugins.python_ops import Answer, Call, Rules, operation

__all__ = [
    "Answer",
    "ApiRequest",
    "Authorization",
    "BrokenRule",
    "Call",
    "Connection",
    "Environment",
    "ErrorCode",
    "Exchange",
    "Fault",
    "HttpClient",
    "HttpRequest",
    "HttpResponse",
    "InboundClass",
    "Inject",
    "JavaClass",
    "MessageContext",
    "OAuth2",
    "Rules",
    "TransportError",
    "java_class",
    "json",
    "operation",
    "request_tokens",
]
