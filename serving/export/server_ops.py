"""Which stock TensorFlow Serving has which op.

A server runs the ops of the TensorFlow it is built with, and of TF Text: releases up to 2.19 link TF
Text 2.12.1, release 2.20 links 2.20.0. Counted in the packages of each TensorFlow release; what
release 2.15 has is the base, and no release up to 2.21 took an op away.
"""

import tensorflow as tf

SERVERS = ("2.15", "2.16", "2.17", "2.18", "2.19", "2.20")

# Ops that came after 2.15, by the first release that has them; 2.21 has no server yet.
ADDED = {
    "2.16": (
        "ConvertToCooTensor DatasetFingerprint GetMinibatchSplitsWithPhysicalReplica "
        "GetMinibatchesInCsrWithPhysicalReplica GlobalIterId ListSnapshotChunksDataset "
        "StoreMinibatchStatisticsInFdo TPUAnnotateTensorsWithDynamicShape TPUCopyWithDynamicShape "
        "XlaSparseCoreAdagrad XlaSparseCoreAdagradMomentum XlaSparseCoreAdam XlaSparseCoreFtrl "
        "XlaSparseCoreSgd XlaSparseDenseMatmul XlaSparseDenseMatmulGradWithAdagradAndCsrInput "
        "XlaSparseDenseMatmulGradWithAdagradMomentumAndCsrInput XlaSparseDenseMatmulGradWithAdamAndCsrInput "
        "XlaSparseDenseMatmulGradWithFtrlAndCsrInput XlaSparseDenseMatmulGradWithSgdAndCsrInput "
        "XlaSparseDenseMatmulWithCsrInput"
    ),
    "2.17": (
        "ConvertToListOfSparseCoreCooTensors ConvertToSparseCoreCsrWrappedCooTensor "
        "GetStatsFromListOfSparseCoreCooTensors GlobalShuffleDataset IndexFlatMapDataset "
        "IteratorGetModelProto SortListOfSparseCoreCooTensors WeightedFlatMapDataset "
        "XlaSparseDenseMatmulGradWithAdagradAndStaticBufferSize "
        "XlaSparseDenseMatmulGradWithAdagradMomentumAndStaticBufferSize "
        "XlaSparseDenseMatmulGradWithAdamAndStaticBufferSize "
        "XlaSparseDenseMatmulGradWithFtrlAndStaticBufferSize "
        "XlaSparseDenseMatmulGradWithSgdAndStaticBufferSize XlaSparseDenseMatmulWithStaticBufferSize"
    ),
    "2.18": "CheckPinned XlaSparseDenseMatmulGradWithCsrInput",
    "2.20": (
        "DecodeWebP TPUDummyInput XlaSparseDenseMatmulCustomCombinerOnTcGradWithAdagradAndCsrInput "
        "XlaSparseDenseMatmulCustomCombinerOnTcGradWithAdagradMomentumAndCsrInput "
        "XlaSparseDenseMatmulCustomCombinerOnTcGradWithAdamAndCsrInput "
        "XlaSparseDenseMatmulCustomCombinerOnTcGradWithCsrInput "
        "XlaSparseDenseMatmulCustomCombinerOnTcGradWithFtrlAndCsrInput "
        "XlaSparseDenseMatmulCustomCombinerOnTcGradWithSgdAndCsrInput "
        "XlaSparseDenseMatmulCustomCombinerOnTcWithCsrInput"
    ),
    "2.21": "DecodeJxl",
}

# TF Text's ops, by the first server release that links them.
TEXT = {
    "2.15": (
        "CaseFoldUTF8 ConstrainedSequence FastBertNormalize FastWordpieceTokenizeWithOffsets "
        "FindSourceOffsets MaxSpanningTree NormalizeUTF8 NormalizeUTF8WithOffsetsMap PhraseTokenize "
        "RegexSplitWithOffsets RougeL SentenceFragments SentenceFragmentsV2 SentencepieceDetokenizeOp "
        "SentencepieceIdToStringOp SentencepieceOp SentencepieceStringToIdOp SentencepieceTokenizeOp "
        "SentencepieceTokenizeWithOffsetsOp SentencepieceVocabSizeOp SplitMergeTokenizeWithOffsets "
        "TokenizerFromLogits UnicodeScriptTokenizeWithOffsets WhitespaceTokenizeWithOffsets "
        "WordpieceTokenizeWithOffsets TFText>BoiseTagsToOffsets TFText>ByteSplitByOffsets "
        "TFText>ByteSplitWithOffsets TFText>FastSentencepieceDetokenize TFText>FastSentencepieceTokenize "
        "TFText>FastWordpieceDetokenize TFText>NgramsStringJoin TFText>OffsetsToBoiseTags "
        "TFText>PhraseDetokenize TFText>WhitespaceTokenizeWithOffsetsV2"
    ),
    "2.20": "TFText>RoundRobinGenerateMasks TFText>RoundRobinTrim TFText>Utf8Binarize",
}

_FIRST = {op: release for table in (ADDED, TEXT) for release, names in table.items() for op in names.split()}


def first_server(op: str) -> str | None:
    """The first release that has `op`, at least 2.15; None for an op of neither TensorFlow nor TF Text.

    The answer may be later than every release in `SERVERS`.
    """
    if op in _FIRST:
        return _FIRST[op]
    return SERVERS[0] if hasattr(tf.raw_ops, op) else None


def minimum_server(ops: list[str]) -> str:
    """The first release that has all of `ops`, which `first_server` all knows."""
    return max((first_server(op) or "" for op in ops), key=_number, default=SERVERS[0])


def is_released(release: str) -> bool:
    """Whether there is a server of `release`."""
    return release in SERVERS


def _number(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split(".") if part)
