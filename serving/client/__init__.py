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
from serving.client.merge_tokens import merge_tokens_into_words
from serving.client.metadata import Signature, TensorInfo, VersionStatus
from serving.client.operations import RetryPolicy
from serving.client.synchronous import Client
from serving.client.tasks.classification import Classification, Ranking, Reasons, WeightedSpan
from serving.client.tasks.language_modelling import (
    Completion,
    CompletionOptions,
    NextToken,
    ScoredCompletion,
    ScoredToken,
    TextScore,
)
from serving.client.tasks.masked_language_modelling import Filling, MaskedToken
from serving.client.tasks.translation import Explanation, Score, SearchOptions, Translation
from serving.client.transport import InputTensor

# Former names, kept for this version.
Column = InputTensor
words_of = merge_tokens_into_words

__all__ = [
    "AsyncClient",
    "Classification",
    "Client",
    "ClientError",
    "Column",
    "Completion",
    "CompletionOptions",
    "DeadlineError",
    "Explanation",
    "Filling",
    "InputTensor",
    "MaskedToken",
    "ModelNotFoundError",
    "NextToken",
    "OverloadedError",
    "Ranking",
    "Reasons",
    "RequestRefusedError",
    "RetryPolicy",
    "Score",
    "ScoredCompletion",
    "ScoredToken",
    "SearchOptions",
    "ServerFaultError",
    "Signature",
    "TensorInfo",
    "TextScore",
    "Translation",
    "UnavailableError",
    "UnexpectedReplyError",
    "VersionStatus",
    "WeightedSpan",
    "merge_tokens_into_words",
    "words_of",
]
