"""Asks a served model, over gRPC or REST, without TensorFlow.

>>> from serving.client import Client
>>> with Client("http://127.0.0.1:8501", model="translation") as client:   # doctest: +SKIP
...     client.translate(["Click OK to save the document."])[0].text
"""

from serving.client.asynchronous import AsyncClient
from serving.client.errors import (
    ClientError,
    DeadlineError,
    ModelNotFoundError,
    OverloadedError,
    RequestRefusedError,
    ServerFaultError,
    UnavailableError,
    UnexpectedReplyError,
)
from serving.client.results import Explanation, Score, SearchOptions, Translation, VersionStatus
from serving.client.synchronous import Client

__all__ = [
    "AsyncClient",
    "Client",
    "ClientError",
    "DeadlineError",
    "Explanation",
    "ModelNotFoundError",
    "OverloadedError",
    "RequestRefusedError",
    "Score",
    "SearchOptions",
    "ServerFaultError",
    "Translation",
    "UnavailableError",
    "UnexpectedReplyError",
    "VersionStatus",
]
