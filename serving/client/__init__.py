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
from serving.client.metadata import Signature, TensorInfo, VersionStatus
from serving.client.synchronous import Client
from serving.client.tasks.classification import Classification, Ranking, Reasons, WeightedSpan
from serving.client.tasks.translation import Explanation, Score, SearchOptions, Translation
from serving.client.wire import Column
from serving.client.words import words_of

__all__ = [
    "AsyncClient",
    "Classification",
    "Client",
    "ClientError",
    "Column",
    "DeadlineError",
    "Explanation",
    "ModelNotFoundError",
    "OverloadedError",
    "Ranking",
    "Reasons",
    "RequestRefusedError",
    "Score",
    "SearchOptions",
    "ServerFaultError",
    "Signature",
    "TensorInfo",
    "Translation",
    "UnavailableError",
    "UnexpectedReplyError",
    "VersionStatus",
    "WeightedSpan",
    "words_of",
]
