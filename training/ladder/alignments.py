"""The choice of two test sentences whose attention the report shows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from sacrebleu.metrics import CHRF

from seqapp.run_directory import split_file
from seqapp.startup import import_tensorflow_quietly
from training.data.kept_outputs import read_outputs
from training.data.kept_rows import read_kept
from training.ladder.results import Aligned, Alignments, Measured
from training.ladder.rungs import RUNGS

LEAST_TOKENS = 6  # of source and translation, without EOS
MOST_TOKENS = 40  # more are not readable in a picture
LITTLE_WEIGHT = 0.5
_END = "</s>"


class Sentence(NamedTuple):
    """A test sentence to choose from: its chrF, and the tokens of source and translation."""

    chrf: float
    source_tokens: int
    target_tokens: int


class Attention(NamedTuple):
    """What can be read from attention weights.

    Fields:
        source_tokens, target_tokens: number of tokens, EOS included.
        little_read: source tokens, EOS excluded, that get less weight than `LITTLE_WEIGHT` in all.
        same_position: target tokens whose largest weight is on the source position that most of them share.
    """

    source_tokens: int
    target_tokens: int
    little_read: int
    same_position: int

    @property
    def lesson(self) -> Literal["stuck", "unread", "read"]:
        """What it shows of a bad translation, see `Words.lessons`."""
        if self.same_position > self.target_tokens / 2:
            return "stuck"
        return "unread" if self.little_read > self.source_tokens / 3 else "read"


def best_attending(measured: Mapping[str, Measured]) -> str | None:
    """Return the rung with attention and the highest chrF; the first one of equal ones; None without any."""
    names = [name for name in RUNGS if RUNGS[name].attends and name in measured]
    return max(names, key=lambda name: measured[name].scores["chrf"], default=None)


def chosen_rows(sentences: Sequence[Sentence]) -> tuple[int, int] | None:
    """Return the rows with the highest and the lowest chrF, the first ones of equal ones.

    Sentences with too few or too many tokens are left out; None without two different sentences.
    """
    rows = [
        row
        for row, sentence in enumerate(sentences)
        if all(LEAST_TOKENS <= count <= MOST_TOKENS for count in sentence[1:])
    ]
    if len(rows) < 2:
        return None
    good = max(rows, key=lambda row: sentences[row].chrf)
    return good, min((row for row in rows if row != good), key=lambda row: sentences[row].chrf)


def attention_of(aligned: Aligned) -> Attention:
    """Return what can be read from the weights of a sentence."""
    received = [sum(column) for column in zip(*aligned.weights, strict=True)]
    ends = len(aligned.source_tokens) - (aligned.source_tokens[-1] == _END)
    largest = [max(range(len(row)), key=row.__getitem__) for row in aligned.weights]
    return Attention(
        len(aligned.source_tokens),
        len(aligned.target_tokens),
        sum(weight < LITTLE_WEIGHT for weight in received[:ends]),
        max(map(largest.count, largest)),
    )


def aligned_sentences(rung: str, run: Path) -> Alignments | None:
    """Return the sentences that `chosen_rows` takes of a run's test rows, with their attention."""
    outputs, rows = read_outputs(run), read_kept(split_file(run, "test"))
    if not outputs:
        return None
    import_tensorflow_quietly()
    from seqapp.run_directory import load_run

    task: Any = load_run(run)
    metric, texts = CHRF(), [output["translation"] for output in outputs]
    chrf = [
        metric.sentence_score(text, [row[1]]).score for text, row in zip(texts, rows, strict=True)
    ]
    counts = (_token_counts(task, [row[0] for row in rows]), _token_counts(task, texts))
    chosen = chosen_rows([Sentence(*one) for one in zip(chrf, *counts, strict=True)])
    if chosen is None:
        return None
    good, bad = (_aligned(task, rows[row][0], rows[row][1], chrf[row]) for row in chosen)
    return Alignments(rung, good, bad)


def _token_counts(task: Any, texts: Sequence[str]) -> list[int]:
    import tensorflow as tf

    ids = task.encode_source(tf.constant(texts)).lengths
    return [int(length) - 1 for length in ids.numpy()]


def _aligned(task: Any, source: str, reference: str, chrf: float) -> Aligned:
    import tensorflow as tf

    found = {name: values.numpy()[0] for name, values in task.explain(tf.constant([source])).items()}
    tokens = {
        side: [token.decode("utf-8", "replace") for token in found[f"{side}_tokens"] if token]
        for side in ("source", "target")
    }
    weights = found["alignment"][: len(tokens["target"]), : len(tokens["source"])]
    translation = found["translation"].decode("utf-8", "replace")
    return Aligned(chrf, source, translation, reference, tokens["source"], tokens["target"], weights.tolist())
