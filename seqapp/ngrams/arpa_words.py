"""Words of ARPA files for token ids."""

import re
from collections.abc import Sequence

from seqapp.errors import ConfigError
from seqapp.ngrams.backoff_model import check_vocabulary_size
from seqapp.special_ids import BOS_ID, EOS_ID, PAD_ID, UNK_ID

SENTENCE_BEGIN, SENTENCE_END, UNKNOWN = b"<s>", b"</s>", b"<unk>"
_SPECIAL = {BOS_ID: SENTENCE_BEGIN, EOS_ID: SENTENCE_END, UNK_ID: UNKNOWN}
_SEPARATOR = re.compile(rb"[\0\t-\r ]")


def arpa_words(tokens: Sequence[str]) -> list[bytes]:
    """The word of each token id in UTF-8; ``<s>``, ``</s>`` and ``<unk>`` for BOS, EOS and UNK.

    Args:
        tokens: string of each token id; those of the special ids are not read. PAD has no word.

    Raises:
        ConfigError: a token that is empty, has ASCII whitespace or NUL in it, or occurs twice.
    """
    check_vocabulary_size(len(tokens))
    words = [token.encode() for token in tokens]
    words[PAD_ID] = b""
    for special, word in _SPECIAL.items():
        words[special] = word
    ids: dict[bytes, int] = {}
    for token_id, word in enumerate(words[PAD_ID + 1 :], start=PAD_ID + 1):
        if not word or _SEPARATOR.search(word):
            raise ConfigError(
                f"tokens: expected strings without whitespace, which separates words in ARPA files;"
                f" got {tokens[token_id]!r} for id {token_id}"
            )
        if ids.setdefault(word, token_id) != token_id:
            raise ConfigError(f"tokens: expected distinct strings, got {word.decode()!r} for two ids")
    return words
