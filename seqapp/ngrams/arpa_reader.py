r"""Reader of ARPA files.

An ARPA file has the counts of its n-grams after ``\data\``, a section ``\n-grams:`` per order with lines of
log10 probability, words and log10 back-off weight, and ``\end\``.
"""

import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn

import numpy as np

from seqapp.errors import DataError
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.ngrams.arpa_words import SENTENCE_BEGIN, SENTENCE_END, UNKNOWN, arpa_words
from seqapp.ngrams.backoff_model import HIGHEST_ORDER, BackoffModel
from seqapp.special_ids import BOS_ID, EOS_ID, PAD_ID, UNK_ID

_LEAST_LOG = -100.0  # to base 10; of -inf, and of unknown words without <unk>
_UPPER_UNKNOWN = b"<UNK>"  # in files of some tools
_GZIP = b"\x1f\x8b"
_COUNT = re.compile(rb"ngram\s+(\d{1,2})\s*=\s*(\d{1,15})")
_SHOWN = 60  # bytes of a line in a message


class _Section(NamedTuple):
    """The n-grams of one order as they stand in the file; logarithms to base 10, of at least -100.

    Fields:
        ids: int64 [K, n].
        logs: float64 [K].
        backoffs: float64 [K].
        lines: int64 [K], line numbers.
    """

    ids: np.ndarray
    logs: np.ndarray
    backoffs: np.ndarray
    lines: np.ndarray


def read_arpa(source: Path | BinaryIO, tokens: Sequence[str]) -> BackoffModel:
    """Reads an ARPA file of any tool: UTF-8, fields separated by tabs or spaces, back-off weights optional.

    Tokens that the file does not have get equal parts of the probability of ``<unk>``, UNK among them;
    without ``<unk>`` they have a probability of 1e-100. N-grams with ``<s>`` after the first word, which some
    tools write, and highest orders without n-grams are left out.

    Args:
        source: a file, or an open binary stream; gzip by its first bytes.
        tokens: string of each token id; BOS, EOS and UNK are ``<s>``, ``</s>`` and ``<unk>`` in the file.

    Raises:
        DataError: a file that is missing, cut or wrong, with the line.
        ConfigError: `tokens` are not distinct strings without spaces.
    """
    words = arpa_words(tokens)
    ids = {word: token for token, word in enumerate(words) if token != PAD_ID}
    ids.setdefault(_UPPER_UNKNOWN, UNK_ID)
    with _buffered(source) as file:
        return _model(_Sections(file, _name(source), lambda word: ids.get(word, -1)), words)


def read_arpa_words(source: Path | BinaryIO) -> list[str]:
    """Reads the words of the 1-grams of an ARPA file, in its order; nothing after them.

    Returns:
        The words without ``<s>``, ``</s>`` and ``<unk>``.

    Raises:
        DataError: a file that is missing, cut or wrong up to there, with the line; a word that is not UTF-8.
    """
    found: dict[bytes, int] = {}
    with _buffered(source) as file:
        next(iter(_Sections(file, _name(source), lambda word: found.setdefault(word, len(found)))))
    for word in (SENTENCE_BEGIN, SENTENCE_END, UNKNOWN, _UPPER_UNKNOWN):
        found.pop(word, None)
    try:
        return [word.decode() for word in found]
    except UnicodeDecodeError as error:
        raise DataError(f"{_name(source)}: expected words in UTF-8, got {error.object!r}") from error


def _name(source: Path | BinaryIO) -> str:
    return str(source) if isinstance(source, Path) else str(getattr(source, "name", "stream"))


@contextmanager
def _buffered(source: Path | BinaryIO) -> Iterator[io.BufferedReader]:
    """Open a file, or put a buffer on a stream, which stays open."""
    if isinstance(source, Path):
        try:
            file = source.open("rb")
        except OSError as error:
            raise DataError(f"{source}: cannot be read ({error.strerror})") from error
        with file:
            yield file
    else:
        buffered = io.BufferedReader(source)  # type: ignore[type-var]
        try:
            yield buffered  # type: ignore[misc]
        finally:
            buffered.detach()


class _Sections:
    """The sections of an ARPA file, read in turn."""

    def __init__(self, file: io.BufferedReader, name: str, id_of: Callable[[bytes], int]) -> None:
        self._name = name
        self._id_of = id_of  # -1 for an unexpected word
        self._number = 0
        self._lines = self._unpacked(file)

    def __iter__(self) -> Iterator[_Section]:
        for line in self._lines:
            if line == b"\\data\\":
                break
        else:
            self.refuse("the file ends without a line \\data\\; is it an ARPA file?", self._number)
        counts, line = self._counts()
        for order, count in enumerate(counts, start=1):
            if line != b"\\%d-grams:" % order:
                self.refuse(f"expected \\{order}-grams:, got {_shown(line)}", self._number)
            section, line = self._section(order, count)
            yield section
        if line != b"\\end\\":
            self.refuse(f"expected \\end\\, got {_shown(line)}", self._number)

    def refuse(self, what: str, line: int) -> NoReturn:
        """Raises `DataError` with the name of the file and the line."""
        raise DataError(f"{self._name}, line {line}: {what}")

    def _unpacked(self, file: io.BufferedReader) -> Iterator[bytes]:
        """Yields lines that are not empty, without spaces at either end."""
        try:
            packed = file.peek(len(_GZIP)).startswith(_GZIP)
            for line in gzip.GzipFile(fileobj=file) if packed else file:
                self._number += 1
                if line := line.strip():
                    yield line
        except (OSError, EOFError, zlib.error) as error:
            self.refuse(f"the file is damaged after this line ({error}); copy it again", self._number)

    def _next(self) -> bytes:
        line = next(self._lines, None)
        if line is None:
            self.refuse("the file ends without a line \\end\\; copy it again", self._number)
        return line

    def _counts(self) -> tuple[list[int], bytes]:
        """Counts of n-grams of each order, and the line after them."""
        counts: list[int] = []
        while match := _COUNT.fullmatch(line := self._next()):
            counts.append(int(match[2]))
            if int(match[1]) != len(counts):
                self.refuse(f"expected the number of {len(counts)}-grams, got {_shown(line)}", self._number)
        if not 1 <= len(counts) <= HIGHEST_ORDER:
            self.refuse(f"expected 1 to {HIGHEST_ORDER} orders, got {len(counts)}", self._number)
        return counts, line

    def _section(self, order: int, count: int) -> tuple[_Section, bytes]:
        """The n-grams of an order, and the line after them."""
        ids: list[list[int]] = []
        logs: list[float] = []
        backoffs: list[float] = []
        numbers: list[int] = []
        while (line := self._next())[:1] != b"\\":
            log, words, backoff = self._fields(line, order)
            ids.append(words)
            logs.append(log)
            backoffs.append(backoff)
            numbers.append(self._number)
        if len(ids) != count:
            self.refuse(f"expected {count} {order}-grams, as \\data\\ says, got {len(ids)}", self._number)
        array = np.array(ids, np.int64).reshape(-1, order)
        return _Section(array, np.array(logs), np.array(backoffs), np.array(numbers, np.int64)), line

    def _fields(self, line: bytes, order: int) -> tuple[float, list[int], float]:
        """Log-probability, token ids and back-off weight of a line."""
        fields = line.split()
        if len(fields) not in {order + 1, order + 2}:
            expected = f"expected a log-probability, {order} word(s) and perhaps a back-off weight"
            self.refuse(f"{expected}, got {_shown(line)}", self._number)
        try:
            log, backoff = float(fields[0]), float(fields[order + 1]) if len(fields) > order + 1 else 0.0
        except ValueError:
            self.refuse(f"expected numbers around {order} word(s), got {_shown(line)}", self._number)
        if not log <= 0.0 or not backoff < np.inf:
            self.refuse(f"expected a log-probability of at most 0, got {_shown(line)}", self._number)
        words = [self._id_of(word) for word in fields[1 : order + 1]]
        if min(words) < 0:
            word = _shown(fields[1 + words.index(-1)])
            self.refuse(f"expected words of the vocabulary, got {word}; is it another model's?", self._number)
        return max(log, _LEAST_LOG), words, max(backoff, _LEAST_LOG)


def _model(sections: _Sections, words: list[bytes]) -> BackoffModel:
    size = len(words)
    model = BackoffModel(size, [], [], [])
    for order, whole in enumerate(sections, start=1):
        section = _without_later_begins(whole)
        keys, places = _sorted_keys(sections, section, model)
        logs = (section.logs[places] * np.log(10)).astype(np.float32)
        backoffs = (section.backoffs[places] * np.log(10)).astype(np.float32)
        if order == 1:
            logs, backoffs = _unigrams(keys, logs, backoffs, len(words))
            for token in (BOS_ID, EOS_ID):
                if token not in keys:
                    word = words[token].decode()
                    sections.refuse(f"expected {word} above, got none", int(section.lines.max(initial=0)))
        else:
            model.keys.append(keys)
        model.log_probabilities.append(logs)
        model.backoffs.append(backoffs)
    model.backoffs.pop()  # nothing is longer than the highest order
    return model.without_empty_orders()


def _without_later_begins(section: _Section) -> _Section:
    """The n-grams that do not have ``<s>`` after the first word: it is never predicted."""
    stays = (section.ids[:, 1:] != BOS_ID).all(axis=1)
    return _Section(*(column[stays] for column in section))


def _sorted_keys(
    sections: _Sections, section: _Section, model: BackoffModel
) -> tuple[np.ndarray, np.ndarray]:
    """Rising keys of the n-grams of a section, and the place of each in the section."""
    numbers = section.ids[:, 0]
    for order, tokens in enumerate(section.ids.T[1:], start=2):
        wanted = numbers * model.vocabulary_size + tokens
        if order > len(model.keys) + 1:
            numbers = wanted  # the last token: the keys
            break
        keys = np.append(model.keys[order - 2], -1)
        numbers = np.searchsorted(keys[:-1], wanted)
        missing = keys[numbers] != wanted
        if missing.any():
            line = int(section.lines[missing][0])
            sections.refuse(f"the {order}-gram that this n-gram begins with is missing", line)
    places = np.argsort(numbers, kind="stable")
    keys = numbers[places]
    again = np.flatnonzero(keys[1:] == keys[:-1])
    if len(again):
        sections.refuse("the n-gram occurs twice", int(section.lines[places[again[0] + 1]]))
    return keys, places


def _unigrams(
    ids: np.ndarray, logs: np.ndarray, backoffs: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities and back-off weights float32 [V] from those of the unigrams of a file."""
    found = np.full([size], _LEAST_LOG * np.log(10), np.float32)
    found[ids] = logs
    missing = ~np.isin(np.arange(size), [*ids, PAD_ID, BOS_ID])
    if not missing[UNK_ID]:
        missing[UNK_ID] = True
        found[missing] = found[UNK_ID] - np.log(missing.sum())
    found[[PAD_ID, BOS_ID]] = LARGE_NEGATIVE
    weights = np.zeros([size], np.float32)
    weights[ids] = backoffs
    return found, weights


def _shown(text: bytes) -> str:
    """The beginning of a line or word for a message."""
    return repr(text[:_SHOWN].decode("utf-8", "replace"))
