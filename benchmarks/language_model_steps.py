"""``python -m benchmarks.language_model_steps --run RUN``: completions beside their matrix products.

Of an n-gram model, whose completions have no matrix products, `score` beside KenLM with the same n-grams.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.interleaved_rounds import PAUSE_SECONDS, measure_in_turn, ratio, spent_by
from benchmarks.whole_numbers import positive
from seqapp.errors import ConfigError, SeqAppError
from seqapp.startup import import_tensorflow_quietly

BATCHES = (32, 1)
_PROMPT_WORDS = 2


@dataclass(frozen=True)
class Step:
    """A row of the table.

    Attributes:
        subject: what was measured.
        tokens: of each round.
        ms: milliseconds per token, median.
        peer_ms: the same of the peer: the matrix products alone, or KenLM.
        ratio: median over the rounds of our time divided by the peer's.
    """

    subject: str
    tokens: int
    ms: float
    peer_ms: float
    ratio: float


def measured_completions(task, prompts: Sequence[str], rounds: int, pause: float = PAUSE_SECONDS) -> Step:
    """Measure greedy completions of one batch beside the products of their steps.

    Args:
        task: a language model with a network.
        prompts: the batch.
        rounds: measurements of each.
        pause: seconds before each.
    """
    from benchmarks.language_model_products import completion_products
    from benchmarks.matrix_products import products_alone

    if not task.has_network:
        raise ConfigError("--run: an n-gram model has no matrix products; expected a network")
    # A space at the end, so that the search spells no word of the prompt anew.
    prompts = [f"{prompt} " for prompt in prompts]

    def complete():
        return task.answers_of(prompts, batch_size=len(prompts))["completion"]

    texts = [text.decode("utf-8") for text in complete()]
    most = task.config.limits.completion_tokens
    counts = [min(count, most) for count in _tokens(task, texts)]
    read = _tokens(task, prompts)  # EOS, which the model does not read, in the place of BOS
    products = products_alone(completion_products(task.config.model, task.subwords.size, read, counts))
    subjects = {"complete": lambda: spent_by(complete), "products": lambda: spent_by(products)}
    return _step(f"`complete`, batch {len(prompts)}", sum(counts), subjects, rounds, pause)


def measured_score(task, texts: Sequence[str], rounds: int, pause: float = PAUSE_SECONDS) -> Step:
    """Measure the probabilities of texts by our look-up, from text on, beside KenLM, from tokens on.

    Args:
        task: an n-gram model.
        texts: in batches of 32.
        rounds: measurements of each.
        pause: seconds before each.

    Raises:
        ConfigError: KenLM is not installed.
    """
    from benchmarks.kenlm_peer import MISSING, is_installed, kenlm_of_task, token_texts

    if not is_installed():
        raise ConfigError(MISSING)
    found = task.scores_of(texts)
    tokens = token_texts(task, texts)
    with tempfile.TemporaryDirectory() as directory:
        peer, _ = kenlm_of_task(task, Path(directory))
    subjects = {
        "score": lambda: spent_by(lambda: task.scores_of(texts)),
        "KenLM": lambda: spent_by(lambda: peer.log_probabilities(tokens)),
    }
    return _step("`score`, KenLM", int(found.tokens.sum()), subjects, rounds, pause)


def table(rows: Sequence[Step]) -> list[str]:
    """Return a Markdown table."""
    return [
        "| measured | tokens | ms per token | products or KenLM, ms per token | ratio |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {row.subject} | {row.tokens:,} | {row.ms:.4f} | {row.peer_ms:.4f} | {row.ratio:.2f} |"
            for row in rows
        ),
    ]


def main(argv: list[str] | None = None) -> int:
    """Measure, print a table and, as the last line, JSON. Returns the exit code."""
    arguments = _parser().parse_args(argv)
    import_tensorflow_quietly()
    from benchmarks.kenlm_peer import MISSING, is_installed
    from benchmarks.language_models.measure import language_model_of
    from seqapp.run_directory import split_file
    from training.data.kept_rows import read_kept

    try:
        task = language_model_of(arguments.run)
        texts = [row[0] for row in read_kept(split_file(arguments.run, "test"), arguments.texts)]
        rows = []
        if task.has_network:
            prompts = [" ".join(text.split()[:_PROMPT_WORDS]) for text in texts]
            for size in BATCHES:
                rows.append(measured_completions(task, prompts[:size], arguments.rounds))
        elif is_installed():
            rows.append(measured_score(task, texts, arguments.rounds))
        else:
            print(MISSING, file=sys.stderr)
    except SeqAppError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join(table(rows)))
    print(json.dumps([asdict(row) for row in rows]))
    return 0


def _tokens(task, texts: Sequence[str]) -> list[int]:
    """Return the number of tokens of each text, EOS included."""
    return task.subwords.encode(list(texts)).row_lengths().numpy().tolist()


def _step(subject: str, tokens: int, subjects, rounds: int, pause: float) -> Step:
    for work in subjects.values():
        work()  # traces
    ours, peers = measure_in_turn(subjects, rounds, pause).values()
    ms, peer_ms = (statistics.median(one.seconds for one in spent) * 1000 / tokens for spent in (ours, peers))
    return Step(subject, tokens, round(ms, 5), round(peer_ms, 5), round(ratio(peers, ours), 3))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.language_model_steps",
        description="Measure greedy completions of a network, in batches of 32 and 1, beside the matrix "
        "products of the same steps alone; of an n-gram model score beside KenLM with the same n-grams.",
        allow_abbrev=False,
    )
    parser.add_argument("--run", type=Path, required=True, help="run of a language model with test rows")
    parser.add_argument(
        "--texts", type=positive, default=512, help="test texts for prompts and score (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=positive, default=9, help="rounds (default: %(default)s)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
