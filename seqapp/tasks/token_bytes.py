"""The text of each token of a subword vocabulary, as bytes."""

import numpy as np
import sentencepiece

from seqapp.decoding.starts_with import NO_BYTE, TokenBytes
from seqapp.text.subwords import Subwords

_SPACE_MARK = "▁"
_SPACE = ord(" ")


def token_bytes(subwords: Subwords, most: int) -> TokenBytes:
    """The first `most` bytes of the text of each token.

    Special tokens have none, nor has the byte token that no well-formed UTF-8 contains.
    """
    processor = sentencepiece.SentencePieceProcessor(model_proto=subwords.model)
    table = np.full([subwords.size, most], NO_BYTE, np.uint8)
    lengths = np.zeros([subwords.size], np.int32)
    for token in range(subwords.size):
        text = _text(processor, token)[:most]
        table[token, : len(text)] = list(text)
        lengths[token] = len(text)
    return TokenBytes(table, lengths)


def spaces_at_ends(tokens: TokenBytes) -> tuple[np.ndarray, np.ndarray]:
    """Whether each token begins with a space, and whether it ends in one, bool [V] each."""
    table, lengths = np.asarray(tokens.bytes), np.asarray(tokens.lengths)
    last = np.take_along_axis(table, np.maximum(lengths - 1, 0)[:, None], axis=1)[:, 0]
    return (lengths > 0) & (table[:, 0] == _SPACE), (lengths > 0) & (last == _SPACE)


def _text(processor: sentencepiece.SentencePieceProcessor, token: int) -> bytes:
    if processor.is_control(token) or processor.is_unknown(token):
        return b""
    piece = processor.id_to_piece(token)
    if processor.is_byte(token):  # <0xEC>
        return bytes([int(piece[1:-1], 16)]).replace(bytes([NO_BYTE]), b"")
    return piece.replace(_SPACE_MARK, " ").encode("utf-8")
